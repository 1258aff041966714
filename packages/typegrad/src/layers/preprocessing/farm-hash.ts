/**
 * FarmHash's Fingerprint64 (Geoff Pike, Google 2014, farmhash::na), by which TensorFlow's and Keras's hashed categories go.
 * All arithmetic is modulo 2⁶⁴.
 */
import {
  add,
  copy,
  load,
  lowOf,
  multiply,
  type Register,
  registers,
  rotate,
  set,
  shiftMix,
  word32,
  xor,
} from './words64.ts'

const { k0, k1, k2, joining } = registers('k0', 'k1', 'k2', 'joining')
set(k0, 0xc3a5c85c, 0x97cb3127)
set(k1, 0xb492b66f, 0xbe98f273)
set(k2, 0x9ae16a3b, 0x2f90404f)
set(joining, 0xc6a4a793, 0x5bd1e995)

const { a, b, c, d, e, f, g, h, y, z, factor, rest } = registers(
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'g',
  'h',
  'y',
  'z',
  'factor',
  'rest',
)
const mixing = registers('a', 'b')

function mix16(to: Register, u: Register, v: Register, by: Register): void {
  xor(mixing.a, u, v)
  multiply(mixing.a, mixing.a, by)
  shiftMix(mixing.a, mixing.a)
  xor(mixing.b, v, mixing.a)
  multiply(mixing.b, mixing.b, by)
  shiftMix(mixing.b, mixing.b)
  multiply(to, mixing.b, by)
}

/** What is multiplied by depends on the length. */
function setFactor(n: number): void {
  set(factor, 0, 2 * n)
  add(factor, factor, k2)
}

function upTo16(to: Register, bytes: Uint8Array, n: number): void {
  if (n >= 8) {
    setFactor(n)
    load(a, bytes, 0)
    add(a, a, k2)
    load(b, bytes, n - 8)
    rotate(c, b, 37)
    multiply(c, c, factor)
    add(c, c, a)
    rotate(d, a, 25)
    add(d, d, b)
    multiply(d, d, factor)
    mix16(to, c, d, factor)
  } else if (n >= 4) {
    setFactor(n)
    const first = word32(bytes, 0)
    // The length is below 8, the three bits that are shifted in.
    set(c, first >>> 29, (first << 3) | n)
    set(d, 0, word32(bytes, n - 4))
    mix16(to, c, d, factor)
  } else if (n > 0) {
    const [first, middle, last] = [bytes[0], bytes[n >> 1], bytes[n - 1]] as [number, number, number]
    set(y, 0, first + middle * 256)
    set(z, 0, n + last * 4)
    multiply(y, y, k2)
    multiply(z, z, k0)
    xor(y, y, z)
    shiftMix(y, y)
    multiply(to, y, k2)
  } else copy(to, k2)
}

/** rotate(`sum1` + `sum2`, 43) + rotate(`far`, 30) + `more` */
function turned43(to: Register, sum1: Register, sum2: Register, far: Register, more: Register): void {
  add(to, sum1, sum2)
  rotate(to, to, 43)
  add(to, to, more)
  rotate(rest, far, 30)
  add(to, to, rest)
}

/** `more` + rotate(`sum1` + `sum2`, 18) + `far` */
function turned18(to: Register, sum1: Register, sum2: Register, far: Register, more: Register): void {
  add(to, sum1, sum2)
  rotate(to, to, 18)
  add(to, to, more)
  add(to, to, far)
}

/** The first and the last 16 bytes, which `upTo32` and `upTo64` begin with; the first are multiplied by `by`. */
function ends(bytes: Uint8Array, n: number, by: Register): void {
  setFactor(n)
  load(a, bytes, 0)
  multiply(a, a, by)
  load(b, bytes, 8)
  load(c, bytes, n - 8)
  multiply(c, c, factor)
  load(d, bytes, n - 16)
  multiply(d, d, k2)
  turned43(y, a, b, c, d)
  add(z, b, k2)
  rotate(z, z, 18)
  add(z, z, a)
  add(z, z, c)
}

function upTo32(to: Register, bytes: Uint8Array, n: number): void {
  ends(bytes, n, k1)
  mix16(to, y, z, factor)
}

function upTo64(to: Register, bytes: Uint8Array, n: number): void {
  ends(bytes, n, k2)
  mix16(z, y, z, factor)
  load(e, bytes, 16)
  multiply(e, e, factor)
  load(f, bytes, 24)
  load(g, bytes, n - 32)
  add(g, g, y)
  multiply(g, g, factor)
  load(h, bytes, n - 24)
  add(h, h, z)
  multiply(h, h, factor)
  turned43(y, e, f, g, h)
  turned18(z, f, a, g, e)
  mix16(to, y, z, factor)
}

const long = registers('x', 'y', 'z', 'v0', 'v1', 'w0', 'w1', 'seedA', 'seedB')
const weak = registers('word', 'a', 'b', 'sum')

/** 32 bytes from `at` on, with the two seeds. */
function weak32(to0: Register, to1: Register, bytes: Uint8Array, at: number): void {
  const { word, a, b, sum } = weak
  load(word, bytes, at)
  add(a, long.seedA, word)
  add(b, long.seedB, a)
  load(word, bytes, at + 24)
  add(b, b, word)
  rotate(b, b, 21)
  load(sum, bytes, at + 8)
  add(sum, sum, a)
  load(word, bytes, at + 16)
  add(sum, sum, word)
  rotate(to1, sum, 44)
  add(to1, to1, b)
  add(to1, to1, a)
  load(word, bytes, at + 24)
  add(to0, sum, word)
}

/** 64 bytes from `at` on; the last of a text count some words ninefold. */
function round(bytes: Uint8Array, at: number, by: Register, ninefold: Register): void {
  const { x, y, z, v0, v1, w0, w1, seedA, seedB } = long
  add(x, x, y)
  add(x, x, v0)
  load(a, bytes, at + 8)
  add(x, x, a)
  rotate(x, x, 37)
  multiply(x, x, by)
  add(y, y, v1)
  load(a, bytes, at + 48)
  add(y, y, a)
  rotate(y, y, 42)
  multiply(y, y, by)
  multiply(a, w1, ninefold)
  xor(x, x, a)
  multiply(a, v0, ninefold)
  add(y, y, a)
  load(a, bytes, at + 40)
  add(y, y, a)
  add(z, z, w0)
  rotate(z, z, 33)
  multiply(z, z, by)
  multiply(seedA, v1, by)
  add(seedB, x, w0)
  weak32(v0, v1, bytes, at)
  add(seedA, z, w1)
  load(seedB, bytes, at + 16)
  add(seedB, seedB, y)
  weak32(w0, w1, bytes, at + 32)
  copy(a, z)
  copy(z, x)
  copy(x, a)
}

const { one, nine } = registers('one', 'nine')
set(one, 0, 1)
set(nine, 0, 9)

function longer(to: Register, bytes: Uint8Array, n: number): void {
  const { x, y, z, v0, v1, w0, w1 } = long
  const seed = 81
  set(x, 0, seed)
  multiply(x, x, k2)
  load(a, bytes, 0)
  add(x, x, a)
  set(b, 0, 113)
  set(y, 0, seed)
  multiply(y, y, k1)
  add(y, y, b)
  multiply(z, y, k2)
  add(z, z, b)
  shiftMix(z, z)
  multiply(z, z, k2)
  for (const word of [v0, v1, w0, w1]) set(word, 0, 0)
  const left = (n - 1) % 64
  const end = n - 1 - left
  for (let at = 0; at < end; at += 64) round(bytes, at, k1, one)
  set(factor, 0, (lowOf(z) & 0xff) << 1)
  add(factor, factor, k1)
  // The last 64 bytes, which overlap the round before.
  set(b, 0, left)
  add(w0, w0, b)
  add(v0, v0, w0)
  add(w0, w0, v0)
  round(bytes, n - 64, factor, nine)
  mix16(c, v0, w0, factor)
  shiftMix(y, y)
  multiply(y, y, k0)
  add(c, c, y)
  add(c, c, z)
  mix16(d, v1, w1, factor)
  add(d, d, x)
  mix16(to, c, d, factor)
}

/** Fingerprint64 of the first `n` bytes. */
export function farmFingerprint(to: Register, bytes: Uint8Array, n: number): void {
  if (n <= 16) upTo16(to, bytes, n)
  else if (n <= 32) upTo32(to, bytes, n)
  else if (n <= 64) upTo64(to, bytes, n)
  else longer(to, bytes, n)
}

/** Two fingerprints as one, as TensorFlow crosses features. */
export function joinFingerprints(to: Register, first: Register, second: Register): void {
  multiply(a, second, joining)
  shiftMix(a, a)
  multiply(a, a, joining)
  xor(b, first, joining)
  xor(b, b, a)
  multiply(b, b, joining)
  shiftMix(b, b)
  multiply(b, b, joining)
  shiftMix(to, b)
}
