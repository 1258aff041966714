/**
 * `shrink/`: models that are there made smaller: heads and neurons that are removed, and the table of what it costs and
 * brings. It knows `checkpoint/`, `quantize/` and typegrad's doors.
 */
import type { Variable } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { layerCountOf } from '../checkpoint/drop-layers.ts'
import { readOf } from '../checkpoint/names.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { llamaConfig } from '../models/llama-config.ts'
import { llamaRelatives } from '../models/llama-relatives.ts'

/** What can be removed of a block: heads of its attention, or neurons between the two layers of its feed-forward part. */
export type Unit = 'heads' | 'neurons'

/**
 * Which units are meant, by the number of their block, both counted from 0: `{ 0: [1, 3] }`. Where several heads share keys (Llama and
 * its relatives), a number is that of a head of keys, and all heads that read it are meant.
 */
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
 * A configuration in which each block has lost the units at some places; where they are lost evenly, all blocks have to lose as
 * many.
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
  const shared = sharedKeysOf(config)
  if (shared !== undefined) {
    const { heads, keyHeads, dim } = shared
    const left = keyHeads - (lost[0]?.length ?? 0)
    return {
      ...config,
      ...{ num_attention_heads: (heads / keyHeads) * left, num_key_value_heads: left, head_dim: dim },
    }
  }
  const before = removedBefore(config)
  const removed = lost.map((heads, block) => [...(before.get(block) ?? []), ...heads].sort((a, b) => a - b))
  const entries = removed.flatMap((heads, block) => (heads.length > 0 ? [[block, heads] as const] : []))
  return { ...config, pruned_heads: Object.fromEntries(entries) }
}

/** Heads of a model whose configuration counts them with those of keys, and none by its number. */
function sharedKeysOf(config: RawConfig) {
  const relative = llamaRelatives.find(({ modelType }) => modelType === config.model_type)
  return relative === undefined ? undefined : llamaConfig(new ConfigReader(config), relative)
}

/** Whether all blocks have to lose as many: the configuration, or the cache of a decoder, has one number for all. */
export const losesEvenly = (config: RawConfig, unit: Unit): boolean =>
  unit === 'neurons' || config.model_type === 'gpt2' || sharedKeysOf(config) !== undefined

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
  const shared = unit === 'heads' ? sharedKeysOf(config) : undefined
  const count = shared?.keyHeads ?? (unit === 'heads' ? headsOf(config) : neuronsOf(config).count)
  const all = Array.from({ length: count }, (_, i) => i)
  if (unit === 'neurons' || shared !== undefined) return blocks.map(() => all)
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
    axes[block]?.set(named.name, {
      weight,
      axis,
      rowsOf: rowsIn(count, less, partsOf(unit, named.name, less)),
    })
  }
  if (axes.every((found) => found.size === 0)) {
    throw new ArgumentError({
      where,
      expected: `a model with ${unit} that can be removed${unit === 'heads' ? ': BERT, RoBERTa, DistilBERT, GPT-2, Llama and its relatives' : ''}`,
      received: `'${model.config.model_type}'${losing.every(({ length }) => length === 0) ? `, whose blocks have one of them each` : ''}`,
    })
  }
  return present.map((units, block) => ({ present: units, axes: axes[block] as Map<string, UnitAxis> }))
}

/**
 * How many layers stand in a matrix one behind the other: queries, keys and values of GPT-2, and a gate with what it is
 * multiplied with, where each neuron has a column in each.
 */
const partsOf = (unit: Unit, name: string, less: number): number =>
  unit === 'neurons' ? less : /\.c_attn\./.test(name) ? 3 : 1

/** Of the unit at a place: its rows in each of the parts, in which units follow each other. */
function rowsIn(count: number, less: number, parts: number) {
  const size = less / parts
  return (place: number): readonly number[] =>
    Array.from({ length: less }, (_, i) => {
      const [part, row] = [Math.floor(i / size), i % size]
      return (part * count + place) * size + row
    })
}

/** The first number in a weight's name is its block's. */
const blockOf = (name: string): number => Number(/(?<=\.)\d+(?=\.)/.exec(name)?.[0] ?? -1)
