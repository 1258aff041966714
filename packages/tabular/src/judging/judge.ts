import type { Frame } from '@typegrad/data'
import {
  areaUnderRoc,
  hasLabel,
  likeliest,
  lossOf,
  type Predictions,
  type TrainedTask,
} from '../scores/metrics.ts'
import { dependenceOf, importanceOf, type Predictor } from './columns.ts'
import { calibrationBins, curvesOf, thinned } from './curves.ts'
import type { Judgement, Point } from './judgement.ts'
import { rowLosses, shownCell, weakSlices, worstRows } from './weak-rows.ts'

/** Points of what was predicted and what there was. */
const mostPairs = 300

/** What is asked of a model on rows that it has not seen. */
export interface Judging {
  readonly task: TrainedTask
  readonly frame: Frame
  readonly values: Float64Array
  readonly predictions: Predictions
  readonly threshold: number
  readonly seed: number
  readonly predict: Predictor
}

/** Finds out where a model is good and where it is not. */
export async function judge({
  task,
  frame,
  values,
  predictions,
  threshold,
  seed,
  predict,
}: Judging): Promise<Judgement> {
  const loss = lossOf(task)
  // Of a row in a list there is no loss by itself.
  const losses = task.kind === 'ranking' ? undefined : rowLosses(loss, values, predictions)
  const importance = await importanceOf(predict, loss, frame, values, seed)
  return {
    ...byTask(task, values, predictions, threshold),
    importance,
    dependence: await dependenceOf(predict, frame, importance),
    mistakes:
      losses === undefined
        ? []
        : worstRows(
            frame,
            losses,
            importance.slice(0, 5).map(({ column }) => column),
            sayer(task, values, predictions, threshold),
          ),
    slices: losses === undefined ? [] : weakSlices(frame, losses),
    loss:
      losses === undefined
        ? loss.of(values, predictions)
        : losses.reduce((sum, value) => sum + value, 0) / losses.length,
  }
}

const first = (predictions: Predictions): Float64Array => predictions[0] as Float64Array

const guessOf = (task: TrainedTask, predictions: Predictions, row: number, threshold: number): number =>
  task.kind === 'binary'
    ? Number((first(predictions)[row] as number) >= threshold)
    : likeliest(predictions, row)

function byTask(
  task: TrainedTask,
  values: Float64Array,
  predictions: Predictions,
  threshold: number,
): Omit<Judgement, 'importance' | 'dependence' | 'mistakes' | 'slices' | 'loss'> {
  if (task.kind === 'quantiles')
    return {
      coverage: predictions.map(
        (of) => values.filter((value, row) => value <= (of[row] as number)).length / values.length,
      ),
    }
  if (task.kind === 'ranking') return {}
  if (task.kind === 'labels')
    return {
      labels: task.labels.map((_, label) => {
        const own = values.map((set) => hasLabel(set, label))
        const scores = predictions[label] as Float64Array
        return {
          share: own.reduce((sum, value) => sum + value, 0) / own.length,
          auc: areaUnderRoc(own, scores),
        }
      }),
      // Whether what is said of any label is as often so.
      calibration: calibrationBins(
        Float64Array.from(predictions.flatMap((of) => Array.from(of))),
        Float64Array.from(
          predictions.flatMap((_, label) => Array.from(values, (set) => hasLabel(set, label))),
        ),
      ),
    }
  if (task.kind !== 'binary' && task.kind !== 'classes') {
    const pairs = Array.from(values, (value, row): Point => [first(predictions)[row] as number, value])
    return { pairs: thinned(pairs, mostPairs), calibration: calibrationBins(first(predictions), values) }
  }
  const confusion = task.classes.map(() => task.classes.map(() => 0))
  values.forEach((value, row) => {
    const counts = confusion[value] as number[]
    const guess = guessOf(task, predictions, row, threshold)
    counts[guess] = (counts[guess] as number) + 1
  })
  if (task.kind === 'binary')
    return {
      confusion,
      curves: curvesOf(values, first(predictions)),
      calibration: calibrationBins(first(predictions), values),
    }
  // Whether the likeliest class is right as often as its probability says.
  const guesses = Array.from(values, (_, row) => likeliest(predictions, row))
  const sure = Float64Array.from(guesses, (guess, row) => predictions[guess]?.[row] as number)
  const right = Float64Array.from(guesses, (guess, row) => Number(guess === values[row]))
  return { confusion, calibration: calibrationBins(sure, right) }
}

/** What there was in a row and what was predicted, as texts. */
function sayer(task: TrainedTask, values: Float64Array, predictions: Predictions, threshold: number) {
  return (row: number): { readonly actual: string; readonly predicted: string } => {
    const value = values[row] as number
    if (task.kind === 'binary' || task.kind === 'classes') {
      const guess = guessOf(task, predictions, row, threshold)
      const p = first(predictions)[row] as number
      const share = task.kind === 'binary' ? (guess === 1 ? p : 1 - p) : (predictions[guess]?.[row] as number)
      return {
        actual: String(task.classes[value]),
        predicted: `${task.classes[guess]} (${(100 * share).toFixed(0)} %)`,
      }
    }
    if (task.kind === 'labels') {
      const those = (isOwn: (label: number) => boolean): string =>
        task.labels.filter((_, label) => isOwn(label)).join(', ') || '–'
      return {
        actual: those((label) => hasLabel(value, label) === 1),
        predicted: those((label) => (predictions[label]?.[row] as number) >= 0.5),
      }
    }
    const shown = predictions.map((of) => shownCell(of[row]))
    return { actual: shownCell(value), predicted: shown.join(' · ') }
  }
}
