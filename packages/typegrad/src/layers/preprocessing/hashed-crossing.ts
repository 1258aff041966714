import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, count, needed, optionsOf } from '../../base/options.ts'
import { formatShape, sameShape } from '../../base/shape.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type LayerOptions, layerChecks } from '../base/layer.ts'
import { formatSymbolicShape, type NamedShape } from '../base/sizes.ts'
import { encodeCategories, getOutputMode } from './categorical.ts'
import { joinFingerprints } from './farm-hash.ts'
import { hashText } from './hash-options.ts'
import { behindIndices, HostLayer, type HostOutput } from './host-layer.ts'
import { type HostBatch, type HostValue, type HostValues, hostBatch } from './host-values.ts'
import { IndexRows } from './index-list.ts'
import { registers, remainder, setBigint, setNumber } from './words64.ts'

export interface HashedCrossingOptions extends LayerOptions {
  /** How many bins there are. */
  readonly numBins: number
  /** The bin's number, or a row of 0 and a 1. Default `'int'`. */
  readonly outputMode?: 'int' | 'oneHot'
}

export const hashedCrossingChecks = optionsOf<HashedCrossingOptions>()({
  numBins: needed(count),
  outputMode: anything,
  ...layerChecks,
})

/** TensorFlow's key of crossed features. */
const crossingKey = 0xdecafcaffe

const { crossed, feature } = registers('crossed', 'feature')

/** Several features together as one bin; see {@link hashedCrossing}. */
@takes(hashedCrossingChecks)
export class HashedCrossing extends HostLayer {
  readonly className = 'HashedCrossing'
  readonly numBins: number
  readonly outputMode: 'int' | 'oneHot'

  constructor({ numBins, outputMode = 'int', ...options }: HashedCrossingOptions) {
    super(options)
    this.numBins = numBins
    this.outputMode = getOutputMode('HashedCrossing', outputMode, ['int', 'oneHot'])
  }

  protected override hostOutput(inputs: readonly NamedShape[]): HostOutput {
    const [first] = inputs
    const odd = inputs.find(
      (sizes) => sizes.length > 2 || (sizes.length === 2 && sizes[1] !== 1) || sizes.length !== first?.length,
    )
    if (first === undefined || inputs.length < 2) throw this.#tooFew(`${inputs.length}`)
    if (odd !== undefined) throw this.#misshapen(formatSymbolicShape(odd), formatSymbolicShape(first))
    return behindIndices(this.name, first, (bins) => this.#inMode(bins))
  }

  protected encode(given: HostValues): Tensor {
    const features = this.#features(given)
    const [first] = features as [HostBatch]
    const bins = first.values.map((_, i) => {
      setNumber(crossed, crossingKey)
      for (const { values } of features) {
        setFingerprint(this.name, values[i] as HostValue)
        joinFingerprints(crossed, crossed, feature)
      }
      return remainder(crossed, this.numBins)
    })
    const rows = new IndexRows(bins.length)
    rows.set(bins, 0)
    return this.#inMode(rows.tensor(first.shape))
  }

  #inMode(bins: Tensor): Tensor {
    if (this.outputMode === 'int') return bins
    return encodeCategories(bins, { outputMode: 'oneHot', depth: this.numBins, dtype: this.dtype })
  }

  /** @throws ArgumentError for fewer than two features, ShapeError for other shapes than one of samples. */
  #features(given: HostValues): readonly HostBatch[] {
    if (!Array.isArray(given) || given.length < 2)
      throw this.#tooFew(Array.isArray(given) ? `a list of ${given.length}` : typeof given)
    const features = given.map((feature: unknown, i) => hostBatch(`${this.name}: feature ${i}`, feature))
    const [first] = features as [HostBatch]
    const odd = features.find(
      ({ shape }) =>
        shape.length > 2 || (shape.length === 2 && shape[1] !== 1) || !sameShape(shape, first.shape),
    )
    if (odd === undefined) return features
    throw this.#misshapen(formatShape(odd.shape), formatShape(first.shape))
  }

  #tooFew(received: string): ArgumentError {
    return new ArgumentError({ where: this.name, expected: 'a list of at least two features', received })
  }

  #misshapen(shape: string, first: string): ShapeError {
    return new ShapeError({
      where: this.name,
      expected: 'features of one shape, which is [], [batch] or [batch, 1]',
      received: `${shape} beside ${first}`,
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), numBins: this.numBins, outputMode: this.outputMode }
  }
}

/** A string's hash; whole numbers stand for themselves. @throws ArgumentError for fractions. */
function setFingerprint(where: string, value: HostValue): void {
  if (typeof value === 'string') hashText(feature, value)
  else if (typeof value === 'bigint') setBigint(feature, value)
  else if (Number.isSafeInteger(value)) setNumber(feature, value)
  else if (Number.isInteger(value)) setBigint(feature, BigInt(value))
  else throw new ArgumentError({ where, expected: 'strings or whole numbers', received: String(value) })
}

/**
 * Crosses features: each combination of their values falls into one of `numBins` bins by its hash, as Keras's and
 * TensorFlow's do. Works on the host: `apply` takes a list of at least two features, arrays of strings or whole numbers of
 * one shape, [batch] or [batch, 1], and gives a tensor of that shape (int64), or rows for `'oneHot'`.
 *
 * @throws ArgumentError for fewer features and for fractions, ShapeError for other shapes.
 * @example
 * const cross = layers.hashedCrossing({ numBins: 5 })
 * cross.apply([['A', 'B', 'A'], [101, 101, 102]]) // bins of ('A', 101), ('B', 101), ('A', 102)
 */
export const hashedCrossing = (options: HashedCrossingOptions): HashedCrossing => new HashedCrossing(options)
