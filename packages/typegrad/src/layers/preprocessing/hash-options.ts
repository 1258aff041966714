import { ArgumentError } from '../../base/errors.ts'
import { farmFingerprint } from './farm-hash.ts'
import { type HostValue, integerText, utf8 } from './host-values.ts'
import { sipHash } from './sip-hash.ts'

/** The key of SipHash: one whole number for both of its halves, or two. */
export type Salt = number | readonly [number, number]

/** @throws ArgumentError for what is neither a whole number nor two. */
export function saltKey(where: string, salt: Salt | null | undefined): readonly [number, number] | undefined {
  if (salt == null) return undefined
  const key: readonly [number, number] = typeof salt === 'number' ? [salt, salt] : salt
  if (Array.isArray(key) && key.length === 2 && key.every(Number.isInteger)) return key
  throw new ArgumentError({
    where: `${where}: salt`,
    expected: 'a whole number, or two of them',
    received: JSON.stringify(salt),
  })
}

/**
 * The bucket of a value, as TensorFlow's `to_hash_bucket_fast` and, with a key, `to_hash_bucket_strong` have it: of
 * numbers their decimal digits are hashed.
 */
export function hashBucket(value: HostValue, buckets: number, key?: readonly [number, number]): number {
  const bytes = utf8(typeof value === 'string' ? value : integerText(value))
  const hash =
    key === undefined
      ? farmFingerprint(bytes)
      : sipHash(bytes, [BigInt.asUintN(64, BigInt(key[0])), BigInt.asUintN(64, BigInt(key[1]))])
  return Number(hash % BigInt(buckets))
}
