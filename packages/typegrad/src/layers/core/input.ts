import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, list, number, optionsOf, orNull, string } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer } from '../base/layer.ts'
import { checkNamedShape, type NamedShape } from '../base/sizes.ts'
import { SymbolicTensor } from '../base/symbolic.ts'
import { TextPlace } from '../base/text-place.ts'

export interface InputOptions {
  /**
   * Shape of one sample, without the batch. Where only the data will tell, a name (`'length'`), which the size then has
   * in shapes, summaries, errors and exported files, or null. Default: that of `batchShape`.
   */
  readonly shape?: NamedShape
  /** Number of samples in every batch. Default open. */
  readonly batchSize?: number | null
  /** The shape with the batch in front, in place of `shape` and `batchSize`. Default none. */
  readonly batchShape?: NamedShape
  /**
   * Dtype of the values. Default `'float32'`. With `'string'` the first layers behind it have to be of those that work on the
   * host: `stringLookup`, `textVectorization`, `hashing`.
   */
  readonly dtype?: DType | 'string'
  /** Unique within a model. Default `'input_layer'`, with a number from the second on. */
  readonly name?: string
}

export const inputChecks = optionsOf<InputOptions>()({
  shape: list,
  batchSize: orNull(number),
  batchShape: list,
  dtype: anything,
  name: string,
})

/** The place where data enters a functional model; see {@link input}. */
@takes(inputChecks)
export class InputLayer extends Layer {
  readonly className = 'InputLayer'
  /** With the batch in front. */
  readonly batchShape: NamedShape
  /** Whether the values are strings. */
  readonly isText: boolean

  constructor({ shape, batchSize = null, batchShape, dtype = 'float32', name }: InputOptions) {
    const full = batchShape ?? (shape === undefined ? undefined : [batchSize, ...shape])
    super({
      ...(dtype === 'string' ? {} : { dtype }),
      ...(full === undefined ? {} : { inputShape: full.slice(1) }),
      ...(name === undefined ? {} : { name }),
    })
    if (full === undefined || (shape !== undefined && batchShape !== undefined)) {
      throw new ArgumentError({
        where: 'input',
        expected: 'either shape (of one sample) or batchShape',
        received: full === undefined ? 'neither' : 'both',
        fix: 'For example input({ shape: [784] }).',
      })
    }
    checkNamedShape('input', full)
    this.isText = dtype === 'string'
    this.batchShape = typeof full[0] === 'string' ? [null, ...full.slice(1)] : full
    this.ensureBuilt(this.batchShape)
  }

  /** The symbolic tensor that layers are applied to. */
  tensor(): SymbolicTensor {
    const application = { layer: this, inputs: [], arity: 0, listed: false, options: {} }
    if (this.isText) return new TextPlace(this.batchShape, application)
    return new SymbolicTensor(this.batchShape, this.dtype, application)
  }

  call(x: Tensor): Tensor {
    return x
  }

  override getConfig(): Record<string, unknown> {
    return { name: this.name, batchShape: this.batchShape, dtype: this.isText ? 'string' : this.dtype }
  }
}

/**
 * Begins a functional model: a place for data of this shape. Sizes of one name are the same in all inputs of a model, and
 * stay open under this name in files that `toOnnx` writes.
 *
 * @returns a symbolic tensor of shape (batch, …shape).
 * @throws ArgumentError without a shape, or for one that is none.
 * @example
 * const x = input({ shape: [28, 28, 1] })
 * const y = layers.flatten().apply(x)
 *
 * const words = input({ shape: ['length'], dtype: 'int32' })
 * const vectors = layers.embedding({ inputDim: 1000, outputDim: 8 }).apply(words)   // [batch, length, 8]
 */
export const input = (options: InputOptions): SymbolicTensor => new InputLayer(options).tensor()
