import { heightsAt, type IsotonicLine, isotonicLine } from './isotonic.ts'
import { hasLabel, lossOf, type Metric, type Predictions, type TrainedTask } from './metrics.ts'
import { bestTemperature, tempered } from './temperature.ts'

/** How probabilities are made true to size: their log-odds or logits divided, or by a line through points. */
export type Calibration =
  | { readonly kind: 'temperature'; readonly temperature: number }
  | ({ readonly kind: 'isotonic' } & IsotonicLine)

/** Parts of the watched rows, of which each judges once what was found on the others. */
const parts = 5
/** Below so many rows of the rarer class steps follow chance. */
const leastRows = 200

/** Predictions of one output that are probabilities, or shares of several, after calibration. */
export const calibrated = (
  predictions: Predictions,
  calibration: Calibration | undefined,
): Float64Array[] => {
  if (calibration === undefined) return predictions.map((of) => of.slice())
  if (calibration.kind === 'temperature') return tempered(predictions, calibration.temperature)
  return predictions.map((of) => heightsAt(calibration, of))
}

/** Predictions after calibration: one of all outputs together, or one for each. */
export const calibratedAll = (
  predictions: Predictions,
  calibration: readonly Calibration[],
): Float64Array[] =>
  calibration.length > 1
    ? predictions.flatMap((of, output) => calibrated([of], calibration[output]))
    : calibrated(predictions, calibration[0])

const byTemperature = (loss: Metric, values: Float64Array, predictions: Predictions): Calibration => ({
  kind: 'temperature',
  temperature: bestTemperature(loss, values, predictions),
})

/** Steps of n rows say nothing of probabilities nearer to 0 and 1 than half a row is. */
function byIsotonic(values: Float64Array, predictions: Predictions): Calibration {
  const edge = 0.5 / values.length
  return { kind: 'isotonic', ...isotonicLine(predictions[0] as Float64Array, values, [edge, 1 - edge]) }
}

/**
 * The calibration with the least loss on rows that it was not found on: a temperature, or for two classes and enough rows isotonic
 * regression where it is better. What is chosen is then found on all rows.
 */
export function bestCalibration(loss: Metric, values: Float64Array, predictions: Predictions): Calibration {
  const positives = values.reduce((sum, value) => sum + Number(value === 1), 0)
  const canStep = predictions.length === 1 && Math.min(positives, values.length - positives) >= leastRows
  if (!canStep) return byTemperature(loss, values, predictions)
  const costs = { temperature: 0, isotonic: 0 }
  for (let part = 0; part < parts; part++) {
    const rows = (isOwn: boolean): Uint32Array =>
      Uint32Array.from({ length: values.length }, (_, row) => row).filter(
        (row) => (row % parts === part) === isOwn,
      )
    const at = (of: Uint32Array) =>
      [
        Float64Array.from(of, (row) => values[row] as number),
        predictions.map((own) => Float64Array.from(of, (row) => own[row] as number)),
      ] as const
    const [others, held] = [at(rows(false)), at(rows(true))]
    costs.temperature += loss.of(held[0], calibrated(held[1], byTemperature(loss, ...others)))
    costs.isotonic += loss.of(held[0], calibrated(held[1], byIsotonic(...others)))
  }
  return costs.isotonic < costs.temperature
    ? byIsotonic(values, predictions)
    : byTemperature(loss, values, predictions)
}

/** How the outputs of a task are calibrated: those of classes together, each label by itself, numbers not at all. */
export function calibrationsOf(
  task: TrainedTask,
  values: Float64Array,
  predictions: Predictions,
): Calibration[] {
  if (task.kind === 'binary' || task.kind === 'classes')
    return [bestCalibration(lossOf(task), values, predictions)]
  if (task.kind !== 'labels') return []
  // Of one label alone the loss is that of two classes.
  return task.labels.map((_, label) =>
    bestCalibration(
      lossOf(task),
      values.map((set) => hasLabel(set, label)),
      [predictions[label] as Float64Array],
    ),
  )
}
