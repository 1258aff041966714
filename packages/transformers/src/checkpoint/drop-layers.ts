import { ArgumentError } from 'typegrad/core'
import type { RawConfig } from '../base/config.ts'
import { PretrainedModel } from './pretrained-model.ts'

/** What configurations call the number of blocks. */
const countNames = ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'] as const

/** @throws ArgumentError for a configuration that has none. */
function countOf(config: RawConfig): { readonly name: string; readonly count: number } {
  const name = countNames.find((one) => Number.isInteger(config[one]))
  if (name !== undefined && config.is_encoder_decoder !== true) return { name, count: Number(config[name]) }
  throw new ArgumentError({
    where: 'dropLayers',
    expected: `an encoder or decoder with ${countNames.join(', ')} in its configuration`,
    received: `'${config.model_type}'${config.is_encoder_decoder === true ? ', which is both' : ''}`,
  })
}

/** How many blocks a model has. @throws ArgumentError for an encoder–decoder. */
export const layerCountOf = ({ config }: Pick<PretrainedModel, 'config'>): number => countOf(config).count

/**
 * A model with some of another one's blocks, whose weights are copies: what DistilBERT began as (every second block, Sanh et al.
 * 2019, https://arxiv.org/abs/1910.01108). It is less good at first; train it further, best beside its teacher
 * (`tasks.distillation`).
 *
 * @param keep which blocks, counted from 0, in their new order: `[0, 2, 4]`.
 * @throws ArgumentError for blocks that the model does not have, none at all, and encoder–decoders.
 * @example
 * const student = dropLayers(teacher, [0, 2, 4])
 */
export function dropLayers(model: PretrainedModel, keep: readonly number[]): PretrainedModel {
  const { name, count } = countOf(model.config)
  const wrong = keep.filter((block) => !Number.isInteger(block) || block < 0 || block >= count)
  if (keep.length === 0 || wrong.length > 0) {
    throw new ArgumentError({
      where: 'dropLayers: keep',
      expected: `one or more blocks from 0 to ${count - 1}`,
      received: keep.length === 0 ? 'none' : wrong.join(', '),
    })
  }
  // Lists with an entry for each block, such as kinds of attention, keep those of the blocks.
  const perBlock = Object.entries(model.config).flatMap(([entry, value]) =>
    Array.isArray(value) && value.length === count && entry !== 'architectures'
      ? [[entry, keep.map((block): unknown => value[block])] as const]
      : [],
  )
  const removed = Object.entries(model.config.pruned_heads ?? {}).flatMap(([block, heads]) =>
    keep.flatMap((from, to) => (from === Number(block) ? [[to, heads] as const] : [])),
  )
  const config = {
    ...model.config,
    ...Object.fromEntries(perBlock),
    ...(removed.length > 0 && { pruned_heads: Object.fromEntries(removed) }),
    [name]: keep.length,
  }
  const student = new PretrainedModel(config)
  student.generationConfig = model.generationConfig
  const given = new Map(model.checkpointWeights.map((named) => [named.name, named.weight]))
  for (const { name: weightName, weight } of student.checkpointWeights) {
    // The first number in a weight's name is its block's.
    const from = weightName.replace(/(?<=\.)\d+(?=\.)/, (block) => String(keep[Number(block)]))
    const source = given.get(from)
    if (source === undefined || String(source.shape) !== String(weight.shape)) {
      throw new ArgumentError({
        where: 'dropLayers',
        expected: `a weight '${from}' of shape [${weight.shape.join(', ')}] in the model`,
        received: source === undefined ? 'none' : `[${source.shape.join(', ')}]`,
      })
    }
    weight.assign(source.value)
  }
  return student
}
