import { anything, count, needed, optionsOf, orNull } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type LayerOptions, layerChecks } from '../base/layer.ts'
import type { NamedShape } from '../base/sizes.ts'
import { encodeCategories, getOutputMode } from './categorical.ts'
import { hashBucket, type Salt, saltKey } from './hash-options.ts'
import { behindIndices, HostLayer, type HostOutput } from './host-layer.ts'
import { type HostValue, type HostValues, hostBatch } from './host-values.ts'
import { IndexRows } from './index-list.ts'

export interface HashingOptions extends LayerOptions {
  /** How many bins there are, that of `maskValue` among them. */
  readonly numBins: number
  /** A value that always falls into bin 0, which nothing else does then. Default none. */
  readonly maskValue?: string | number | null
  /** A key: then SipHash is used in place of FarmHash, and nobody without it knows the bins. Default none. */
  readonly salt?: Salt | null
  /** The bin's number, or a row of 0 and 1 or counts over the bins. Default `'int'`. */
  readonly outputMode?: 'int' | 'oneHot' | 'multiHot' | 'count'
}

export const hashingChecks = optionsOf<HashingOptions>()({
  numBins: needed(count),
  maskValue: orNull(anything),
  salt: anything,
  outputMode: anything,
  ...layerChecks,
})

/** Strings or whole numbers as bins by their hash; see {@link hashing}. */
@takes(hashingChecks)
export class Hashing extends HostLayer {
  readonly className = 'Hashing'
  readonly numBins: number
  readonly maskValue: string | number | undefined
  readonly salt: readonly [number, number] | undefined
  readonly outputMode: 'int' | 'oneHot' | 'multiHot' | 'count'

  constructor({ numBins, maskValue, salt, outputMode = 'int', ...options }: HashingOptions) {
    super(options)
    this.numBins = numBins
    this.maskValue = maskValue ?? undefined
    this.salt = saltKey('Hashing', salt)
    this.outputMode = getOutputMode('Hashing', outputMode, ['int', 'oneHot', 'multiHot', 'count'])
  }

  protected encode(given: HostValues): Tensor {
    const { values, shape } = hostBatch(this.name, given)
    const bins = new IndexRows(values.length)
    bins.set(
      values.map((value) => this.#binOf(value)),
      0,
    )
    return this.#inMode(bins.tensor(shape))
  }

  protected override outputOf(sizes: NamedShape): HostOutput {
    return behindIndices(this.name, sizes, (bins) => this.#inMode(bins))
  }

  #inMode(bins: Tensor): Tensor {
    if (this.outputMode === 'int') return bins
    return encodeCategories(bins, { outputMode: this.outputMode, depth: this.numBins, dtype: this.dtype })
  }

  #binOf(value: HostValue): number {
    const masks = this.maskValue !== undefined && this.numBins > 1
    if (!masks) return hashBucket(value, this.numBins, this.salt)
    // An integer is compared as a number, whatever it came as.
    const isMask = typeof value === 'bigint' ? Number(value) === this.maskValue : value === this.maskValue
    return isMask ? 0 : 1 + hashBucket(value, this.numBins - 1, this.salt)
  }

  override getConfig(): Record<string, unknown> {
    return {
      ...super.getConfig(),
      numBins: this.numBins,
      maskValue: this.maskValue ?? null,
      salt: this.salt ?? null,
      outputMode: this.outputMode,
    }
  }
}

/**
 * Puts strings or whole numbers into `numBins` bins by their hash, without a vocabulary: different values may meet in a
 * bin. The bins are Keras's: FarmHash's Fingerprint64 modulo the bins, or SipHash-2-4 with a salt; fractions of numbers are
 * cut off. Works on the host: `apply` takes nested arrays of one shape and gives a tensor, int64 bins or rows of
 * `outputMode` as {@link categoryEncoding} shapes them.
 *
 * @throws ArgumentError for bins or a salt that are none, and for tensors.
 * @example
 * const hash = layers.hashing({ numBins: 3 })
 * await hash.apply([['A'], ['B'], ['C'], ['D'], ['E']]).toArray() // [[1n], [0n], [1n], [1n], [2n]]
 */
export const hashing = (options: HashingOptions): Hashing => new Hashing(options)
