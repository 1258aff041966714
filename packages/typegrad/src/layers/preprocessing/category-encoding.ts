import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, count, needed, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { encodeCategories, getOutputMode } from './categorical.ts'

export interface CategoryEncodingOptions extends LayerOptions {
  /** How many categories there are: the inputs are whole numbers from 0 to `numTokens` − 1. */
  readonly numTokens: number
  /** `'oneHot'` a row for each element, `'multiHot'` which ones a sample has, `'count'` how often. Default `'multiHot'`. */
  readonly outputMode?: 'oneHot' | 'multiHot' | 'count'
}

export const categoryEncodingChecks = optionsOf<CategoryEncodingOptions>()({
  numTokens: needed(count),
  outputMode: anything,
  ...layerChecks,
})

/** Whole numbers as rows of 0 and 1, or counts; see {@link categoryEncoding}. */
@takes(categoryEncodingChecks)
export class CategoryEncoding extends Layer {
  readonly className = 'CategoryEncoding'
  readonly numTokens: number
  readonly outputMode: 'oneHot' | 'multiHot' | 'count'

  constructor({ numTokens, outputMode = 'multiHot', ...options }: CategoryEncodingOptions) {
    super(options)
    this.numTokens = numTokens
    this.outputMode = getOutputMode('CategoryEncoding', outputMode, ['oneHot', 'multiHot', 'count'])
  }

  override get inputDType(): DType {
    return 'int32'
  }

  override get callOptions(): readonly string[] {
    return ['countWeights']
  }

  call(x: Tensor, { countWeights }: CallContext & { readonly countWeights?: Tensor }): Tensor {
    if (countWeights !== undefined && this.outputMode !== 'count') {
      throw new ArgumentError({
        where: this.name,
        expected: "countWeights with outputMode 'count' alone",
        received: `outputMode '${this.outputMode}'`,
      })
    }
    return encodeCategories(x, {
      outputMode: this.outputMode,
      depth: this.numTokens,
      dtype: this.dtype,
      ...(countWeights === undefined ? {} : { countWeights }),
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), numTokens: this.numTokens, outputMode: this.outputMode }
  }
}

/**
 * Turns whole numbers into rows of `numTokens` numbers: a 1 at the place of each (`'oneHot'`), at the places that a sample
 * has (`'multiHot'`), or how often it has them (`'count'`; a call may say what each element counts: `countWeights`, a
 * tensor in the input's shape). Numbers outside of 0 … numTokens − 1 leave no trace.
 *
 * Input (batch, length), output (batch, numTokens); `'oneHot'` (batch, length, numTokens), and (batch, numTokens) for a
 * length of 1.
 *
 * @throws ArgumentError for a number of tokens that is none, UnknownNameError for an unknown mode.
 * @example
 * const encode = layers.categoryEncoding({ numTokens: 4, outputMode: 'count' })
 * await encode.apply(tensor([[0, 1, 1]])).toArray() // [[1, 2, 0, 0]]
 */
export const categoryEncoding = (options: CategoryEncodingOptions): CategoryEncoding =>
  new CategoryEncoding(options)
