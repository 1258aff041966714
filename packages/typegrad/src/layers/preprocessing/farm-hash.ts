/**
 * FarmHash's Fingerprint64 (Geoff Pike, Google 2014, farmhash::na), by which TensorFlow's and Keras's hashed categories go.
 * All arithmetic is modulo 2⁶⁴.
 */
const mask = (1n << 64n) - 1n
const k0 = 0xc3a5c85c97cb3127n
const k1 = 0xb492b66fbe98f273n
const k2 = 0x9ae16a3b2f90404fn

const wrap = (x: bigint): bigint => x & mask
const rotate = (x: bigint, by: bigint): bigint => wrap((x >> by) | (x << (64n - by)))
const shiftMix = (x: bigint): bigint => x ^ (x >> 47n)

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function mix16(u: bigint, v: bigint, factor: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * factor))
  const b = shiftMix(wrap((v ^ a) * factor))
  return wrap(b * factor)
}

function upTo16(view: DataView): bigint {
  const n = view.byteLength
  const factor = k2 + BigInt(n) * 2n
  if (n >= 8) {
    const a = wrap(view.getBigUint64(0, true) + k2)
    const b = view.getBigUint64(n - 8, true)
    const c = wrap(rotate(b, 37n) * factor + a)
    const d = wrap((rotate(a, 25n) + b) * factor)
    return mix16(c, d, factor)
  }
  if (n >= 4) {
    const a = BigInt(view.getUint32(0, true))
    return mix16(BigInt(n) + (a << 3n), BigInt(view.getUint32(n - 4, true)), factor)
  }
  if (n === 0) return k2
  const [first, middle, last] = [view.getUint8(0), view.getUint8(n >> 1), view.getUint8(n - 1)]
  const [y, z] = [BigInt(first + middle * 256), BigInt(n + last * 4)]
  return wrap(shiftMix(wrap(y * k2) ^ wrap(z * k0)) * k2)
}

function upTo32(view: DataView): bigint {
  const n = view.byteLength
  const factor = k2 + BigInt(n) * 2n
  const a = wrap(view.getBigUint64(0, true) * k1)
  const b = view.getBigUint64(8, true)
  const c = wrap(view.getBigUint64(n - 8, true) * factor)
  const d = wrap(view.getBigUint64(n - 16, true) * k2)
  return mix16(
    wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d),
    wrap(a + rotate(wrap(b + k2), 18n) + c),
    factor,
  )
}

function upTo64(view: DataView): bigint {
  const n = view.byteLength
  const factor = k2 + BigInt(n) * 2n
  const a = wrap(view.getBigUint64(0, true) * k2)
  const b = view.getBigUint64(8, true)
  const c = wrap(view.getBigUint64(n - 8, true) * factor)
  const d = wrap(view.getBigUint64(n - 16, true) * k2)
  const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d)
  const z = mix16(y, wrap(a + rotate(wrap(b + k2), 18n) + c), factor)
  const e = wrap(view.getBigUint64(16, true) * factor)
  const f = view.getBigUint64(24, true)
  const g = wrap((y + view.getBigUint64(n - 32, true)) * factor)
  const h = wrap((z + view.getBigUint64(n - 24, true)) * factor)
  return mix16(
    wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h),
    wrap(e + rotate(wrap(f + a), 18n) + g),
    factor,
  )
}

type Pair = readonly [bigint, bigint]

/** 32 bytes from `at` on, with two seeds. */
function weak32(view: DataView, at: number, seedA: bigint, seedB: bigint): Pair {
  const [w, x, y, z] = [0, 8, 16, 24].map((i) => view.getBigUint64(at + i, true)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  const a = wrap(seedA + w)
  const b = rotate(wrap(seedB + a + z), 21n)
  const sum = wrap(a + x + y)
  return [wrap(sum + z), wrap(b + rotate(sum, 44n) + a)]
}

function longer(view: DataView): bigint {
  const n = view.byteLength
  const seed = 81n
  let x = wrap(seed * k2 + view.getBigUint64(0, true))
  let y = wrap(seed * k1 + 113n)
  let z = wrap(shiftMix(wrap(y * k2 + 113n)) * k2)
  let v: Pair = [0n, 0n]
  let w: Pair = [0n, 0n]
  const round = (at: number, factor: bigint, ninefold: bigint): void => {
    x = wrap(rotate(wrap(x + y + v[0] + view.getBigUint64(at + 8, true)), 37n) * factor)
    y = wrap(rotate(wrap(y + v[1] + view.getBigUint64(at + 48, true)), 42n) * factor)
    x ^= wrap(w[1] * ninefold)
    y = wrap(y + v[0] * ninefold + view.getBigUint64(at + 40, true))
    z = wrap(rotate(wrap(z + w[0]), 33n) * factor)
    v = weak32(view, at, wrap(v[1] * factor), wrap(x + w[0]))
    w = weak32(view, at + 32, wrap(z + w[1]), wrap(y + view.getBigUint64(at + 16, true)))
    const swapped = z
    z = x
    x = swapped
  }
  const rest = (n - 1) % 64
  const end = n - 1 - rest
  for (let at = 0; at < end; at += 64) round(at, k1, 1n)
  const factor = wrap(k1 + ((z & 0xffn) << 1n))
  // The last 64 bytes, which overlap the round before.
  w = [wrap(w[0] + BigInt(rest)), w[1]]
  v = [wrap(v[0] + w[0]), v[1]]
  w = [wrap(w[0] + v[0]), w[1]]
  round(n - 64, factor, 9n)
  return mix16(
    wrap(mix16(v[0], w[0], factor) + shiftMix(y) * k0 + z),
    wrap(mix16(v[1], w[1], factor) + x),
    factor,
  )
}

/** Fingerprint64 of bytes, from 0 to 2⁶⁴ − 1. */
export function farmFingerprint(bytes: Uint8Array): bigint {
  const view = viewOf(bytes)
  const n = view.byteLength
  return n <= 16 ? upTo16(view) : n <= 32 ? upTo32(view) : n <= 64 ? upTo64(view) : longer(view)
}

/** Two fingerprints as one, as TensorFlow crosses features. */
export function joinFingerprints(first: bigint, second: bigint): bigint {
  const factor = 0xc6a4a7935bd1e995n
  const mixed = wrap((first ^ factor ^ wrap(shiftMix(wrap(second * factor)) * factor)) * factor)
  return shiftMix(wrap(shiftMix(mixed) * factor))
}
