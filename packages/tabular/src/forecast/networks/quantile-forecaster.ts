import { compile, type Tensor, tensor, zeros } from 'typegrad'
import { ops } from 'typegrad/core'
import type { Layer } from 'typegrad/layers'
import type { Quantiles } from '../baselines/baseline.ts'
import type { CandidateName } from '../names.ts'
import type { Forecaster, ForecastTask, Past, WorkOptions } from '../task.ts'
import { learnedWindows, type Reading, readReading, readWeights, savedNetwork } from './learned-windows.ts'
import { weightsOf } from './saved-weights.ts'
import { trainNetwork } from './train-network.ts'

/** Makes a network that is given windows of a length, and forecasts a number for each step and level. */
export type MakeNetwork = (shape: {
  readonly horizon: number
  readonly length: number
  readonly outputs: number
}) => Layer<readonly Tensor[]>

/** Windows at once, when they are forecast. */
const rowsAtOnce = 256

/**
 * The mean quantile loss of windows.
 *
 * @param out (rows, horizon, levels).
 * @param targets (rows, horizon).
 */
export function quantileLoss(out: Tensor, targets: Tensor, levels: readonly number[]): Tensor {
  const over = targets.expandDims(-1).sub(out)
  const own = tensor(Float32Array.from(levels), { shape: [1, 1, levels.length] })
  return ops.maximum(over.mul(own), over.mul(own.sub(1))).mean() as Tensor
}

/** Trains a network of all series by its quantile loss; undefined where the windows are too few. */
export async function fitQuantileNetwork(
  name: CandidateName,
  make: MakeNetwork,
  task: ForecastTask,
  pasts: readonly Past[],
  work: WorkOptions,
): Promise<Forecaster | undefined> {
  const learned = learnedWindows(task, pasts)
  if (learned === undefined) return undefined
  const { windows, features, cutter } = learned
  const layer = make({ horizon: task.horizon, length: cutter.length, outputs: task.levels.length })
  await trainNetwork(
    {
      cutter,
      windows,
      loss: (inputs, targets) => quantileLoss(layer.apply(inputs, { training: true }), targets, task.levels),
      prepare: ({ inputs }) => {
        layer.apply(inputs)
        return layer.trainableWeights
      },
    },
    work,
  )
  return quantileForecaster(name, task, {
    features,
    cutter,
    layer,
    weights: await weightsOf(layer as Layer<never>),
  })
}

function quantileForecaster(
  name: CandidateName,
  { horizon, levels }: ForecastTask,
  {
    features,
    cutter,
    layer,
    weights,
  }: Reading & { readonly layer: Layer<readonly Tensor[]>; readonly weights: Float32Array },
): Forecaster {
  const run = compile((...inputs: Tensor[]) => layer.apply(inputs))
  return {
    name,
    forecast: async (pasts, { signal }) => {
      const found: Quantiles[] = []
      for (let from = 0; from < pasts.length; from += rowsAtOnce) {
        signal?.throwIfAborted()
        const { inputs, last, scale } = cutter.cut(pasts.slice(from, from + rowsAtOnce))
        const out = await (await run(...inputs)).data()
        last.forEach((value, row) => {
          found.push(
            levels.map((_, i) =>
              Float64Array.from(
                { length: horizon },
                (__, k) =>
                  value + (scale[row] as number) * (out[(row * horizon + k) * levels.length + i] as number),
              ),
            ),
          )
        })
      }
      return found
    },
    toSaved: () => savedNetwork({ features, cutter }, weights),
  }
}

/** A network that was kept. @throws FormatError for something else. */
export function readQuantileNetwork(
  name: CandidateName,
  make: MakeNetwork,
  task: ForecastTask,
  saved: unknown,
): Forecaster {
  const { features, cutter } = readReading(task, saved)
  const { length } = cutter
  const layer = make({ horizon: task.horizon, length, outputs: task.levels.length })
  const shapes = [
    [1, length],
    [1, length + task.horizon, features.known],
    ...(features.fixed > 0 ? [[1, features.fixed]] : []),
  ]
  layer.apply(shapes.map((shape) => zeros(shape)))
  const weights = readWeights(layer as Layer<never>, saved)
  return quantileForecaster(name, task, { features, cutter, layer, weights })
}
