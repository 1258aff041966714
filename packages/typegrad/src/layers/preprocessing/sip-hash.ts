/**
 * SipHash-2-4 (Aumasson and Bernstein, SipHash: a fast short-input PRF, 2012), the keyed hash of TensorFlow's
 * `to_hash_bucket_strong`, by which Keras's Hashing goes where it has a salt.
 */
import { add, load, type Register, registers, rotate, set, swapHalves, xor } from './words64.ts'

const { v0, v1, v2, v3, word } = registers('v0', 'v1', 'v2', 'v3', 'word')
const start = registers('v0', 'v1', 'v2', 'v3')
set(start.v0, 0x736f6d65, 0x70736575)
set(start.v1, 0x646f7261, 0x6e646f6d)
set(start.v2, 0x6c796765, 0x6e657261)
set(start.v3, 0x74656462, 0x79746573)

/** To the left, as the paper has it. */
const rotateLeft = (to: Register, by: number): void => rotate(to, to, 64 - by)

function rounds(count: number): void {
  for (let i = 0; i < count; i++) {
    add(v0, v0, v1)
    add(v2, v2, v3)
    rotateLeft(v1, 13)
    xor(v1, v1, v0)
    rotateLeft(v3, 16)
    xor(v3, v3, v2)
    swapHalves(v0)
    add(v2, v2, v1)
    add(v0, v0, v3)
    rotateLeft(v1, 17)
    xor(v1, v1, v2)
    rotateLeft(v3, 21)
    xor(v3, v3, v0)
    swapHalves(v2)
  }
}

function take(): void {
  xor(v3, v3, word)
  rounds(2)
  xor(v0, v0, word)
}

const tail = new Uint8Array(8)

/** The hash of the first `n` bytes under a key of two words. */
export function sipHash(to: Register, bytes: Uint8Array, n: number, key0: Register, key1: Register): void {
  xor(v0, key0, start.v0)
  xor(v1, key1, start.v1)
  xor(v2, key0, start.v2)
  xor(v3, key1, start.v3)
  const whole = n - (n % 8)
  for (let at = 0; at < whole; at += 8) {
    load(word, bytes, at)
    take()
  }
  // The last bytes, with the length in the highest.
  tail.fill(0)
  for (let at = whole; at < n; at++) tail[at - whole] = bytes[at] as number
  tail[7] = n
  load(word, tail, 0)
  take()
  set(word, 0, 0xff)
  xor(v2, v2, word)
  rounds(4)
  xor(to, v0, v1)
  xor(to, to, v2)
  xor(to, to, v3)
}
