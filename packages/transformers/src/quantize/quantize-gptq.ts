import { adapters, evaluateAll, type GptqOptions, gptq, layers } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { type AnyLayer, checks, type PlacedWeight, weightPlaces } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { Part } from '../layers/network.ts'
import { BlockInputs, type CalibrationBatch } from './block-inputs.ts'
import { keepQuantized } from './keep-quantized.ts'
import type { QuantizeModelOptions } from './quantize-model.ts'

export interface QuantizeGptqOptions
  extends Omit<GptqOptions, 'bits'>,
    Pick<QuantizeModelOptions, 'activations' | 'filter'> {
  /** Bits of each number. Default 4. */
  readonly bits?: 4 | 8
}

const quantizeGptqChecks = optionsOf<QuantizeGptqOptions>()({
  bits: checks.oneOf(4, 8),
  blockSize: checks.oneOf(16, 32, 64, 128, 256),
  isSymmetric: checks.boolean,
  actOrder: checks.boolean,
  damping: checks.notNegative,
  activations: checks.oneOf('int8', 'float32'),
  filter: checks.anything,
})

/** A dense layer's kernel. */
interface Kernel {
  readonly path: string
  readonly place: PlacedWeight<AnyLayer>
  readonly layer: layers.Dense
}

/**
 * Keeps the dense layers of a model's blocks in 4 bits a number, in place, rounded so that what they give for some texts
 * changes as little as it can (GPTQ): better than `quantizeModel`, which rounds to the nearest, and kept in the same form, so that
 * products and generation are as fast. Tables of words and heads stay as they are; `quantizeModel(model, { bits: 8 })` afterwards
 * takes these.
 *
 * One block after the other, and in it one product after the other: what a layer is given comes from layers that have been
 * rounded already. Of the texts the states before one block are there at a time, and the sums of one product: 16 · inputs² bytes.
 *
 * Frantar et al. 2022, https://arxiv.org/abs/2210.17323
 *
 * @param calibration batches of what the model takes, by name, such as 128 pieces of text like those that it will read.
 * Padding (`attention_mask`) does not count.
 * @returns the paths of the weights that are kept so now.
 * @throws ArgumentError for options that are none, no batches, an encoder–decoder, and a filter that fits no kernel; DataError for
 * activations that are not finite.
 * @example
 * const takes = model.network.takes.map(({ name }) => name)
 * const batches = texts.map((text) => tokenizer.encodeBatch([text], { truncation: true }).tensors(takes))
 * await quantizeGptq(model, batches, { blockSize: 128 })
 */
export async function quantizeGptq(
  model: PretrainedModel,
  calibration: Iterable<CalibrationBatch> | AsyncIterable<CalibrationBatch>,
  options: QuantizeGptqOptions = {},
): Promise<readonly string[]> {
  checkOptions('quantizeGptq', options, quantizeGptqChecks)
  const { bits = 4, blockSize = 32, isSymmetric = true, actOrder = false, damping = 0.01 } = options
  const { filter, activations = 'int8' } = options
  const batches: CalibrationBatch[] = []
  for await (const batch of calibration) batches.push(batch)
  const reading = new BlockInputs('quantizeGptq', model, batches)
  const kernels = kernelsOf(model, reading.blocks, filter)
  if (kernels.length === 0) {
    throw new ArgumentError({
      where: 'quantizeGptq: filter',
      expected: 'kernels of dense layers in blocks, in float32',
      received: 'a filter that fits none',
    })
  }
  const left = new Set(kernels)
  for (const block of reading.blocks) {
    if (left.size === 0) break
    const own = kernels.filter(({ place }) => place.layers.includes(block as AnyLayer))
    const order = own.length === 0 ? [] : reading.groups(own.map(({ layer }) => layer))
    for (const group of order) {
      const hessian = await reading.hessian(group[0] as layers.Dense)
      for (const layer of group) {
        const kernel = own.find((one) => one.layer === layer) as Kernel
        const parts = await gptq(kernel.place.weight.value, hessian, {
          ...{ bits, blockSize, isSymmetric, actOrder, damping },
        })
        keepQuantized(kernel.place, adapters.quantized({ bits, blockSize, isSymmetric, activations }), parts)
        left.delete(kernel)
      }
    }
    if (left.size > 0) await reading.next()
  }
  await evaluateAll(model.weights.map(({ value }) => value))
  return kernels.map(({ path }) => path)
}

/** Kernels of dense layers within blocks that nothing has adapted. */
function kernelsOf(
  model: PretrainedModel,
  blocks: readonly Part[],
  filter: QuantizeGptqOptions['filter'],
): readonly Kernel[] {
  const asked = filter === undefined ? undefined : new Set(model.weightsWhere(filter))
  const inBlocks = new Set<unknown>(blocks)
  return weightPlaces<AnyLayer>(model).flatMap((place) => {
    const { path, weight } = place
    const layer = place.layers.at(-1)
    const isOwn = layer instanceof layers.Dense && path.endsWith('/kernel') && weight.dtype === 'float32'
    const isWanted = place.layers.some((one) => inBlocks.has(one)) && asked?.has(weight) !== false
    return isOwn && isWanted && weight.shape.length === 2 ? [{ path, place, layer }] : []
  })
}
