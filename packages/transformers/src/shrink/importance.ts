import { compile, evaluateAll, type Tensor, type Variable, valueAndGrad } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf, StateError } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import {
  type BlockUnits,
  losesEvenly,
  type Unit,
  type UnitAxis,
  type UnitsByBlock,
  unitsOf,
} from './units.ts'

export interface ImportanceOptions {
  /**
   * Functions that give the loss of a batch each, a scalar. Importance is then how much the loss would change without the
   * unit, to first order. Default: none, and importance is the size of the unit's weights.
   */
  readonly losses?: readonly (() => Tensor)[]
}

const importanceChecks = optionsOf<ImportanceOptions>()({ losses: checks.list })

/** How important each unit is: of each block a number for each unit. */
export interface UnitImportance {
  readonly unit: Unit
  /** Of the units that `numbers` names, in that order. */
  readonly values: readonly (readonly number[])[]
  /** The numbers of the units of each block. */
  readonly numbers: readonly (readonly number[])[]
  /** Whether all blocks have to lose as many. Default: neurons do, heads do not. */
  readonly isEven?: boolean
}

/**
 * How important heads or neurons are. With losses: the mean over batches of |∂L/∂ξ|, where ξ is a mask of the unit that is 1
 * (Michel et al. 2019, https://arxiv.org/abs/1905.10650; Molchanov et al. 2019, https://arxiv.org/abs/1906.10771). It is
 * |Σ w · ∂L/∂w| over the rows of the matrix that reads the unit. Without: the length of all weights of the unit.
 *
 * @throws ArgumentError as `removeHeads`; StateError for weights that adapters compute, where losses are asked.
 * @example
 * const importance = await unitImportance(model, 'heads', { losses: batches.map((batch) => () => lossOf(model, batch)) })
 */
export async function unitImportance(
  model: PretrainedModel,
  unit: Unit,
  options: ImportanceOptions = {},
): Promise<UnitImportance> {
  checkOptions('unitImportance', options, importanceChecks)
  const { losses } = options
  if (losses?.length === 0)
    throw new ArgumentError({
      where: 'unitImportance: losses',
      expected: 'the loss of a batch at least',
      received: 'none',
    })
  const blocks = unitsOf('unitImportance', model, unit)
  const numbers = blocks.map(({ present }) => present)
  const values =
    losses === undefined ? await Promise.all(blocks.map(lengths)) : await derivatives(blocks, losses)
  return { unit, numbers, values, isEven: losesEvenly(model.config, unit) }
}

/** √Σ w² over all weights of each unit. */
async function lengths({ present, axes }: BlockUnits): Promise<readonly number[]> {
  const sums = new Array<number>(present.length).fill(0)
  for (const found of axes.values()) {
    const rows = await rowSums(found, found.weight.value.square())
    for (const place of present.keys())
      for (const row of found.rowsOf(place)) sums[place] = (sums[place] ?? 0) + (rows[row] as number)
  }
  return sums.map(Math.sqrt)
}

async function derivatives(
  blocks: readonly BlockUnits[],
  losses: readonly (() => Tensor)[],
): Promise<readonly (readonly number[])[]> {
  const readers = blocks.map(({ axes }) => [...axes.values()].find(isReader) as UnitAxis)
  const weights: readonly Variable[] = readers.map(({ weight }) => weight)
  const adapted = weights.find(({ definition }) => definition !== undefined)
  if (adapted !== undefined) {
    throw new StateError({
      where: 'unitImportance',
      expected: 'weights that hold their values themselves',
      received: `'${adapted.name}', which adapters compute`,
      fix: 'Merge them first: mergeAdapters(model).',
    })
  }
  const sums = blocks.map(({ present }) => new Array<number>(present.length).fill(0))
  for (const loss of losses) {
    const { grads } = await compile(() => valueAndGrad(loss, weights))()
    await evaluateAll(grads as Tensor[])
    for (const [block, reader] of readers.entries()) {
      const rows = await rowSums(reader, reader.weight.value.mul(grads[block] as Tensor))
      for (const place of sums[block]?.keys() ?? []) {
        const along = reader.rowsOf(place).reduce((sum, row) => sum + (rows[row] as number), 0)
        const own = sums[block] as number[]
        own[place] = (own[place] as number) + Math.abs(along) / losses.length
      }
    }
  }
  return sums
}

/** The matrix (inputs, outputs) whose inputs the units are. */
const isReader = ({ weight, axis }: UnitAxis): boolean => weight.shape.length === 2 && axis === 0

/** Sums over all axes but the units'. */
async function rowSums({ axis }: UnitAxis, x: Tensor): Promise<Float32Array> {
  const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]))
  return (await (others.length === 0 ? x : x.sum(others)).data()) as Float32Array
}

/**
 * The least important share of units, for `removeHeads` and `removeNeurons`. Of neurons, and of heads of
 * decoders, as many of each block; of other heads those that are least important in all of the model, where each block keeps one
 * at least.
 *
 * @param share from 0 to 1, without 1.
 * @throws ArgumentError for a share that is none, or with which nothing or everything would go.
 */
export function leastImportant(importance: UnitImportance, share: number): UnitsByBlock {
  const { unit, values, numbers, isEven = unit === 'neurons' } = importance
  const total = values.reduce((sum, { length }) => sum + length, 0)
  const count = Math.round(share * (isEven ? (values[0]?.length ?? 0) : total))
  const most = isEven ? (values[0]?.length ?? 1) - 1 : total - values.length
  if (!(count >= 1 && count <= most)) {
    throw new ArgumentError({
      where: 'leastImportant: share',
      expected: `a share that takes 1 to ${most} ${unit}${isEven ? ' of each block' : ', and leaves one to each block'}`,
      received: `${share}, which takes ${count}`,
    })
  }
  const all = values.map((block, b) =>
    block
      .map((value, i) => ({ block: b, number: numbers[b]?.[i] as number, value }))
      .sort((x, y) => x.value - y.value),
  )
  const chosen = isEven
    ? all.flatMap((block) => block.slice(0, count))
    : all
        .flatMap((block) => block.slice(0, -1))
        .sort((x, y) => x.value - y.value)
        .slice(0, count)
  return Object.fromEntries(
    values.map((_, block) => [
      block,
      chosen
        .filter((one) => one.block === block)
        .map(({ number }) => number)
        .sort((a, b) => a - b),
    ]),
  )
}
