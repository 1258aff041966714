import { anything, boolean, count, optionsOf, positive } from '../../../base/options.ts'
import { canonicalName } from '../../../base/registry.ts'
import { takes } from '../../../base/takes.ts'
import { currentGenerator } from '../../../random/generator.ts'
import { hostRandom } from '../../../random/host.ts'
import { beta, gamma } from '../../../random/index.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { type Augmentation, augmentations, type Drawn } from './augmentations.ts'
import { type ColorOptions, colorChecks, FactorColorLayer } from './color-layer.ts'
import type { Factor } from './factors.ts'
import type { ImageSize } from './image-layer.ts'

export interface AugMixOptions extends ColorOptions {
  /** How many chains of operations are mixed. Default 3. */
  readonly numChains?: number
  /** How many operations a chain has. Default 3. */
  readonly chainDepth?: number
  /** How strong they are, from 0 to 1: a number f for 0 to f, or two. Default 0.3. */
  readonly factor?: Factor
  /** How evenly chains are mixed, and with the image: the parameter of the distributions of weights. Default 1. */
  readonly alpha?: number
  /** Whether brightness, colour, contrast and sharpness are among the operations. Default true. */
  readonly allOps?: boolean
  /** How pixels are found that move. Default `'bilinear'`. */
  readonly interpolation?: 'nearest' | 'bilinear'
}

export const augMixChecks = optionsOf<AugMixOptions>()({
  numChains: count,
  chainDepth: count,
  factor: anything,
  alpha: positive,
  allOps: boolean,
  interpolation: anything,
  ...colorChecks,
})

const few = [
  'randomShear',
  'randomTranslation',
  'randomRotation',
  'randomPosterization',
  'solarization',
  'autoContrast',
  'equalization',
] as const
const many = [
  ...few,
  'randomBrightness',
  'randomColorDegeneration',
  'randomContrast',
  'randomSharpness',
] as const

interface Mixture {
  /** The weight of each chain, [numChains]. */
  readonly chainMixingWeights: Tensor
  /** The weight of the image itself, a scalar. */
  readonly weightSample: Tensor
  readonly chains: readonly (readonly Drawn[])[]
}

/** Images mixed with chains of changes of them; see {@link augMix}. */
@takes(augMixChecks)
export class AugMix extends FactorColorLayer<Mixture> {
  readonly className = 'AugMix'
  readonly numChains: number
  readonly chainDepth: number
  readonly alpha: number
  readonly allOps: boolean
  readonly interpolation: 'nearest' | 'bilinear'
  readonly #operations: Readonly<Record<string, Augmentation>>
  #draws = 0

  constructor({
    numChains = 3,
    chainDepth = 3,
    factor = 0.3,
    alpha = 1,
    allOps = true,
    interpolation = 'bilinear',
    ...options
  }: AugMixOptions = {}) {
    super('AugMix', factor, [0, 1], options)
    this.numChains = numChains
    this.chainDepth = chainDepth
    this.alpha = alpha
    this.allOps = allOps
    this.interpolation = canonicalName('AugMix: interpolation', interpolation, {
      nearest: true,
      bilinear: true,
    })
    this.#operations = augmentations({
      factor: this.factor,
      valueRange: this.valueRange,
      interpolation: this.interpolation,
      dtype: this.dtype,
      boundingBoxFormat: this.boundingBoxFormat,
      seedOf: (k) => this.seedOf(k),
    })
  }

  draw(size: ImageSize): Mixture {
    const { numChains, chainDepth, alpha } = this
    this.#draws += 1
    const below = hostRandom(this.seed ?? currentGenerator().seed, this.#draws)
    const names: readonly string[] = this.allOps ? many : few
    const chain = (): Drawn[] =>
      Array.from({ length: chainDepth }, () => names[below(names.length + 1)]).flatMap((name) =>
        // One more than there are: nothing is done there.
        name === undefined ? [] : [(this.#operations[name] as Augmentation)(size)],
      )
    const weights = gamma([numChains], { alpha, seed: this.seedOf(1) })
    return {
      chainMixingWeights: weights.div(weights.sum()),
      weightSample: beta([], { alpha, beta: alpha, seed: this.seedOf(2) }),
      chains: Array.from({ length: numChains }, chain),
    }
  }

  transformImages(images: Tensor, mixture: Mixture): Tensor {
    return this.within(this.#mixed(images, mixture, 'images'))
  }

  override transformSegmentationMasks(masks: Tensor, mixture: Mixture): Tensor {
    return this.#mixed(masks.cast('float32'), mixture, 'masks')
  }

  #mixed(x: Tensor, { chains, chainMixingWeights, weightSample }: Mixture, kind: 'images' | 'masks'): Tensor {
    const changed = chains.map((chain, i) =>
      chain.reduce((y, drawn) => drawn[kind](y), x).mul(chainMixingWeights.at(i).cast(x.dtype)),
    )
    const whole = changed.reduce((a, b) => a.add(b))
    const own = weightSample.cast(x.dtype)
    return own.mul(x).add(own.neg().add(1).mul(whole))
  }

  /** An operation with a transformation that was drawn elsewhere. */
  drawnFrom(name: string, given: unknown, size: ImageSize): Drawn {
    return (this.#operations[name] as Augmentation)(size, given)
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      numChains: this.numChains,
      chainDepth: this.chainDepth,
      alpha: this.alpha,
      allOps: this.allOps,
      interpolation: this.interpolation,
    }
  }
}

/**
 * Mixes images with chains of changes of them while training (Hendrycks et al. 2019, https://arxiv.org/abs/1912.02781). How
 * strong changes are and how they mix is drawn with each batch; which operations a chain consists of, when the layer is called,
 * so that a compiled training step keeps its chains, as in Keras. For images of three channels; the shape stays.
 *
 * @throws ArgumentError for a factor outside of 0 to 1.
 * @example
 * layers.augMix({ valueRange: [0, 1] })
 */
export const augMix = (options?: AugMixOptions): AugMix => new AugMix(options)
