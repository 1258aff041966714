import { type Frame, type RowSource, recipe } from '@typegrad/data'
import { ArgumentError, checkOptions, DataError } from 'typegrad/core'
import { Blend, type Member } from './blend.ts'
import type { LabelledRows } from './candidates/candidate.ts'
import { candidateNames } from './candidates/table.ts'
import { partsOf } from './candidates/task-loss.ts'
import { Ending } from './ending.ts'
import { EnergyUse } from './energy-use.ts'
import { columnRoles } from './features/column-roles.ts'
import { remember } from './features/drift.ts'
import { frameOf } from './features/frame-of.ts'
import { fitCandidates } from './fit-candidates.ts'
import { judge } from './judging/judge.ts'
import { refitMembers } from './refit.ts'
import type { CandidateReport } from './report.ts'
import { blended, blendWeights } from './scores/blend.ts'
import { calibratedAll, calibrationsOf } from './scores/calibration.ts'
import { scoreOf } from './scores/interval.ts'
import {
  labelSets,
  lossOf,
  metricsOf,
  mostLabels,
  type Predictions,
  rankedRows,
  type TrainedTask,
} from './scores/metrics.ts'
import { type Splits, splitRows } from './splits.ts'
import { TableModel } from './table-model.ts'
import { targetCopies } from './tasks/bad-targets.ts'
import { findTask } from './tasks/find-task.ts'
import type { Task } from './tasks/task.ts'
import { noteText, trainNotes } from './train-notes.ts'
import { type TrainOptions, trainChecks } from './train-options.ts'

/**
 * Trains a model of a table: finds out what kind of task the target is, holds rows back to judge by, fits features and models within folds
 * of the others, blends those that do best on watched rows, makes their probabilities true to size, and tells what is reached on the rows
 * that nothing was learned from, with intervals, beside a constant and a linear model. What is kept has in the end learned from all rows.
 *
 * Models are a linear one, gradient-boosted trees of several sizes, and networks: TabM, RealMLP's perceptron, a transformer of features.
 *
 * @param source a path that `readTable` of `@typegrad/data` reads, or rows: an array of objects, columns by name, a `Table`.
 * @throws ArgumentError for options and columns that cannot be; DataError for a target that nothing can be learned from, a feature that is
 * the target under another name, and rows that make no parts.
 * @example
 * const model = await train('churn.csv', { target: 'churn' })
 * console.log(`${model}`)
 * const { values, probabilities } = await model.predict([{ age: 41, plan: 'basic' }])
 */
export async function train(source: string | RowSource, options: TrainOptions): Promise<TableModel> {
  checkOptions('train', options, trainChecks)
  const began = performance.now()
  const { seed = 0, budget = 60, refit = 'all', ignore = [], signal, stop, onProgress } = options
  const ending = new Ending({ deadline: began + 1000 * budget, signal, stop })
  signal?.throwIfAborted()
  const energy = await EnergyUse.begin(options.energy)
  const frame = await frameOf(source)
  for (const name of ignore) frame.column(name, 'train: ignore')
  const found = findTask(frame, options.target, options)
  if (found.targets.length > mostLabels)
    throw new ArgumentError({
      where: 'train: target',
      expected: `at most ${mostLabels} labels`,
      received: `${found.targets.length}`,
    })
  const task = trainedTask(frame, found)
  if (options.costs !== undefined && task.kind !== 'binary')
    throw new ArgumentError({
      where: 'train: costs',
      expected: 'a target of two classes',
      received: `'${task.kind}'`,
    })
  const splits = await splitRows(frame, task, options)
  const places = (of: Uint32Array): Uint32Array => of.map((place) => task.rows[place] as number)
  // A column that divides rows is no feature: groups that come are others, and so are times.
  const dividing = [options.groups, options.time, options.group].filter((name) => name !== undefined)
  const ignored = [...new Set([...task.targets, ...ignore, ...dividing])]
  const roles = columnRoles(frame.rowsAt(places(splits.training)), ignored)
  refuseCopies(frame, task, [...roles.numbers, ...roles.categories])
  const used = new Set([...roles.numbers, ...roles.categories, ...roles.dates, ...roles.texts])
  const features = frame.without(frame.names.filter((name) => !used.has(name)))
  const rowsOf = (of: Uint32Array): LabelledRows => ({
    frame: features.rowsAt(places(of)),
    values: Float64Array.from(of, (place) => task.values[place] as number),
  })
  const test = rowsOf(splits.test)
  const tell = (message: string): void => {
    energy.note()
    onProgress?.(message)
  }
  const { trained, skipped } = await fitCandidates({
    task,
    roles,
    splits,
    rowsOf,
    test,
    names: options.models ?? candidateNames,
    seed,
    ending,
    signal,
    onProgress: tell,
  })

  const loss = lossOf(task)
  const watchedValues = valuesOf(task, splits)
  const watched = trained.map((one) => one.watched)
  const weights = blendWeights(loss, watchedValues, watched)
  const calibration = calibrationsOf(task, watchedValues, blended(watched, weights))
  const scoresOf = (predictions: Predictions) =>
    metricsOf(task).map((metric) => scoreOf(metric, test.values, predictions, seed))
  const { falsePositive, falseNegative } = options.costs ?? { falsePositive: 1, falseNegative: 1 }
  const refitTo = (rows: LabelledRows) =>
    refitMembers(trained, weights, { task, roles, training: rows, seed }, ending, tell)
  const judged = new Blend(
    refit === 'training'
      ? (await refitTo(rowsOf(splits.training))).members
      : trained.flatMap(({ models }, i): Member[] =>
          (weights[i] as number) > 0 ? [{ weight: weights[i] as number, models }] : [],
        ),
  )
  tell('judging')
  // What the folds' models predict of these rows, each candidate has told already.
  const predictions =
    refit === 'training'
      ? await judged.predict(test.frame, calibration)
      : calibratedAll(
          blended(
            trained.map((one) => one.test),
            weights,
          ),
          calibration,
        )
  const threshold = falsePositive / (falsePositive + falseNegative)
  const judgement = await judge({
    task,
    frame: test.frame,
    values: test.values,
    predictions,
    threshold,
    seed,
    predict: (frame) => judged.predict(frame, calibration),
  })
  // What has been judged may learn from the rows that it was judged by: nothing of the judgement depends on it any more.
  const all = Uint32Array.from([...splits.training, ...splits.test]).sort()
  const kept = refit === 'all' ? await refitTo(rowsOf(all)) : undefined
  const remarks = trainNotes({
    missing: task.missing,
    only: onlyClass(task, test.values),
    dropped: roles.dropped,
    skipped,
    end: ending.isStopped ? 'stop' : 'budget',
    budget,
    ...(kept && { learned: { left: kept.left, rows: all.length, training: splits.training.length } }),
  })
  const known = features.rowsAt(places(kept?.left.length === 0 ? all : splits.training))
  const joules = await energy.joules()
  return new TableModel({
    blend: kept === undefined ? judged : new Blend(kept.members),
    schema: await recipe([]).fit(known),
    memories: remember(known, roles),
    report: {
      task: {
        kind: task.kind,
        target: task.targets.join(', '),
        reason: task.reason,
        ...('classes' in task && { classes: task.classes }),
        ...('levels' in task && { levels: task.levels }),
        ...('labels' in task && { labels: task.labels }),
        ...('group' in task && { group: task.group }),
      },
      rows: {
        total: frame.length,
        withoutTarget: task.missing,
        training: splits.training.length,
        test: splits.test.length,
      },
      columns: roles,
      scores: scoresOf(predictions),
      loss: loss.name,
      candidates: trained.map(
        (one, i): CandidateReport => ({
          name: one.name,
          weight: weights[i] as number,
          validationLoss: loss.of(watchedValues, one.watched),
          scores: scoresOf(one.test),
        }),
      ),
      calibration,
      threshold,
      judgement,
      notes: remarks.map((one) => noteText(one, 'en')),
      remarks,
      seconds: (performance.now() - began) / 1000,
      ...(joules !== undefined && { joules }),
    },
  })
}

/** The task with one number a row. */
function trainedTask(frame: Frame, found: Task): TrainedTask {
  if (found.kind === 'labels') return labelSets(found)
  if (found.kind !== 'ranking') return found
  const cells = frame.cells(found.group)
  const numbers = new Map<string, number>()
  const lists = Float64Array.from(found.rows, (row) => {
    const name = String(cells[row])
    const number = numbers.get(name) ?? numbers.size
    numbers.set(name, number)
    return number
  })
  return rankedRows(found, lists)
}

/** @throws DataError for features that are the target under another name. */
function refuseCopies(frame: Frame, task: TrainedTask, features: readonly string[]): void {
  const isNumber = !['binary', 'classes', 'labels'].includes(task.kind)
  const copies = partsOf(task).flatMap(({ targetsOf }) =>
    targetCopies(frame, features, task.rows, targetsOf(task.values), isNumber),
  )
  if (copies.length === 0) return
  const names = copies.map(({ column }) => `'${column}'`).join(', ')
  throw new DataError({
    where: 'train',
    expected: `features that are known before '${task.targets.join("', '")}' is`,
    received: copies
      .map(({ column, message }) => `'${column}', which is the target under another name (${message})`)
      .join('; '),
    fix: `Leave them out: ignore: [${names}].`,
  })
}

/** The class that all of several rows have. */
function onlyClass(task: TrainedTask, values: Float64Array): string | undefined {
  if (task.kind !== 'binary' && task.kind !== 'classes') return undefined
  const [first] = values
  return values.every((value) => value === first) ? String(task.classes[first as number]) : undefined
}

/** The targets of the watched rows, in the order of the folds. */
const valuesOf = (task: TrainedTask, { folds }: Splits): Float64Array =>
  Float64Array.from(
    folds.flatMap(({ test }) => Array.from(test)),
    (place) => task.values[place] as number,
  )
