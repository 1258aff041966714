/**
 * `shrink/`: models that are there made smaller: heads and neurons that are removed, and the table of what it costs and
 * brings. It knows `checkpoint/`, `quantize/` and typegrad's doors.
 */
import type { Variable } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { RawConfig } from '../base/config.ts'
import { layerCountOf } from '../checkpoint/drop-layers.ts'
import { readOf } from '../checkpoint/names.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'

/** What can be removed of a block: heads of its attention, or neurons between the two layers of its feed-forward part. */
export type Unit = 'heads' | 'neurons'

/** Which units are meant, by the number of their block, both counted from 0: `{ 0: [1, 3] }`. */
export type UnitsByBlock = Readonly<Record<number, readonly number[]>>

/** The units of one block. */
export interface BlockUnits {
  /** Their numbers. Heads keep the number that they had before any was removed, as in Hugging Face's `pruned_heads`. */
  readonly present: readonly number[]
  /** Places in the weights of this block that belong to units, by the weights' names. */
  readonly axes: ReadonlyMap<string, UnitAxis>
}

/** An axis of a weight along which units follow each other. */
export interface UnitAxis {
  readonly weight: Variable
  readonly axis: number
  /** Of the unit at a place among those that are present: where it stands along the axis. */
  readonly rowsOf: (place: number) => readonly number[]
}

/** The names of the number of neurons in configurations. */
const neuronNames = ['intermediate_size', 'hidden_dim', 'd_ff', 'n_inner'] as const

/**
 * A configuration in which each block has lost the units at some places; of neurons all blocks have to lose as many.
 *
 * @param lost how many of each block; of heads which, by their numbers.
 */
export function configWithout(
  config: RawConfig,
  unit: Unit,
  lost: readonly (readonly number[])[],
): RawConfig {
  if (unit === 'neurons') {
    const { name, count } = neuronsOf(config)
    return { ...config, [name]: count - (lost[0]?.length ?? 0) }
  }
  const before = removedBefore(config)
  const removed = lost.map((heads, block) => [...(before.get(block) ?? []), ...heads].sort((a, b) => a - b))
  const entries = removed.flatMap((heads, block) => (heads.length > 0 ? [[block, heads] as const] : []))
  return { ...config, pruned_heads: Object.fromEntries(entries) }
}

function neuronsOf(config: RawConfig): { readonly name: string; readonly count: number } {
  const name = neuronNames.find((one) => Number.isInteger(config[one]))
  if (name !== undefined) return { name, count: Number(config[name]) }
  // GPT-2 has four times its width where it says nothing.
  if (Number.isInteger(config.n_embd)) return { name: 'n_inner', count: 4 * Number(config.n_embd) }
  throw new ArgumentError({
    where: 'removeNeurons',
    expected: `a model with one of ${neuronNames.join(', ')} in its configuration`,
    received: `'${config.model_type}'`,
  })
}

const removedBefore = ({ pruned_heads: table }: RawConfig): ReadonlyMap<number, readonly number[]> =>
  new Map(Object.entries(table ?? {}).map(([block, heads]) => [Number(block), heads as readonly number[]]))

/** What configurations call the number of heads of a block. */
const headsOf = (config: RawConfig): number =>
  Number(config.num_attention_heads ?? config.n_heads ?? config.n_head ?? config.num_heads)

/** The numbers of the units that each block has. */
function presentIn(model: PretrainedModel, unit: Unit): readonly (readonly number[])[] {
  const { config } = model
  const blocks = Array.from({ length: layerCountOf(model) }, (_, i) => i)
  const all = Array.from(
    { length: unit === 'heads' ? headsOf(config) : neuronsOf(config).count },
    (_, i) => i,
  )
  if (unit === 'neurons') return blocks.map(() => all)
  const removed = removedBefore(config)
  return blocks.map((block) => all.filter((head) => removed.get(block)?.includes(head) !== true))
}

/**
 * Where the units of each block stand in its weights. A model of the same configuration with one unit less tells: what is
 * shorter in it belongs to units, in any architecture.
 *
 * @throws ArgumentError for a model of whose blocks none can be removed.
 */
export function unitsOf(where: string, model: PretrainedModel, unit: Unit): readonly BlockUnits[] {
  const present = presentIn(model, unit)
  const axes = present.map(() => new Map<string, UnitAxis>())
  // A block with a single unit cannot lose it.
  const losing = present.map((units) => (units.length > 1 ? units.slice(-1) : []))
  const config = configWithout(model.config, unit, losing)
  const smaller = new Map(
    new PretrainedModel(config).checkpointWeights.map((named) => [named.name, named.weight.shape]),
  )
  for (const named of model.checkpointWeights) {
    const weight = readOf(named)
    const block = blockOf(named.name)
    const axis = weight.shape.findIndex((size, i) => size !== smaller.get(named.name)?.[i])
    const count = present[block]?.length ?? 0
    if (axis < 0 || count === 0) continue
    const size = weight.shape[axis] as number
    const less = size - (smaller.get(named.name)?.[axis] ?? size)
    axes[block]?.set(named.name, { weight, axis, rowsOf: rowsIn(unit, size, count, less) })
  }
  if (axes.every((found) => found.size === 0)) {
    throw new ArgumentError({
      where,
      expected: `a model with ${unit} that can be removed${unit === 'heads' ? ': BERT, RoBERTa, DistilBERT and those of their layout' : ''}`,
      received: `'${model.config.model_type}'${losing.every(({ length }) => length === 0) ? `, whose blocks have one of them each` : ''}`,
    })
  }
  return present.map((units, block) => ({ present: units, axes: axes[block] as Map<string, UnitAxis> }))
}

/** A head's rows follow each other; neurons of several layers in one matrix, such as a gate's, are its parts. */
function rowsIn(unit: Unit, size: number, count: number, less: number) {
  if (unit === 'heads') return (place: number) => Array.from({ length: less }, (_, i) => place * less + i)
  const parts = size / count
  return (place: number) => Array.from({ length: parts }, (_, part) => part * count + place)
}

/** The first number in a weight's name is its block's. */
const blockOf = (name: string): number => Number(/(?<=\.)\d+(?=\.)/.exec(name)?.[0] ?? -1)
