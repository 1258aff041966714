import { describe } from '../../base/describe.ts'
import type { DType } from '../../base/dtype.ts'
import { ArgumentError, DataError } from '../../base/errors.ts'
import { anything, integer, oneOf, optionsOf, orNull } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import type { HostArray } from '../../data/host-array.ts'
import { where } from '../../ops/comparison.ts'
import { gather } from '../../ops/indexing.ts'
import { constant, scalar, type Tensor } from '../../tensor/tensor.ts'
import { hashBucket, type Salt, saltKey } from './hash-options.ts'
import { type HostValue, type HostValues, hostBatch } from './host-values.ts'
import { IndexLookup, type IndexLookupOptions, indexLookupChecks } from './index-lookup.ts'

export interface IntegerLookupOptions extends IndexLookupOptions<number> {
  /** What stands for numbers that are not in the vocabulary, where indices become numbers. Default −1. */
  readonly oovToken?: number | null
  /** How one of several indices is chosen for unknown numbers: the remainder, or FarmHash of the digits (on the host alone). Default `'floormod'`. */
  readonly oovMethod?: 'floormod' | 'farmhash'
  /** A key for `'farmhash'`: SipHash in its place. Default none. */
  readonly salt?: Salt | null
}

export const integerLookupChecks = optionsOf<IntegerLookupOptions>()({
  ...indexLookupChecks,
  maskToken: orNull(integer),
  oovToken: orNull(integer),
  oovMethod: oneOf('floormod', 'farmhash'),
  salt: anything,
})

/** Whole numbers as their places in a vocabulary; see {@link integerLookup}. */
@takes(integerLookupChecks)
export class IntegerLookup extends IndexLookup<number> {
  readonly className = 'IntegerLookup'
  readonly oovMethod: 'floormod' | 'farmhash'
  readonly salt: readonly [number, number] | undefined

  constructor({ oovToken = -1, oovMethod = 'floormod', salt, ...options }: IntegerLookupOptions = {}) {
    super('IntegerLookup', oovToken, options)
    this.oovMethod = oovMethod
    this.salt = saltKey('IntegerLookup', salt)
    if (salt != null && oovMethod !== 'farmhash') {
      throw new ArgumentError({
        where: 'IntegerLookup',
        expected: "a salt with oovMethod 'farmhash' alone",
        received: `oovMethod '${oovMethod}'`,
      })
    }
  }

  override get inputDType(): DType {
    return 'int64'
  }

  /** A hash of digits is the host's work. */
  override get takesTensors(): boolean {
    return this.oovMethod !== 'farmhash' || this.numOovIndices < 2
  }

  protected tokenOf(value: HostValue): number {
    const token = typeof value === 'bigint' ? Number(value) : value
    if (Number.isSafeInteger(token)) return token as number
    throw new ArgumentError({
      where: 'IntegerLookup',
      expected: 'whole numbers below 2⁵³',
      received: typeof value === 'bigint' ? String(value) : describe(value),
    })
  }

  protected bucketOf(token: number): number {
    const { numOovIndices, oovMethod, salt } = this
    if (oovMethod === 'farmhash') return hashBucket(token, numOovIndices, salt)
    return ((token % numOovIndices) + numOovIndices) % numOovIndices
  }

  protected override encode(given: HostValues): Tensor {
    if (!this.invert) return super.encode(given)
    const { values, shape } = hostBatch(this.name, given)
    return this.#tokensOf(constant(values.map(Number), shape, 'int64'))
  }

  override call(x: Tensor): Tensor {
    const numbers = x.cast('int64')
    return this.invert ? this.#tokensOf(numbers) : this.inMode(this.#placesOf(numbers))
  }

  /** Places in the vocabulary by bisection, so that memory is that of the input, however long the vocabulary. */
  #placesOf(x: Tensor): Tensor {
    const order = [...this.tokens.keys()].sort(
      (i, j) => (this.tokens[i] as number) - (this.tokens[j] as number),
    )
    const { length } = order
    const sorted = constant(
      order.map((i) => this.tokens[i] as number),
      [length],
      'int64',
    )
    // The last of the sorted tokens that is not above x, or the first.
    let at: Tensor = x.mul(0).cast('int32')
    for (let step = 2 ** Math.floor(Math.log2(length)); step >= 1; step /= 2) {
      const next = at.add(step)
      const reached = next.less(length).logicalAnd(gather(sorted, next.minimum(length - 1)).lessEqual(x))
      at = where(reached, next, at)
    }
    const indices = constant(
      order.map((i) => this.tokenStart + i),
      [length],
      'int64',
    )
    const found = gather(sorted, at).equal(x)
    const { numOovIndices, oovStart, maskToken } = this
    const unknown =
      numOovIndices > 1
        ? x.mod(numOovIndices).add(oovStart)
        : scalar(numOovIndices === 0 ? -1 : oovStart, 'int64')
    const known = where(found, gather(indices, at), unknown)
    if (maskToken === undefined) return known
    return where(x.equal(maskToken), scalar(this.outputMode === 'int' ? 0 : -1, 'int64'), known)
  }

  #tokensOf(indices: Tensor): Tensor {
    const size = this.vocabularySize
    const oov = this.oovToken ?? -1
    const table = Array.from({ length: size + 1 }, (_, i) => (i === size ? oov : (this.tokenAt(i) ?? oov)))
    const isKnown = indices.greaterEqual(0).logicalAnd(indices.less(size))
    return gather(
      constant(table, [size + 1], 'int64'),
      where(isKnown, indices, scalar(size, 'int64')).cast('int32'),
    )
  }

  /** Without an index for unknown numbers these are refused. */
  override checkInput(from: string, { data, shape }: HostArray): undefined {
    if (this.numOovIndices > 0 || this.invert || !this.hasVocabulary) return
    const known = new Set<number>([...this.tokens, ...(this.maskToken === undefined ? [] : [this.maskToken])])
    const at = Array.from<number | bigint, number>(data, Number).findIndex(
      (value) => !known.has(Math.trunc(value)),
    )
    if (at === -1) return
    throw new DataError({
      where: from,
      expected: `numbers of the vocabulary of '${this.name}', since numOovIndices is 0`,
      received: `${data[at]} in sample ${Math.floor(at / (data.length / (shape[0] ?? 1)))}`,
      fix: 'Set numOovIndices: 1.',
    })
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), oovMethod: this.oovMethod, salt: this.salt ?? null }
  }
}

/**
 * Turns whole numbers into their places in a vocabulary, which is given or which {@link IndexLookup.adapt} finds: unknown
 * numbers have the first index (or several, by their remainder), a mask token one before. Works in a model's graph, and on
 * nested arrays. The output is int64, or rows over the vocabulary by `outputMode` (the layer's dtype), shaped as
 * {@link categoryEncoding} does.
 *
 * @throws ArgumentError for options that do not go together, DataError for a vocabulary with repeated or reserved tokens.
 * @example
 * const lookup = layers.integerLookup({ vocabulary: [12, 36, 1138, 42] })
 * await lookup.apply([[12, 1138, 42], [42, 1000, 36]]).toArray() // [[1n, 3n, 4n], [4n, 0n, 2n]]
 */
export const integerLookup = (options?: IntegerLookupOptions): IntegerLookup => new IntegerLookup(options)
