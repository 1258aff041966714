import { ops, random, type Tensor, tensor } from 'typegrad/core'
import type { RealMLP } from './real-mlp.ts'

/**
 * What features are centred and multiplied by, so that a robust share of them has size 1: the median, and 1 over the distance between
 * the quartiles; where that is 0, 2 over the range; 0 where all are equal or missing.
 *
 * @param features rows one after another; NaN is missing.
 */
export function inputStatistics(
  features: Float64Array,
  width: number,
): { readonly center: Float32Array; readonly spread: Float32Array } {
  const rows = width === 0 ? 0 : features.length / width
  const [center, spread] = [new Float32Array(width), new Float32Array(width)]
  const column = new Float64Array(rows)
  for (let feature = 0; feature < width; feature++) {
    for (let row = 0; row < rows; row++) column[row] = features[row * width + feature] as number
    const sorted = column.filter(Number.isFinite).sort()
    if (sorted.length === 0) continue
    const at = (share: number): number => {
      const place = share * (sorted.length - 1)
      const below = Math.floor(place)
      const [a, b] = [sorted[below] as number, sorted[Math.min(below + 1, sorted.length - 1)] as number]
      return a + (place - below) * (b - a)
    }
    const quartiles = at(0.75) - at(0.25)
    const size = quartiles > 0 ? quartiles : 0.5 * ((sorted.at(-1) as number) - (sorted[0] as number))
    center[feature] = at(0.5)
    spread[feature] = size > 0 ? 1 / size : 0
  }
  return { center, spread }
}

/** Rows that a bias begins by. */
const mixed = 5

/**
 * Begins a RealMLP by data: what its features are centred and scaled by, kernels so that what each unit gives has deviation 1 over the
 * rows of a batch, and biases so that each unit is 0 at a mean of five of these rows with random shares ("he+5").
 *
 * @param features `rawFeatures` of all rows to learn from.
 * @param batch inputs of some rows.
 */
export async function startRealMLP(
  network: RealMLP,
  features: Float64Array,
  batch: readonly Tensor[],
): Promise<void> {
  const { center, spread } = network.statistics
  const found = inputStatistics(features, center.shape[0] as number)
  center.assign(tensor(found.center))
  spread.assign(tensor(found.spread))
  let x = network.features(batch)
  const rows = x.shape[0] as number
  for (const block of network.blocks) {
    const deviation = ops.std(block.product(x), 0, { keepDims: true })
    const { kernel, bias } = block
    kernel.assign(kernel.value.div(deviation.maximum(1e-30)))
    const units = kernel.shape[1] as number
    const chosen = random.integers([mixed, units], { max: rows })
    const raw = random.uniform([mixed, units]).neg().add(1).log().neg()
    const shares = raw.div(raw.sum(0, { keepDims: true }))
    bias.assign(ops.takeAlongAxis(block.product(x), chosen, 0).mul(shares).sum(0).neg())
    // In training some of it is dropped before the next block sees it.
    x = block === network.head ? x : network.dropped(block.apply(x))
    await x.data()
  }
}
