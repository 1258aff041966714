import { isFloating } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, boolean, needed, number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { ConstraintIdentifier } from '../../constraints/index.ts'
import type { InitializerIdentifier } from '../../initializers/index.ts'
import { gather } from '../../ops/indexing.ts'
import type { RegularizerIdentifier } from '../../regularizers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import type { Mask } from '../base/masks.ts'
import { policyConfig, type WeightPolicy, weightPolicy } from '../base/weight-policy.ts'

export interface EmbeddingOptions extends LayerOptions {
  /** Number of different indices: 0 to inputDim − 1. */
  readonly inputDim: number
  /** Size of each vector. */
  readonly outputDim: number
  /** What the vectors begin as. Default `'uniform'`: from −0.05 to 0.05. */
  readonly embeddingsInitializer?: InitializerIdentifier
  /** A penalty on the vectors that is added to the loss. Default none. */
  readonly embeddingsRegularizer?: RegularizerIdentifier | null
  /** What the vectors are made to be after every step. Default none. */
  readonly embeddingsConstraint?: ConstraintIdentifier | null
  /** Whether index 0 is padding, which recurrent layers, losses and metrics leave out. Default false. */
  readonly maskZero?: boolean
}

export const embeddingChecks = optionsOf<EmbeddingOptions>()({
  inputDim: needed(number),
  outputDim: needed(number),
  embeddingsInitializer: anything,
  embeddingsRegularizer: anything,
  embeddingsConstraint: anything,
  maskZero: boolean,
  ...layerChecks,
})

/** A vector for each index; see {@link embedding}. */
@takes(embeddingChecks)
export class Embedding extends Layer {
  readonly className: string = 'Embedding'
  readonly inputDim: number
  readonly outputDim: number
  readonly maskZero: boolean
  protected readonly policy: WeightPolicy
  #embeddings: Variable | undefined

  constructor({
    inputDim,
    outputDim,
    embeddingsInitializer = 'uniform',
    embeddingsRegularizer,
    embeddingsConstraint,
    maskZero = false,
    ...options
  }: EmbeddingOptions) {
    super(options)
    for (const [name, value] of Object.entries({ inputDim, outputDim })) {
      if (Number.isInteger(value) && value > 0) continue
      throw new ArgumentError({
        where: `Embedding: ${name}`,
        expected: 'a positive whole number',
        received: String(value),
      })
    }
    this.inputDim = inputDim
    this.outputDim = outputDim
    this.maskZero = maskZero
    this.policy = weightPolicy(embeddingsInitializer, embeddingsRegularizer, embeddingsConstraint)
  }

  override get inputDType(): 'int32' {
    return 'int32'
  }

  override build(): void {
    this.#embeddings = this.addWeight({
      name: 'embeddings',
      shape: [this.inputDim, this.outputDim],
      ...this.policy,
    })
  }

  /** The vectors, one a row. */
  protected get embeddings(): Variable {
    return this.#embeddings as Variable
  }

  call(indices: Tensor): Tensor {
    const embeddings = this.embeddings.value
    const ids = isFloating(indices.dtype) ? indices.cast('int32') : indices
    return gather(embeddings, ids)
  }

  override computeMask(indices: Tensor): Mask {
    return this.maskZero ? indices.notEqual(0) : undefined
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      inputDim: this.inputDim,
      outputDim: this.outputDim,
      ...(this.maskZero ? { maskZero: true } : {}),
      ...policyConfig('embeddings', this.policy),
    }
  }
}

/**
 * Turns indices into vectors that training finds.
 *
 * Input (batch, …) of whole numbers from 0 to inputDim − 1, output (batch, …, outputDim). Weights: embeddings
 * (inputDim, outputDim).
 *
 * @throws ArgumentError for sizes that are none.
 * @example
 * layers.embedding({ inputDim: 10_000, outputDim: 64, inputShape: [80] }) // (batch, 80) → (batch, 80, 64)
 */
export const embedding = (options: EmbeddingOptions): Embedding => new Embedding(options)
