import { ArgumentError } from '../../base/errors.ts'
import { number, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { truncatedNormal } from '../../initializers/index.ts'
import { apply } from '../../ops/apply.ts'
import { where } from '../../ops/comparison.ts'
import { rsqrt, stopGradient } from '../../ops/elementwise.ts'
import { sum } from '../../ops/reduce.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { CallContext } from '../base/layer.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { Wrapper, type WrapperOptions, wrapperChecks } from '../base/wrapper.ts'
import { positiveWhole } from '../convolutional/convolution.ts'

/** The layer is the one whose kernel (or embeddings) is normalized. */
export interface SpectralNormalizationOptions extends WrapperOptions {
  /** How often the largest singular value is refined at each step. Default 1. */
  readonly powerIterations?: number
}

export const spectralNormalizationChecks = optionsOf<SpectralNormalizationOptions>()({
  powerIterations: number,
  ...wrapperChecks,
})

/** A layer with a kernel of spectral norm 1; see {@link spectralNormalization}. */
@takes(spectralNormalizationChecks)
export class SpectralNormalization extends Wrapper {
  readonly className = 'SpectralNormalization'
  readonly powerIterations: number
  /** The layer's; standing here it comes first among the weights, as in Keras. */
  kernel: Variable | undefined
  #u: Variable | undefined

  constructor({ powerIterations = 1, ...options }: SpectralNormalizationOptions) {
    super(options)
    this.powerIterations = positiveWhole('SpectralNormalization: powerIterations', powerIterations)
  }

  override build(inputShape: SymbolicShape): void {
    super.build(inputShape)
    const kernel = this.layer.weights.find(({ name }) => /\/(kernel|embeddings)$/.test(name))
    if (kernel === undefined) {
      throw new ArgumentError({
        where: 'SpectralNormalization',
        expected: 'a layer that has a kernel or embeddings',
        received: this.layer.toString(),
      })
    }
    this.kernel = kernel
    this.#u = this.addWeight({
      name: 'vector_u',
      shape: [1, kernel.shape.at(-1) as number],
      initializer: truncatedNormal({ stddev: 0.02 }),
      trainable: false,
      dtype: kernel.dtype,
    })
  }

  call(x: Tensor, context: CallContext): Tensor {
    if (context.training) this.#normalize(this.kernel as Variable, this.#u as Variable)
    return this.layer.apply(x, context).cast(x.dtype === 'float64' ? 'float64' : this.dtype)
  }

  /** Divides the kernel by its largest singular value, which power iteration finds from step to step. */
  #normalize(kernel: Variable, vector: Variable): void {
    const value = kernel.value
    const outputs = kernel.shape.at(-1) as number
    const matrix = stopGradient(value.reshape([value.size / outputs, outputs]))
    const transposed = matrix.transpose([1, 0])
    let u = vector.value
    let v = u
    for (let i = 0; i < this.powerIterations; i++) {
      v = unit(apply('matmul', [u, transposed], {}))
      u = unit(apply('matmul', [v, matrix], {}))
    }
    const sigma = sum(apply('mul', [apply('matmul', [v, matrix], {}), u], {}))
    // A kernel of zeros has no direction: it stays, as does the vector.
    const empty = sum(matrix.square()).equal(0)
    vector.assign(where(empty, vector.value, u))
    // The step goes on from the normalized kernel, with the gradient by that one: W̄ − η · ∂L/∂W̄.
    const normalized = stopGradient(value.div(where(empty, 1, sigma)))
    kernel.assign(where(empty, value, normalized.add(value.sub(stopGradient(value)))))
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), powerIterations: this.powerIterations }
  }
}

const unit = (x: Tensor): Tensor => x.mul(rsqrt(sum(x.square()).maximum(1e-12)))

/**
 * Wraps a layer and divides its kernel by its largest singular value at each step of training, so that the layer
 * stretches nothing: it keeps the discriminator of a GAN smooth.
 *
 * Input and output are the layer's. Weights: the layer's, and, not trained, vector_u (1, outputs).
 *
 * Miyato et al. 2018, https://arxiv.org/abs/1802.05957
 *
 * @throws ArgumentError for a layer without a kernel.
 * @example
 * layers.spectralNormalization({ layer: layers.conv2d({ filters: 64, kernelSize: 3 }) })
 */
export const spectralNormalization = (options: SpectralNormalizationOptions): SpectralNormalization =>
  new SpectralNormalization(options)
