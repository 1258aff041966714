import { describe } from '../../base/describe.ts'
import { ArgumentError } from '../../base/errors.ts'
import { anything, optionsOf } from '../../base/options.ts'
import { takes } from '../../base/takes.ts'
import { hostArrayOf } from '../../data/host-array.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { hashBucket, type Salt, saltKey } from './hash-options.ts'
import { type HostValue, type HostValues, hostBatch } from './host-values.ts'
import { IndexLookup, type IndexLookupOptions, indexLookupChecks } from './index-lookup.ts'

export interface StringLookupOptions extends IndexLookupOptions<string> {
  /** What stands for strings that are not in the vocabulary, where indices become strings. Default `'[UNK]'`. */
  readonly oovToken?: string | null
  /** A key for the hash of strings that are not in the vocabulary: SipHash in place of FarmHash. Default none. */
  readonly salt?: Salt | null
}

export const stringLookupChecks = optionsOf<StringLookupOptions>()({
  ...indexLookupChecks,
  oovToken: anything,
  salt: anything,
})

/** Strings nested as the tensor's dimensions are. */
export type NestedStrings = string | NestedStrings[]

/** Strings as their places in a vocabulary; see {@link stringLookup}. */
@takes(stringLookupChecks)
export class StringLookup extends IndexLookup<string> {
  readonly className: string = 'StringLookup'
  readonly salt: readonly [number, number] | undefined

  constructor({ oovToken = '[UNK]', salt, ...options }: StringLookupOptions = {}) {
    super('StringLookup', oovToken, options)
    this.salt = saltKey('StringLookup', salt)
  }

  protected tokenOf(value: HostValue): string {
    if (typeof value === 'string') return value
    throw new ArgumentError({ where: 'StringLookup', expected: 'strings', received: describe(value) })
  }

  protected bucketOf(token: string): number {
    return hashBucket(token, this.numOovIndices, this.salt)
  }

  protected override encode(given: HostValues): Tensor {
    if (!this.invert) return super.encode(given)
    throw new ArgumentError({
      where: this.name,
      expected: 'a layer that makes indices of strings',
      received: 'one with invert: true, whose strings are no tensor',
      fix: 'Call await layer.toStrings(indices).',
    })
  }

  /**
   * The strings of indices, nested as these are: the way back. The unknown token for indices that have none.
   *
   * @throws StateError before there is a vocabulary.
   * @example
   * await lookup.toStrings([[1, 0]]) // [['cat', '[UNK]']]
   */
  async toStrings(indices: HostValues | Tensor): Promise<NestedStrings> {
    const { values, shape } =
      indices instanceof Tensor
        ? {
            values: Array.from<number | bigint, number>((await hostArrayOf(indices)).data, Number),
            shape: indices.shape,
          }
        : hostBatch(this.name, indices)
    let nested: NestedStrings[] = values.map((value) => this.tokenAt(Number(value)) ?? '')
    for (const size of shape.slice(1).reverse()) {
      const rows: NestedStrings[] = []
      for (let at = 0; at < nested.length; at += size) rows.push(nested.slice(at, at + size))
      nested = rows
    }
    return shape.length === 0 ? (nested[0] as NestedStrings) : nested
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), salt: this.salt ?? null }
  }
}

/**
 * Turns strings into their places in a vocabulary, which is given or which {@link IndexLookup.adapt} finds: unknown strings
 * have the first index (or several), a mask token one before. Works on the host: `apply` takes nested arrays of one shape and
 * gives a tensor, int64 indices or rows over the vocabulary by `outputMode` (float32), shaped as {@link categoryEncoding} does.
 *
 * @throws ArgumentError for options that do not go together, DataError for a vocabulary with repeated or reserved tokens.
 * @example
 * const lookup = layers.stringLookup({ vocabulary: ['a', 'b', 'c'] })
 * await lookup.apply([['a', 'c', 'z']]).toArray() // [[1n, 3n, 0n]]
 */
export const stringLookup = (options?: StringLookupOptions): StringLookup => new StringLookup(options)
