import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type NarrowFloat, narrow, narrowArray, narrowFloats, widen } from './narrow-floats.ts'

interface Cast {
  readonly count: number
  readonly inputs: string
  readonly narrowed: string
}

const { formats } = JSON.parse(
  readFileSync(new URL('../../golden/narrow-floats.json', import.meta.url), 'utf8'),
) as {
  readonly formats: Readonly<
    Record<
      NarrowFloat,
      {
        readonly widened: string
        readonly around: Cast
        readonly counter: Cast
        readonly sample: { readonly values: readonly string[]; readonly narrowed: readonly number[] }
      }
    >
  >
}

const checksum = (array: Uint8Array | Uint16Array | Uint32Array): string =>
  crc32(array).toString(16).padStart(8, '0')

/** Every pattern of a format, as float32. */
function everyNumber(format: NarrowFloat): Float32Array {
  const patterns = narrowArray(format, 2 ** (8 * narrowArray(format, 0).BYTES_PER_ELEMENT))
  for (let i = 0; i < patterns.length; i++) patterns[i] = i
  const values = new Float32Array(patterns.length)
  widen(format, patterns, values)
  return values
}

/** Bits of float32 at and beside every narrow number, every middle between two, and beyond the largest. */
function around(format: NarrowFloat): Uint32Array {
  const finite = [...new Set([...everyNumber(format)].filter(Number.isFinite).map(Math.abs))].sort(
    (a, b) => a - b,
  )
  const middles = finite.slice(1).map((value, i) => (value + (finite[i] as number)) / 2)
  const [last, before] = [finite.at(-1) as number, finite.at(-2) as number]
  const beyond = [0.5, 1, 1.5].map((steps) => last + (last - before) * steps)
  const places = [...new Uint32Array(Float32Array.from([...finite, ...middles, ...beyond]).buffer)]
  const words = [...places, ...places.map((word) => word + 1), ...places.map((word) => Math.max(word, 1) - 1)]
  return Uint32Array.from([...words, ...words.map((word) => word | 0x80000000)])
}

const counter = Uint32Array.from({ length: 200_000 }, (_, i) => Math.imul(i + 1, 2654435769))

/** PyTorch's casts make different NaN of 16 bits in different loops. */
function cast(format: NarrowFloat, words: Uint32Array) {
  const values = new Float32Array(words.buffer)
  const narrowed = narrowArray(format, words.length)
  narrow(format, values, narrowed)
  if (narrowed.BYTES_PER_ELEMENT === 2)
    values.forEach((value, i) => {
      if (!Number.isNaN(value)) return
      expect((narrowed[i] as number) & 0x7fff).toBe(format === 'float16' ? 0x7e00 : 0x7fc0)
      narrowed[i] = 0x7fff
    })
  return narrowed
}

describe.each(narrowFloats)('%s is what PyTorch makes it', (format) => {
  const golden = formats[format]

  test('read: every pattern, bit for bit', () => {
    const words = new Uint32Array(everyNumber(format).buffer)
    const canonical = words.map((word) => ((word & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : word))
    expect(checksum(canonical)).toBe(golden.widened)
  })

  test.each([
    ['around', around(format)],
    ['counter', counter],
  ] as const)('written: %s', (kind, words) => {
    expect([words.length, checksum(words)]).toEqual([golden[kind].count, golden[kind].inputs])
    expect(checksum(cast(format, words))).toBe(golden[kind].narrowed)
  })

  test('written: a sample to look at', () => {
    const { values, narrowed } = golden.sample
    const numbers = values.map((value) => Number(value.replace('inf', 'Infinity')))
    expect([...cast(format, new Uint32Array(Float32Array.from(numbers).buffer))]).toEqual(narrowed)
  })

  test('what is read and written is the same pattern, NaN aside', () => {
    const values = everyNumber(format)
    const again = narrowArray(format, values.length)
    narrow(format, values, again)
    values.forEach((value, i) => {
      if (!Number.isNaN(value)) expect(again[i]).toBe(i)
    })
  })
})

test('only a part of an array', () => {
  const to = new Uint16Array(4).fill(7)
  narrow('bfloat16', Float32Array.of(1, 2, 3, 4), to, 1, 3)
  expect([...to]).toEqual([7, 0x4000, 0x4040, 7])
  const back = new Float32Array(4)
  widen('bfloat16', to, back, 1, 3)
  expect([...back]).toEqual([0, 2, 3, 0])
})
