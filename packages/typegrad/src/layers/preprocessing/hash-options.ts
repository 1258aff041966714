import { ArgumentError } from '../../base/errors.ts'
import { farmFingerprint } from './farm-hash.ts'
import { type HostValue, integerText, utf8Into } from './host-values.ts'
import { sipHash } from './sip-hash.ts'
import { type Register, registers, remainder, setNumber } from './words64.ts'

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

const { hash, key0, key1 } = registers('hash', 'key0', 'key1')
/** A text in UTF-8: one for all, since memory for each takes longer than its hash. */
let bytes = new Uint8Array(1024)

/** FarmHash's fingerprint of a text; SipHash of it with a key. */
export function hashText(to: Register, text: string, key?: readonly [number, number]): void {
  // A unit has at most three bytes.
  if (3 * text.length > bytes.length) bytes = new Uint8Array(6 * text.length)
  const length = utf8Into(text, bytes)
  if (key === undefined) {
    farmFingerprint(to, bytes, length)
    return
  }
  setNumber(key0, key[0])
  setNumber(key1, key[1])
  sipHash(to, bytes, length, key0, key1)
}

/**
 * The bucket of a value, as TensorFlow's `to_hash_bucket_fast` and, with a key, `to_hash_bucket_strong` have it: of
 * numbers their decimal digits are hashed.
 */
export function hashBucket(value: HostValue, buckets: number, key?: readonly [number, number]): number {
  hashText(hash, typeof value === 'string' ? value : integerText(value), key)
  return remainder(hash, buckets)
}
