import type { Category, RowSource } from '@typegrad/data'
import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { frameOf } from './features/frame-of.ts'
import { type Score, scoreOf } from './scores/interval.ts'
import { type JudgedTask, metricsOf, type Predictions } from './scores/metrics.ts'
import type { TableModel, TablePredictions } from './table-model.ts'

export interface EvaluateTableOptions {
  /** Of the draws of rows that intervals are made by. Default 0. */
  readonly seed?: number
}

const evaluateChecks = optionsOf<EvaluateTableOptions>()({ seed: checks.integer })

/** How good a model is on rows that it was not trained on. */
export interface TableEvaluation {
  /** The metrics of the model's report, with intervals of 95 %. */
  readonly scores: readonly Score[]
  /** Rows that were judged. */
  readonly rows: number
  /** Rows without a target, which were left out. */
  readonly withoutTarget: number
  /** Of classes: how many rows of each (first index) were predicted as which (second), in the order of `report.task.classes`. */
  readonly confusion?: readonly (readonly number[])[]
}

/**
 * Judges a model of a table on other rows, by the metrics that it was judged by when it was trained.
 *
 * @param rows with the target's column; rows that lack it are left out.
 * @throws ArgumentError for a model of labels, and rows that lack the target's column; DataError for rows without a target, classes that training did not have, and what `predict` refuses.
 * @example
 * const { scores } = await evaluate(model, await readTable('june.csv'))
 */
export async function evaluate(
  model: TableModel,
  rows: RowSource,
  options: EvaluateTableOptions = {},
): Promise<TableEvaluation> {
  checkOptions('evaluate', options, evaluateChecks)
  const { task } = model.report
  if (task.kind === 'labels' || task.kind === 'ranking')
    throw new ArgumentError({
      where: 'evaluate',
      expected: 'a model of one target of classes or numbers',
      received: `one of '${task.kind}'`,
      fix: 'Its report tells what it reaches on the rows that nothing was learned from.',
    })
  const frame = await frameOf(rows)
  if (!frame.has(task.target))
    throw new ArgumentError({
      where: 'evaluate',
      expected: `rows with the target '${task.target}'`,
      received: `the columns ${frame.names.join(', ')}`,
      fix: 'To predict rows without it, call predict.',
    })
  const { values: cells } = frame.column(task.target)
  const known = Uint32Array.from({ length: frame.length }, (_, row) => row).filter(
    (row) => cells[row] !== null && !Number.isNaN(cells[row]),
  )
  if (known.length === 0)
    throw new DataError({
      where: `evaluate: target '${task.target}'`,
      expected: 'rows with a target',
      received: 'none',
    })
  const values = Float64Array.from(known, (row) => targetOf(cells[row], row, task))
  const predicted = await model.predict(frame.rowsAt(known))
  const predictions = predictionsOf(predicted, task.kind)
  return {
    // What `train` makes has a task that it trains.
    scores: metricsOf({ ...task, kind: task.kind as JudgedTask['kind'] }).map((metric) =>
      scoreOf(metric, values, predictions, options.seed ?? 0),
    ),
    rows: known.length,
    withoutTarget: frame.length - known.length,
    ...(task.classes !== undefined && { confusion: confusionOf(task.classes, values, predicted.values) }),
  }
}

type ReportedTask = TableModel['report']['task']

/** A target as metrics take it: the place of a class, or a number. */
function targetOf(cell: unknown, row: number, { target, classes }: ReportedTask): number {
  const value = classes === undefined ? cell : classes.indexOf(cell as Category)
  if (typeof value === 'number' && Number.isFinite(value) && (classes === undefined || value >= 0))
    return value
  throw new DataError({
    where: `evaluate: target '${target}', row ${row}`,
    expected:
      classes === undefined ? 'a finite number' : `one of the classes ${classes.map(String).join(', ')}`,
    received: JSON.stringify(cell),
  })
}

function predictionsOf(
  { values, probabilities, quantiles }: TablePredictions,
  kind: ReportedTask['kind'],
): Predictions {
  if (quantiles !== undefined) return quantiles
  if (probabilities === undefined) return [Float64Array.from(values as readonly number[])]
  return kind === 'binary' ? probabilities.slice(1) : probabilities
}

function confusionOf(
  classes: readonly Category[],
  values: Float64Array,
  predicted: readonly Category[],
): readonly (readonly number[])[] {
  const places = new Map(classes.map((one, i) => [one, i]))
  const counts = classes.map(() => classes.map(() => 0))
  values.forEach((value, row) => {
    const own = counts[value] as number[]
    const guess = places.get(predicted[row] as Category) as number
    own[guess] = (own[guess] ?? 0) + 1
  })
  return counts
}
