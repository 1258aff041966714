/**
 * `quantize/`: weights of few bits for models that are there, and what that costs and brings. It knows `checkpoint/` and
 * typegrad's doors.
 */
import { adapt, adapters, evaluateAll, type WeightFilter } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { type AnyLayer, checks, type PlacedWeight, weightPlaces } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'

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
 * memory, and steps of generation that wait less for it. One matrix after the other, so that no more than one is there twice.
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
    adapt(model, path, adapters.quantized({ ...kept, inputAxes }))
    const parts = weightPlaces<AnyLayer>(model).filter(
      (one) => one.path === path || one.path.startsWith(`${path}/`),
    )
    await evaluateAll(parts.map((part) => part.weight.value))
    paths.push(path)
  }
  return paths
}

function inputAxesOf({ path, weight, layers }: PlacedWeight<AnyLayer>): number | undefined {
  const own = path.slice(path.lastIndexOf('/') + 1)
  return weight.dtype === 'float32' ? matrices[layers.at(-1)?.className ?? '']?.[own] : undefined
}
