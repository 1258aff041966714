/**
 * SipHash-2-4 (Aumasson and Bernstein, SipHash: a fast short-input PRF, 2012), the keyed hash of TensorFlow's
 * `to_hash_bucket_strong`, by which Keras's Hashing goes where it has a salt.
 */
const mask = (1n << 64n) - 1n
const rotated = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (64n - by))) & mask

/** The hash of bytes under a key of two 64-bit numbers, from 0 to 2⁶⁴ − 1. */
export function sipHash(bytes: Uint8Array, [key0, key1]: readonly [bigint, bigint]): bigint {
  let v0 = key0 ^ 0x736f6d6570736575n
  let v1 = key1 ^ 0x646f72616e646f6dn
  let v2 = key0 ^ 0x6c7967656e657261n
  let v3 = key1 ^ 0x7465646279746573n
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i++) {
      v0 = (v0 + v1) & mask
      v2 = (v2 + v3) & mask
      v1 = rotated(v1, 13n) ^ v0
      v3 = rotated(v3, 16n) ^ v2
      v0 = rotated(v0, 32n)
      v2 = (v2 + v1) & mask
      v0 = (v0 + v3) & mask
      v1 = rotated(v1, 17n) ^ v2
      v3 = rotated(v3, 21n) ^ v0
      v2 = rotated(v2, 32n)
    }
  }
  const take = (word: bigint): void => {
    v3 ^= word
    rounds(2)
    v0 ^= word
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length - (bytes.length % 8)
  for (let at = 0; at < whole; at += 8) take(view.getBigUint64(at, true))
  let last = BigInt(bytes.length & 0xff) << 56n
  for (let at = whole; at < bytes.length; at++) last |= BigInt(view.getUint8(at)) << BigInt(8 * (at - whole))
  take(last)
  v2 ^= 0xffn
  rounds(4)
  return v0 ^ v1 ^ v2 ^ v3
}
