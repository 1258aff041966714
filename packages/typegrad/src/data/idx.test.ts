import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FormatError } from '../base/errors.ts'
import { parseIdx } from './idx.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

describe('parseIdx', () => {
  it('reads bytes as a view', () => {
    const file = bytes(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255)
    const { dtype, shape, data } = parseIdx(file)
    expect(dtype).toBe('uint8')
    expect(shape).toEqual([2, 3])
    expect(data).toEqual(bytes(1, 2, 3, 4, 5, 255))
    expect(data.buffer).toBe(file.buffer)
    expect(parseIdx(Buffer.from(file)).data.constructor).toBe(Uint8Array)
  })

  it('reads sizes and wider elements as big-endian', () => {
    expect(parseIdx(bytes(0, 0, 12, 1, 0, 0, 0, 2, 0, 0, 1, 2, 255, 255, 255, 254))).toEqual({
      dtype: 'int32',
      shape: [2],
      data: new Int32Array([258, -2]),
    })
    expect(parseIdx(bytes(0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0)).data).toEqual(new Float32Array([1.5]))
    expect(parseIdx(bytes(0, 0, 14, 0, 0x40, 4, 0, 0, 0, 0, 0, 0)).data).toEqual(new Float64Array([2.5]))
    const many = new Uint8Array(8 + 0x0102)
    many.set([0, 0, 8, 1, 0, 0, 1, 2])
    expect(parseIdx(many).shape).toEqual([258])
  })

  it('reads a scalar and an empty file of a known shape', () => {
    expect(parseIdx(bytes(0, 0, 8, 0, 7))).toEqual({ dtype: 'uint8', shape: [], data: bytes(7) })
    expect(parseIdx(bytes(0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0, 28)).shape).toEqual([0, 28])
  })

  it.each<[string, Uint8Array, RegExp]>([
    ['nothing', bytes(), /magic number: expected 4 bytes, received a file of 0/],
    ['three bytes', bytes(0, 0, 8), /received a file of 3\. The file is truncated/],
    [
      'another format',
      bytes(0x89, 0x50, 0x4e, 0x47),
      /bytes 0 and 0 first, received 137 and 80\. This is not/,
    ],
    ['a compressed file', bytes(0x1f, 0x8b, 8, 0), /compressed with gzip: decompress it first/],
    ['an unknown type', bytes(0, 0, 7, 1), /type code of 8 \(uint8\), .* received 7/],
    [
      'missing sizes',
      bytes(0, 0, 8, 3, 0, 0, 0, 1),
      /sizes: expected 16 bytes .* 3 dimensions, received a file of 8/,
    ],
    [
      'missing elements',
      bytes(0, 0, 8, 1, 0, 0, 0, 3, 1),
      /elements: expected 3 bytes for uint8 of shape \[3\], received 1\. The file is truncated/,
    ],
    ['surplus elements', bytes(0, 0, 8, 1, 0, 0, 0, 1, 1, 2), /expected 1 bytes .*received 2\.$/],
    [
      'sizes beyond any memory',
      new Uint8Array(1024).fill(255).fill(0, 0, 2).fill(8, 2, 3).fill(99, 3, 4),
      /elements: expected/,
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => parseIdx(file)).toThrow(FormatError)
    expect(() => parseIdx(file)).toThrow(message)
  })

  it('reads any bytes or throws a FormatError', () => {
    const header = fc.tuple(fc.constant(0), fc.constant(0), fc.constantFrom(8, 12, 13, 14), fc.nat(2))
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 24 }), (magic, rest) => {
        for (let i = 0; i < 7 && i < rest.length; i++) if (i % 4 !== 3) rest[i] = 0
        try {
          parseIdx(bytes(...magic, ...rest))
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
    )
  })
})
