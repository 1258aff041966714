import { ops, tensor, type Variable } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { readOf } from '../checkpoint/names.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { configWithout, losesEvenly, type Unit, type UnitsByBlock, unitsOf } from './units.ts'

/**
 * A model without some heads of its attention: smaller and faster, and with the outputs that it had with these heads masked
 * (Michel et al. 2019, https://arxiv.org/abs/1905.10650). Of its weights those that stay are copies; the heads that are gone
 * stand in its configuration as `pruned_heads`, as versions of Python's transformers before 5 read them.
 *
 * Heads keep their numbers when others are removed. BERT, RoBERTa, DistilBERT, and GPT-2, of which all blocks lose as many, so that
 * one cache holds for all.
 *
 * Llama and its relatives lose whole groups: a number is that of a head of keys, and the heads that read it go with it. All blocks
 * lose as many, and the configuration has the new numbers, so that any program reads the model; numbers count anew then.
 *
 * @param heads by the number of their block, both from 0.
 * @throws ArgumentError for heads and blocks that are not there, all heads of a block, blocks of a decoder that lose different
 * numbers, and models of another layout.
 * @example
 * const importance = await unitImportance(model, 'heads', { losses })
 * const smaller = removeHeads(model, leastImportant(importance, 0.25))
 */
export const removeHeads = (model: PretrainedModel, heads: UnitsByBlock): PretrainedModel =>
  without('removeHeads', model, 'heads', heads)

/**
 * A model without some neurons of its feed-forward parts: smaller and faster, and with the outputs that it had with these
 * neurons at zero. Its configuration has the new number, so that it is saved and loaded like any other; therefore all blocks
 * lose as many. Encoders and decoders, with gates or without.
 *
 * @param neurons by the number of their block, both from 0, the same number of each.
 * @throws ArgumentError for neurons and blocks that are not there, all neurons, blocks that lose different numbers, and
 * encoder–decoders.
 * @example
 * const smaller = removeNeurons(model, leastImportant(await unitImportance(model, 'neurons'), 0.5))
 */
export const removeNeurons = (model: PretrainedModel, neurons: UnitsByBlock): PretrainedModel =>
  without('removeNeurons', model, 'neurons', neurons)

function without(where: string, model: PretrainedModel, unit: Unit, asked: UnitsByBlock): PretrainedModel {
  const blocks = unitsOf(where, model, unit)
  const lost = blocks.map((_, block) => [...new Set(asked[block] ?? [])])
  const faults = [
    ...Object.keys(asked)
      .filter((block) => blocks[Number(block)] === undefined)
      .map((block) => `block ${block}, of ${blocks.length}`),
    ...lost.flatMap((units, block) => {
      const present = blocks[block]?.present ?? []
      const absent = units.filter((one) => !present.includes(one))
      if (absent.length > 0)
        return [`${unit} ${absent.join(', ')} of block ${block}, which has ${told(present)}`]
      return units.length === present.length ? [`all ${unit} of block ${block}`] : []
    }),
  ]
  if (lost.every(({ length }) => length === 0)) faults.push('none')
  const evenly = losesEvenly(model.config, unit)
  if (evenly && new Set(lost.map(({ length }) => length)).size > 1)
    faults.push(`different numbers of them: ${lost.map(({ length }) => length).join(', ')}`)
  if (faults.length > 0) {
    throw new ArgumentError({
      where: `${where}: ${unit}`,
      expected: `${unit} that are there, not all of a block${evenly ? ', as many of each' : ''}`,
      received: faults.join('; '),
    })
  }
  const smaller = new PretrainedModel(configWithout(model.config, unit, lost))
  smaller.generationConfig = model.generationConfig
  const whole = new Map(model.checkpointWeights.map((named) => [named.name, readOf(named)]))
  const axes = new Map(
    blocks.flatMap((one, block) => [...one.axes].map(([name, axis]) => [name, { axis, block }])),
  )
  for (const { name, weight } of smaller.checkpointWeights) {
    const found = axes.get(name)
    if (found === undefined) {
      weight.assign((whole.get(name) as Variable).value)
      continue
    }
    const { present } = blocks[found.block] as (typeof blocks)[number]
    const kept = present.flatMap((one, place) => (lost[found.block]?.includes(one) ? [] : [place]))
    // In the order of the matrix: its parts, such as those of a gate, stay one behind the other.
    const inOrder = kept.flatMap(found.axis.rowsOf).sort((x, y) => x - y)
    weight.assign(ops.gather(found.axis.weight.value, tensor(inOrder, { dtype: 'int32' }), found.axis.axis))
  }
  return smaller
}

const told = (numbers: readonly number[]): string =>
  numbers.length > 12 ? `${numbers[0]} to ${numbers.at(-1)}` : numbers.join(', ')
