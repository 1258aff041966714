import { isFloating } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, checked, needed, oneOf, optionsOf, share } from '../../base/options.ts'
import { tensor } from '../../tensor/create.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { AnyLayer } from '../base/layer.ts'
import type { WeightFilter } from '../base/weight-paths.ts'
import { adapt, adaptersOf } from './adapt.ts'
import { pruned } from './pruned.ts'

export interface PruneWeightsOptions {
  /** The share of elements that is zero afterwards, from 0 to 1, without 1. Default: `pattern` says it. */
  readonly sparsity?: number
  /** Of so many elements that follow each other along the inputs so many stay: `[2, 4]`, which hardware knows. Default: `sparsity` says it. */
  readonly pattern?: readonly [kept: number, of: number]
  /** Whether each weight loses that share, or all together. Default `'local'`. */
  readonly scope?: 'local' | 'global'
  /** Which weights, by their paths. Default: those that are called kernel. */
  readonly filter?: WeightFilter
}

const pruneChecks = optionsOf<PruneWeightsOptions>()({
  sparsity: share,
  pattern: anything,
  scope: oneOf('local', 'global'),
  filter: anything,
})

/** What is left of a weight. */
export interface PrunedWeight {
  readonly path: string
  /** Elements that are zero. */
  readonly zeros: number
  readonly size: number
}

/** A weight's magnitudes. */
interface Magnitudes {
  readonly path: string
  readonly weight: Variable
  readonly values: Float32Array
}

/**
 * Sets the smallest elements of weights to zero and keeps them there while the model is trained further (`adapters.pruned`).
 * Called again with a higher sparsity, more go: what is zero stays zero. `mergeAdapters` makes it last.
 *
 * Han et al. 2015, https://arxiv.org/abs/1506.02626; n:m: Mishra et al. 2021, https://arxiv.org/abs/2104.08378
 *
 * @throws ArgumentError for a sparsity or pattern that leaves nothing, a pattern that does not divide the inputs, and a filter that fits
 * no weight. Then nothing is changed.
 * @example
 * await pruneWeights(model, { sparsity: 0.5, scope: 'global' })
 * await model.fit(x, y, { epochs: 2 })
 */
export async function pruneWeights(
  layer: AnyLayer,
  options: PruneWeightsOptions,
): Promise<readonly PrunedWeight[]> {
  const {
    sparsity,
    pattern,
    scope = 'local',
    filter = '**/kernel',
  } = checked('pruneWeights', options, pruneChecks)
  const [kept, of] = pattern ?? [1, 2]
  const isPattern = Number.isInteger(kept) && Number.isInteger(of) && kept >= 1 && kept < of
  if ((sparsity === undefined) === (pattern === undefined) || sparsity === 1 || !isPattern) {
    throw new ArgumentError({
      where: 'pruneWeights',
      expected:
        'a sparsity from 0 to below 1, or a pattern such as [2, 4] that keeps one of a group at least and not all',
      received: JSON.stringify({ sparsity, pattern }),
    })
  }
  const wanted = new Set(layer.weightsWhere(filter))
  const paths = [...layer.weightPaths].flatMap(([path, weight]) =>
    wanted.has(weight) && isFloating(weight.dtype) && !path.includes('/pruned/') ? [path] : [],
  )
  const uneven = [...layer.weightPaths].filter(
    ([path, { shape }]) => pattern !== undefined && paths.includes(path) && rowsOf(shape) % of !== 0,
  )
  if (uneven.length > 0) {
    throw new ArgumentError({
      where: 'pruneWeights: pattern',
      expected: `weights with inputs in groups of ${of}`,
      received: uneven.map(([path, { shape }]) => `'${path}' of shape [${shape.join(', ')}]`).join(', '),
    })
  }
  const known = new Set(
    adaptersOf(layer)
      .filter(({ adapter }) => adapter.name === 'pruned')
      .map(({ path }) => path),
  )
  const added = paths.filter((path) => !known.has(path))
  if (added.length > 0) adapt(layer, added, pruned())
  const read = new Map(adaptersOf(layer).map(({ path, weight }) => [path, weight]))
  const found: Magnitudes[] = []
  for (const path of paths) {
    const weight = read.get(path) as Variable
    found.push({
      path,
      weight,
      values: Float32Array.from((await weight.value.data()) as Float32Array, Math.abs),
    })
  }
  const masks =
    pattern === undefined ? lowest(found, sparsity ?? 0, scope) : found.map((one) => inGroups(one, kept, of))
  const masksOf = layer.weightPaths
  return found.map(({ path, weight, values }, i) => {
    const mask = masks[i] as Float32Array
    masksOf.get(`${path}/pruned/mask`)?.assign(tensor(mask).reshape(weight.shape).cast(weight.dtype))
    return { path, size: values.length, zeros: mask.reduce((sum, one) => sum + Number(one === 0), 0) }
  })
}

/** Rows of a kernel (…inputs, outputs) as a matrix. */
const rowsOf = (shape: readonly number[]): number => shape.slice(0, -1).reduce((a, b) => a * b, 1)

/** Masks without the smallest elements, of each weight or of all. */
function lowest(weights: readonly Magnitudes[], sparsity: number, scope: 'local' | 'global'): Float32Array[] {
  const masks = weights.map(({ values }) => new Float32Array(values.length).fill(1))
  const all = weights.map(({ values }, w) => Array.from(values, (value, i) => ({ w, i, value })))
  for (const group of scope === 'global' ? [all.flat()] : all) {
    group.sort((a, b) => a.value - b.value)
    for (const { w, i } of group.slice(0, Math.round(sparsity * group.length)))
      (masks[w] as Float32Array)[i] = 0
  }
  return masks
}

/** A mask that keeps the largest of each group along the rows of a column. */
function inGroups({ weight, values }: Magnitudes, kept: number, of: number): Float32Array {
  const columns = weight.shape.at(-1) as number
  const mask = new Float32Array(values.length)
  for (let start = 0; start < values.length / columns; start += of)
    for (let column = 0; column < columns; column++) {
      const group = Array.from({ length: of }, (_, i) => (start + i) * columns + column)
      group.sort((a, b) => (values[b] as number) - (values[a] as number))
      for (const place of group.slice(0, kept)) mask[place] = 1
    }
  return mask
}

/** Where a sparsity begins and ends. */
export interface CubicSparsityOptions {
  /** The share of zeros at the beginning. Default 0. */
  readonly initial?: number
  /** The share at the end. */
  readonly final: number
}

const cubicChecks = optionsOf<CubicSparsityOptions>()({ initial: share, final: needed(share) })

/**
 * A sparsity that grows fast at first and slowly at last: final + (initial − final) · (1 − t)³, where t goes from 0 to 1.
 *
 * Zhu and Gupta 2017, https://arxiv.org/abs/1710.01878
 *
 * @param progress t; kept from 0 to 1.
 * @example
 * for (let epoch = 0; epoch < 10; epoch++) {
 *   await pruneWeights(model, { sparsity: cubicSparsity(epoch / 9, { final: 0.8 }) })
 *   await model.fit(x, y)
 * }
 */
export function cubicSparsity(progress: number, options: CubicSparsityOptions): number {
  const { initial = 0, final } = checked('cubicSparsity', options, cubicChecks)
  const t = Math.min(Math.max(progress, 0), 1)
  return final + (initial - final) * (1 - t) ** 3
}
