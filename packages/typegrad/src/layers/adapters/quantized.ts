import { ArgumentError } from '../../base/errors.ts'
import { oneOf, optionsOf, wholeFrom } from '../../base/options.ts'
import { formatShape, type Shape, sizeOf } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import {
  type BlockSize,
  dequantize,
  type QuantizeOptions,
  quantize,
  quantizeChecks,
} from '../../ops/quantized.ts'
import { reshape, transpose } from '../../ops/shape.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type AdapterOptions, type AdapterWeight, adapterChecks, WeightAdapter } from './adapter.ts'

export interface QuantizedOptions extends AdapterOptions, QuantizeOptions {
  /**
   * How many of the weight's axes, from the first on, are inputs, along which blocks go: 1 for kernels of dense layers,
   * (inputs, outputs). 0 for tables of embeddings, whose rows are in blocks. Default 1.
   */
  readonly inputAxes?: number
  /** What products do with what they multiply the weight with; see `ops.dequantize`. Default `'int8'`. */
  readonly activations?: 'int8' | 'float32'
}

export const quantizedChecks = optionsOf<QuantizedOptions>()({
  ...quantizeChecks,
  inputAxes: wholeFrom(0),
  activations: oneOf('int8', 'float32'),
  ...adapterChecks,
})

/** A weight of 4 or 8 bits a number; see {@link quantized}. */
@takes(quantizedChecks)
export class Quantized extends WeightAdapter<'scales' | 'zeros'> {
  readonly className = 'Quantized'
  readonly bits: 4 | 8
  readonly blockSize: BlockSize
  readonly isSymmetric: boolean
  readonly inputAxes: number
  readonly activations: 'int8' | 'float32'

  constructor({
    bits,
    blockSize = 32,
    isSymmetric = true,
    inputAxes = 1,
    activations = 'int8',
    ...options
  }: QuantizedOptions) {
    super(options)
    this.bits = bits
    this.blockSize = blockSize
    this.isSymmetric = isSymmetric
    this.inputAxes = inputAxes
    this.activations = activations
  }

  override get trainsBase(): boolean {
    return false
  }

  override encode(weight: Tensor): Tensor {
    return this.#quantized(weight).packed
  }

  addedWeights(weight: Tensor): Readonly<Record<'scales' | 'zeros', AdapterWeight>> {
    const { scales, zeros } = this.#quantized(weight)
    const kept = { scales: { value: scales, trainable: false } }
    // A symmetric one has no zero points, and no weight for them.
    return (zeros === undefined ? kept : { ...kept, zeros: { value: zeros, trainable: false } }) as Readonly<
      Record<'scales' | 'zeros', AdapterWeight>
    >
  }

  /** base: uint8 (rows, blocks, bytes of a block) */
  compute(base: Tensor, added: Readonly<Partial<Record<'scales' | 'zeros', Tensor>>>, shape: Shape): Tensor {
    const { bits, blockSize, activations, inputAxes } = this
    const { scales = base, zeros } = added
    const parts = { packed: base, scales, ...(zeros !== undefined && { zeros }) }
    const columns = inputAxes === 0 ? (shape.at(-1) as number) : sizeOf(shape.slice(0, inputAxes))
    const matrix = dequantize(parts, { bits, blockSize, columns, activations })
    return reshape(inputAxes === 0 ? matrix : transpose(matrix), shape)
  }

  /** The weight's rows, along which its products add up. */
  #quantized(weight: Tensor) {
    const { bits, blockSize, isSymmetric, inputAxes } = this
    const { shape } = weight
    if (shape.length < 2 || inputAxes >= shape.length || weight.dtype !== 'float32') {
      throw new ArgumentError({
        where: this.className,
        expected: `a weight of float32 with at least ${Math.max(2, inputAxes + 1)} axes`,
        received: `${weight.dtype} ${formatShape(shape)}`,
        fix: "Choose kernels alone: adapt(model, '**/kernel', adapters.quantized({ bits: 4 })).",
      })
    }
    const columns = inputAxes === 0 ? (shape.at(-1) as number) : sizeOf(shape.slice(0, inputAxes))
    const rows = sizeOf(shape) / columns
    const matrix =
      inputAxes === 0 ? reshape(weight, [rows, columns]) : transpose(reshape(weight, [columns, rows]))
    return quantize(matrix, { bits, blockSize, isSymmetric })
  }

  override getConfig(): Record<string, unknown> {
    const { bits, blockSize, isSymmetric, inputAxes, activations } = this
    return { ...super.getConfig(), bits, blockSize, isSymmetric, inputAxes, activations }
  }
}

/**
 * Keeps a weight in 4 or 8 bits a number, in blocks with a scale each, an eighth or a quarter of its memory. Products read the
 * bytes as they are, so that a step of generation, which waits for memory, takes less time; the weight itself is not
 * trained, but `lowRank` may adapt it further (QLoRA, Dettmers et al. 2023, https://arxiv.org/abs/2305.14314).
 *
 * Products are fast in functions that keep weights packed: `predict` from the 17th call on, or
 * `compile(fn, { packsWeights: 'at once' })`.
 *
 * @throws ArgumentError for weights of one axis, such as biases, and of another dtype than float32.
 * @example
 * adapt(model, 'block*\/**\/kernel', adapters.quantized({ bits: 4, blockSize: 32 }))
 */
export const quantized = (options: QuantizedOptions): Quantized => new Quantized(options)
