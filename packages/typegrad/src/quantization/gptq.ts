import { DataError, ShapeError } from '../base/errors.ts'
import { boolean, checked, notNegative, optionsOf } from '../base/options.ts'
import { formatShape } from '../base/shape.ts'
import { paced, type Work } from '../base/work.ts'
import { quantizedShapes } from '../graph/quantized.ts'
import { type Quantized, type QuantizeOptions, quantizeChecks } from '../ops/quantized.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inverseFactor } from './factor.ts'

export interface GptqOptions extends QuantizeOptions {
  /**
   * Whether inputs are rounded in the order of how large they are, the largest first, when there are most others left to make
   * up for it. Scales are then those of the weights as they were, because blocks are inputs that follow each other in the
   * file and not in that order. Default false.
   */
  readonly actOrder?: boolean
  /** What is added to the Hessian's diagonal, as a share of its mean, so that it can be inverted. Default 0.01. */
  readonly damping?: number
}

export const gptqChecks = optionsOf<GptqOptions>()({
  ...quantizeChecks,
  actOrder: boolean,
  damping: notNegative,
})

/**
 * Inputs that are rounded before their errors reach the inputs behind them, all at once, so that the second cache holds what is
 * worked on: the paper's lazy batches. At least a block, whose scale has to know the weights as they are by then.
 */
const lazyInputs = 128

/**
 * Rounds a dense layer's kernel so that its outputs change as little as they can, where {@link quantize} rounds each number to
 * the nearest: what the rounding of one input's weights does to the outputs is made up for by the weights of the inputs that
 * have not been rounded yet.
 *
 * Inputs i one after the other: e = (w − rounded w) / U[i, i], and w[j] −= U[i, j] · e for all j behind i, where
 * UᵀU = (H + λ)⁻¹. Inputs that were always 0 have no others to make up for them and are rounded to the nearest.
 *
 * Frantar et al. 2022, https://arxiv.org/abs/2210.17323. All sums are in float64.
 *
 * @param kernel (inputs, outputs), floating.
 * @param hessian Σ x · xᵀ of what the layer was given, (inputs, inputs) row by row; how large it is on the whole does not matter.
 * @returns the transpose (outputs, inputs) as `ops.quantize` keeps it.
 * @throws ArgumentError for options that are none; ShapeError for what is no matrix, and a Hessian of another size; DataError for
 * numbers that are not finite, and a Hessian that is not positive definite.
 * @example
 * const h = (await x.transpose().matmul(x).data()) as Float32Array // x: (samples, inputs)
 * const { packed, scales } = await gptq(kernel, Float64Array.from(h), { bits: 4, blockSize: 128 })
 */
export async function gptq(kernel: Tensor, hessian: Float64Array, options: GptqOptions): Promise<Quantized> {
  const {
    bits,
    blockSize = 32,
    isSymmetric = true,
    actOrder = false,
    damping = 0.01,
  } = checked('gptq', options, gptqChecks)
  const { shape } = kernel
  const [inputs = 0, outputs = 0] = shape
  if (shape.length !== 2 || hessian.length !== inputs ** 2) {
    throw new ShapeError({
      where: 'gptq',
      expected: 'a matrix (inputs, outputs), and a Hessian of inputs × inputs numbers',
      received: `${formatShape(shape)} and ${hessian.length} numbers`,
    })
  }
  if (!hessian.every(Number.isFinite) || !hessian.some((value) => value !== 0)) {
    throw new DataError({
      where: 'gptq: hessian',
      expected: 'finite numbers that are not all 0',
      received: hessian.every(Number.isFinite) ? 'zeros' : 'NaN or infinity',
    })
  }
  const weights = Float64Array.from((await kernel.cast('float32').data()) as Float32Array)
  const rounding = new Rounding(weights, { inputs, outputs, bits, blockSize, isSymmetric })
  await paced(round(rounding, hessian, { actOrder, damping }))
  return rounding.result()
}

interface Sizes {
  readonly inputs: number
  readonly outputs: number
  readonly bits: 4 | 8
  readonly blockSize: number
  readonly isSymmetric: boolean
}

/** A kernel on its way to few bits: what its weights are by now, the grids of its blocks, and the numbers of those that are done. */
class Rounding {
  readonly weights: Float64Array
  readonly sizes: Sizes
  readonly #blocks: number
  /** (blocks, outputs) */
  readonly #scales: Float32Array
  readonly #zeros: Uint8Array
  /** (inputs, outputs) */
  readonly #numbers: Uint8Array

  constructor(weights: Float64Array, sizes: Sizes) {
    this.weights = weights
    this.sizes = sizes
    const { inputs, outputs, blockSize, bits } = sizes
    this.#blocks = Math.ceil(inputs / blockSize)
    this.#scales = new Float32Array(this.#blocks * outputs)
    this.#zeros = new Uint8Array(this.#blocks * outputs).fill(2 ** (bits - 1))
    this.#numbers = new Uint8Array(inputs * outputs)
  }

  /** Makes the grid of a block, of its weights as they are: that of `ops.quantize`. */
  fit(block: number): void {
    const { inputs, outputs, bits, blockSize, isSymmetric } = this.sizes
    const [first, end] = [block * blockSize, Math.min((block + 1) * blockSize, inputs)]
    for (let output = 0; output < outputs; output++) {
      let [low, high] = [0, 0]
      for (let input = first; input < end; input++) {
        const value = this.weights[input * outputs + output] as number
        if (value < low) low = value
        if (value > high) high = value
      }
      const at = block * outputs + output
      if (isSymmetric) {
        this.#scales[at] = (high >= -low ? high : low) / -(2 ** (bits - 1))
        continue
      }
      const most = 2 ** bits - 1
      const scale = (high - low) / most
      this.#scales[at] = scale
      this.#zeros[at] = scale === 0 ? 0 : Math.min(Math.max(Math.round(-low / scale), 0), most)
    }
  }

  /**
   * Rounds the weights of an input.
   *
   * @param errors becomes how far each weight was from what it is now.
   */
  round(input: number, errors: Float64Array): void {
    const { outputs, bits, blockSize } = this.sizes
    const most = 2 ** bits - 1
    const [from, grid] = [input * outputs, Math.floor(input / blockSize) * outputs]
    for (let output = 0; output < outputs; output++) {
      const value = this.weights[from + output] as number
      const scale = this.#scales[grid + output] as number
      const zero = this.#zeros[grid + output] as number
      const number = scale === 0 ? zero : Math.min(Math.max(Math.round(value / scale) + zero, 0), most)
      this.#numbers[from + output] = number
      errors[output] = value - (number - zero) * scale
    }
  }

  /** The numbers as products read them. */
  result(): Quantized {
    const { inputs, outputs, bits, blockSize, isSymmetric } = this.sizes
    const shapes = quantizedShapes(outputs, { bits, blockSize, columns: inputs, activations: 'float32' })
    const blocks = this.#blocks
    const columns = blocks * blockSize
    const numbers = new Uint8Array(outputs * columns)
    const scales = new Float32Array(outputs * blocks)
    const zeros = new Uint8Array(outputs * blocks)
    for (let output = 0; output < outputs; output++) {
      for (let block = 0; block < blocks; block++) {
        scales[output * blocks + block] = this.#scales[block * outputs + output] as number
        zeros[output * blocks + block] = this.#zeros[block * outputs + output] as number
      }
      for (let column = 0; column < columns; column++) {
        // What fills the last block up is 0.
        numbers[output * columns + column] =
          column < inputs
            ? (this.#numbers[column * outputs + output] as number)
            : (this.#zeros[(blocks - 1) * outputs + output] as number)
      }
    }
    const kept = {
      packed: tensor(halves(numbers, columns, bits), { dtype: 'uint8', shape: shapes.packed }),
      scales: tensor(scales, { shape: shapes.scales }),
    }
    if (isSymmetric) return kept
    return { ...kept, zeros: tensor(halves(zeros, blocks, bits), { dtype: 'uint8', shape: shapes.zeros }) }
  }
}

/** Numbers of rows as bytes, two of 4 bits in one, the first in the lower half; a row begins with a byte of its own. */
function halves(numbers: Uint8Array, columns: number, bits: 4 | 8): Uint8Array {
  if (bits === 8) return numbers
  const [rows, bytes] = [numbers.length / columns, Math.ceil(columns / 2)]
  const packed = new Uint8Array(rows * bytes)
  numbers.forEach((number, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    const at = row * bytes + (column >> 1)
    packed[at] = (packed[at] as number) | (column % 2 === 0 ? number : number << 4)
  })
  return packed
}

interface Order {
  readonly actOrder: boolean
  readonly damping: number
}

/** The damped Hessian with rows and columns in an order; what was always 0 stands by itself. */
function damped(hessian: Float64Array, order: Uint32Array, damping: number): Float64Array {
  const size = order.length
  let mean = 0
  for (let i = 0; i < size; i++) mean += (hessian[i * size + i] as number) / size
  const moved = new Float64Array(hessian.length)
  for (let i = 0; i < size; i++) {
    const row = (order[i] as number) * size
    for (let j = 0; j < size; j++) moved[i * size + j] = hessian[row + (order[j] as number)] as number
    const own = moved[i * size + i] as number
    moved[i * size + i] = (own === 0 ? mean : own) + damping * mean
  }
  return moved
}

function* round(rounding: Rounding, hessian: Float64Array, { actOrder, damping }: Order): Work<void> {
  const { weights, sizes } = rounding
  const { inputs, outputs, blockSize } = sizes
  const order = Uint32Array.from({ length: inputs }, (_, i) => i)
  if (actOrder) {
    const sizeOf = (i: number) => hessian[i * inputs + i] as number
    order.sort((a, b) => sizeOf(b) - sizeOf(a) || a - b)
    for (let block = 0; block * blockSize < inputs; block++) rounding.fit(block)
  }
  const u = yield* inverseFactor(damped(hessian, order, damping), inputs)
  const lazy = Math.max(lazyInputs, blockSize)
  const errors = Array.from({ length: lazy }, () => new Float64Array(outputs))
  /** Takes what the rounding of an input did to the outputs off a later input's weights. */
  const makeUp = (i: number, error: Float64Array, j: number): void => {
    const [factor, to] = [u[i * inputs + j] as number, (order[j] as number) * outputs]
    if (factor === 0) return
    for (let k = 0; k < outputs; k++)
      weights[to + k] = (weights[to + k] as number) - factor * (error[k] as number)
  }
  for (let first = 0; first < inputs; first += lazy) {
    const end = Math.min(first + lazy, inputs)
    for (let i = first; i < end; i++) {
      if (!actOrder && i % blockSize === 0) rounding.fit(i / blockSize)
      const error = errors[i - first] as Float64Array
      rounding.round(order[i] as number, error)
      const own = u[i * inputs + i] as number
      for (let k = 0; k < outputs; k++) error[k] = (error[k] as number) / own
      for (let j = i + 1; j < end; j++) makeUp(i, error, j)
      yield
    }
    for (let j = end; j < inputs; j++) {
      for (let i = first; i < end; i++) makeUp(i, errors[i - first] as Float64Array, j)
      yield
    }
  }
}
