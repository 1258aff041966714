/**
 * `quantize/`: weights of few bits for models that are there, and what that costs and brings. It knows `checkpoint/` and
 * typegrad's doors.
 */
import { adapters, type Tensor, tensor, type WeightFilter } from 'typegrad'
import { checkOptions, optionsOf, paced } from 'typegrad/core'
import { letPagesGo } from 'typegrad/formats'
import { type AnyLayer, checks, type PlacedWeight, weightPlaces } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { keepQuantized, type QuantizedParts } from './keep-quantized.ts'
import { quantizeValuesWork } from './quantize-values.ts'

export interface QuantizeModelOptions {
  /** Bits of each number. */
  readonly bits: 4 | 8
  /** So many numbers of a row have a scale in common. Default 32. */
  readonly blockSize?: 16 | 32 | 64 | 128 | 256
  /** Whether zero is in the middle of the range, without a zero point for each block. Default true. */
  readonly isSymmetric?: boolean
  /** What products do with what they multiply the weights with: see `adapters.quantized`. Default `'int8'`. */
  readonly activations?: 'int8' | 'float32'
  /** Which weights, by their paths. Default: kernels of dense layers and tables of words. */
  readonly filter?: WeightFilter
}

const quantizeModelChecks = optionsOf<QuantizeModelOptions>()({
  bits: checks.needed(checks.oneOf(4, 8)),
  blockSize: checks.oneOf(16, 32, 64, 128, 256),
  isSymmetric: checks.boolean,
  activations: checks.oneOf('int8', 'float32'),
  filter: checks.anything,
})

/** How many of a matrix's axes are inputs, by the class of its layer. */
const matrices: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Dense: { kernel: 1 },
  Embedding: { embeddings: 0 },
  ReversibleEmbedding: { embeddings: 0 },
}

/**
 * Keeps a model's matrices in 4 or 8 bits a number, in blocks with a scale each, in place: an eighth or a quarter of the
 * memory, and steps of generation that wait less for it. One matrix after the other, so that no more than one is there twice;
 * of a checkpoint that is mapped, pages of matrices are given back to the system.
 *
 * The products are ONNX Runtime's `MatMulNBits`.
 *
 * @returns the paths of the weights that are kept so now.
 * @throws ArgumentError for options that are none, and a filter that fits no weight.
 * @example
 * const model = await fromPretrained('models/smollm2-135m')
 * await quantizeModel(model, { bits: 4 })
 */
export async function quantizeModel(
  model: PretrainedModel,
  options: QuantizeModelOptions,
): Promise<readonly string[]> {
  checkOptions('quantizeModel', options, quantizeModelChecks)
  const { filter, ...kept } = options
  const asked = filter === undefined ? undefined : new Set(model.weightsWhere(filter))
  const paths: string[] = []
  for (const place of weightPlaces<AnyLayer>(model)) {
    const { path, weight } = place
    const inputAxes = inputAxesOf(place)
    if (inputAxes === undefined || asked?.has(weight) === false) continue
    const value = weight.value as Tensor
    const adapter = adapters.quantized({ ...kept, inputAxes })
    keepQuantized(place, adapter, await quantizedParts(value, adapter))
    letPagesGo(value)
    paths.push(path)
  }
  return paths
}

/** What an adapter keeps of a matrix. */
async function quantizedParts(
  value: Tensor,
  { inputAxes, bits, blockSize, isSymmetric }: adapters.Quantized,
): Promise<QuantizedParts> {
  const [first, second] = value.shape as readonly [number, number]
  const values = (await value.data()) as Float32Array
  const isInRows = inputAxes === 0
  const [rows, columns] = isInRows ? [first, second] : [second, first]
  const [rowStride, columnStride] = isInRows ? [second, 1] : [1, second]
  const { packed, scales, zeros } = await paced(
    quantizeValuesWork({ values, rows, columns, rowStride, columnStride }, { bits, blockSize, isSymmetric }),
  )
  const blocks = Math.ceil(columns / blockSize)
  return {
    packed: tensor(packed, { shape: [rows, blocks, (blockSize * bits) / 8] }),
    scales: tensor(scales, { shape: [rows, blocks] }),
    zeros: zeros && tensor(zeros, { shape: [rows, zeros.length / rows] }),
  }
}

function inputAxesOf({ path, weight, layers }: PlacedWeight<AnyLayer>): number | undefined {
  const own = path.slice(path.lastIndexOf('/') + 1)
  return weight.dtype === 'float32' ? matrices[layers.at(-1)?.className ?? '']?.[own] : undefined
}
