import { compile, type Tensor, tensor, zeros } from 'typegrad'
import { hostNormal, hostRandom, ops } from 'typegrad/core'
import type { Layer } from 'typegrad/layers'
import type { Quantiles } from '../baselines/baseline.ts'
import { quantileOf } from '../baselines/simulate.ts'
import type { CandidateName } from '../names.ts'
import type { Forecaster, ForecastTask, Past, WorkOptions } from '../task.ts'
import { DeepAR } from './deep-ar.ts'
import { learnedWindows, type Reading, readReading, readWeights, savedNetwork } from './learned-windows.ts'
import { weightsOf } from './saved-weights.ts'
import { trainNetwork } from './train-network.ts'

const name: CandidateName = 'DeepAR'

/** Futures that are drawn of each window, and windows at once. */
const [paths, rowsAtOnce] = [100, 32]
const leastDeviation = 1e-3

/** What the network tells: (…, 2) → means and deviations (…). */
function distributionOf(out: Tensor): { readonly mean: Tensor; readonly deviation: Tensor } {
  const [mean, raw] = ops.split(out, 2, -1) as [Tensor, Tensor]
  return { mean: ops.squeeze(mean, -1), deviation: ops.softplus(ops.squeeze(raw, -1)).add(leastDeviation) }
}

/** Values of all steps but the last beside what is known of all but the first: what tells each value but the first. */
function sequenceOf(values: Tensor, [, known, fixed]: readonly Tensor[]): Tensor {
  const [rows = 0, steps = 0] = values.shape
  const beside = known as Tensor
  const own = ops.slice(beside, [0, 1, 0], [rows, steps - 1, beside.shape[2] as number])
  return ops.concat(
    [
      ops.slice(values, [0, 0], [rows, steps - 1]).expandDims(-1),
      own,
      ...(fixed === undefined
        ? []
        : [ops.broadcastTo(fixed.expandDims(1), [rows, steps - 1, fixed.shape[1] as number])]),
    ],
    -1,
  )
}

/** Trains DeepAR by the likelihood of each value after those before it; undefined where the windows are too few. */
export async function fitDeepAR(
  task: ForecastTask,
  pasts: readonly Past[],
  work: WorkOptions,
): Promise<Forecaster | undefined> {
  const learned = learnedWindows(task, pasts)
  if (learned === undefined) return undefined
  const { windows, features, cutter } = learned
  const layer = new DeepAR({})
  const together = (inputs: readonly Tensor[], targets: Tensor): Tensor =>
    ops.concat([inputs[0] as Tensor, targets], 1)
  await trainNetwork(
    {
      cutter,
      windows,
      loss: (inputs, targets) => {
        const values = together(inputs, targets)
        const [rows = 0, steps = 0] = values.shape
        const { mean, deviation } = distributionOf(
          layer.apply(sequenceOf(values, inputs), { training: true }),
        )
        const z = ops
          .slice(values, [0, 1], [rows, steps - 1])
          .sub(mean)
          .div(deviation)
        // −log of the normal density, but for a constant.
        return ops.log(deviation).add(z.square().mul(0.5)).mean() as Tensor
      },
      prepare: ({ inputs, targets }) => {
        layer.apply(sequenceOf(together(inputs, targets), inputs))
        return layer.trainableWeights
      },
    },
    work,
  )
  return deepARForecaster(task, {
    features,
    cutter,
    layer,
    weights: await weightsOf(layer as unknown as Layer<never>),
  })
}

interface DeepARParts extends Reading {
  readonly layer: DeepAR
  readonly weights: Float32Array
}

function deepARForecaster({ horizon, levels }: ForecastTask, parts: DeepARParts): Forecaster {
  const { features, cutter, layer, weights } = parts
  const begin = compile((x: Tensor) => {
    const [, states] = layer.follow(x)
    return states.map((state) => ops.repeat(state, paths, 0))
  })
  const follow = compile((value: Tensor, beside: Tensor, ...states: Tensor[]) => {
    const x = ops.concat([value, ops.repeat(beside, paths, 0)], -1).expandDims(1)
    const [out, next] = layer.follow(x, states)
    const { mean, deviation } = distributionOf(out)
    return [mean, deviation, ...next]
  })
  /** Futures of a batch in its scale: rows × paths × horizon. */
  const drawn = async (
    inputs: readonly Tensor[],
    rows: number,
    normal: () => number,
  ): Promise<Float32Array> => {
    const { length } = cutter
    const [past, known, fixed] = inputs as [Tensor, Tensor, Tensor?]
    const columns = known.shape[2] as number
    const seen = ops.slice(known, [0, 0, 0], [rows, length, columns])
    let states = (await begin(
      sequenceOf(past, [past, seen, ...(fixed === undefined ? [] : [fixed])]),
    )) as readonly Tensor[]
    const futures = new Float32Array(rows * paths * horizon)
    // Values are in the scale of the last, which is 0.
    let values = new Float32Array(rows * paths)
    for (let k = 0; k < horizon; k++) {
      const own = ops.slice(known, [0, length + k, 0], [rows, 1, columns]).reshape([rows, columns])
      const beside = fixed === undefined ? own : ops.concat([own, fixed], -1)
      const outputs = await follow(tensor(values, { shape: [rows * paths, 1] }), beside, ...states)
      const [mean, deviation] = outputs as readonly Tensor[] as readonly [Tensor, Tensor]
      const means = Array.from(await mean.data(), Number)
      const deviations = Array.from(await deviation.data(), Number)
      states = outputs.slice(2)
      values = Float32Array.from(means, (value, i) => value + (deviations[i] as number) * normal())
      values.forEach((value, i) => {
        futures[i * horizon + k] = value
      })
    }
    return futures
  }
  return {
    name,
    forecast: async (pasts, { seed, signal, deadline }) => {
      const normal = hostNormal(hostRandom(seed, 0xdeea))
      const found: Quantiles[] = []
      const rows = Math.min(rowsAtOnce, pasts.length)
      for (let from = 0; from < pasts.length; from += rows) {
        signal?.throwIfAborted()
        if (performance.now() > deadline) return undefined
        const own = pasts.slice(from, from + rows)
        // Each batch has as many rows, so that one graph serves all.
        const filled = Array.from({ length: rows }, (_, i) => own[Math.min(i, own.length - 1)] as Past)
        const { inputs, last, scale } = cutter.cut(filled)
        const futures = await drawn(inputs, rows, normal)
        own.forEach((_, row) => {
          const sorted = Array.from({ length: horizon }, (__, k) =>
            Float64Array.from(
              { length: paths },
              (___, path) => futures[(row * paths + path) * horizon + k] as number,
            ).sort(),
          )
          found.push(
            levels.map((level) =>
              Float64Array.from(
                sorted,
                (of) => (last[row] as number) + (scale[row] as number) * quantileOf(of, level),
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
export function readDeepAR(task: ForecastTask, saved: unknown): Forecaster {
  const { features, cutter } = readReading(task, saved)
  const layer = new DeepAR({})
  layer.apply(zeros([1, 2, 1 + features.known + features.fixed]))
  const weights = readWeights(layer as unknown as Layer<never>, saved)
  return deepARForecaster(task, { features, cutter, layer, weights })
}
