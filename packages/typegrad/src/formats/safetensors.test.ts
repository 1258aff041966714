import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DType, dtypes, type TypedArray, typedArray } from '../base/dtype.ts'
import { ArgumentError, FormatError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { decodeSafetensors, encodeSafetensors, type NamedSafetensorsEntry } from './safetensors.ts'

const join = (chunks: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks))

/** A file with this header, as text or JSON, and this many bytes of data. */
function fileOf(header: unknown, dataLength = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const file = new Uint8Array(8 + text.length + dataLength)
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true)
  file.set(text, 8)
  return file
}

const entry = (begin: number, end: number, shape: unknown = [(end - begin) / 4], dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
})

/** Python writes infinity as `inf`. */
const floatOf = (value: number | string | boolean): number => Number(String(value).replace('inf', 'Infinity'))

const element = (dtype: DType, value: number | string | boolean): number | bigint =>
  dtype === 'int64' ? BigInt(value) : dtype === 'float32' ? Math.fround(floatOf(value)) : Number(value)

describe('files of the Python package', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../golden/safetensors.json', import.meta.url), 'utf8'),
  ) as {
    files: Record<
      string,
      {
        base64: string
        metadata: Record<string, string>
        tensors: Record<
          string,
          { dtype: DType; stored?: string; shape: number[]; values: (number | string | boolean)[] }
        >
      }
    >
  }
  it.each(Object.entries(golden.files))('%s', (_, { base64, metadata, tensors }) => {
    const decoded = decodeSafetensors(new Uint8Array(Buffer.from(base64, 'base64')))
    expect(decoded.metadata).toEqual(metadata)
    expect([...decoded.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort())
    for (const [name, { dtype, stored = dtype, shape, values }] of Object.entries(tensors)) {
      const tensor = decoded.tensors.get(name)
      expect([tensor?.dtype, tensor?.stored]).toEqual([dtype, stored])
      expect(tensor?.shape).toEqual(shape)
      expect([...(tensor?.data ?? [])]).toEqual(values.map((value) => element(dtype, value)))
    }
  })
})

describe('narrow types', () => {
  const numbers = Float32Array.of(1 / 3, -2, 449, 1e-3, 70000, -0)
  const { base64 } = (
    JSON.parse(readFileSync(new URL('../../golden/safetensors.json', import.meta.url), 'utf8')) as {
      files: { narrow: { base64: string } }
    }
  ).files.narrow
  const file = Buffer.from(base64, 'base64')

  it.each(['bfloat16', 'float8e4m3', 'float8e5m2'] as const)(
    '%s is written as PyTorch writes it',
    (stored) => {
      const [, bytes] = encodeSafetensors([
        { name: 'x', dtype: 'float32', stored, shape: [2, 3], data: numbers },
      ])
      expect(file.indexOf(bytes as Uint8Array)).toBeGreaterThan(0)
    },
  )

  it('float64 and float16 are converted too, and integers stay', () => {
    const tensors: NamedSafetensorsEntry[] = [
      { name: 'wide', dtype: 'float64', stored: 'float16', shape: [1], data: Float64Array.of(1 / 3) },
      { name: 'half', dtype: 'float16', stored: 'float32', shape: [1], data: Uint16Array.of(0x3555) },
      { name: 'count', dtype: 'int64', stored: 'bfloat16', shape: [1], data: BigInt64Array.of(7n) },
    ]
    const { tensors: read } = decodeSafetensors(join(encodeSafetensors(tensors)))
    expect(read.get('wide')).toEqual({
      dtype: 'float16',
      stored: 'float16',
      shape: [1],
      data: Uint16Array.of(0x3555),
    })
    expect(read.get('half')?.data).toEqual(Float32Array.of(0.333251953125))
    expect(read.get('count')?.data).toEqual(BigInt64Array.of(7n))
  })
})

describe('encoding', () => {
  it('writes the header, padded to 8 bytes, and the tensors own memory', () => {
    const data = new Float32Array([1, 2, 3])
    const [header, ...chunks] = encodeSafetensors([{ name: 'a', dtype: 'float32', shape: [3], data }], {
      k: 'v',
    })
    const text = '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}'
    const length = Math.ceil(text.length / 8) * 8
    expect(header?.slice(0, 8)).toEqual(new Uint8Array([length, 0, 0, 0, 0, 0, 0, 0]))
    expect(new TextDecoder().decode(header?.slice(8))).toBe(text.padEnd(length))
    expect(chunks.map((chunk) => chunk.buffer)).toEqual([data.buffer])
    expect(chunks[0]?.buffer).toBe(data.buffer)
  })

  it('puts wider elements first, so that everything reads back without a copy', () => {
    const file = join(
      encodeSafetensors([
        { name: 'flags', dtype: 'bool', shape: [3], data: new Uint8Array([1, 0, 1]) },
        { name: 'w', dtype: 'float32', shape: [1], data: new Float32Array([7]) },
        { name: 'steps', dtype: 'int64', shape: [], data: new BigInt64Array([5n]) },
      ]),
    )
    const { tensors } = decodeSafetensors(file)
    expect([...tensors.keys()]).toEqual(['steps', 'w', 'flags'])
    for (const { data } of tensors.values()) expect(data.buffer).toBe(file.buffer)
  })

  it('copies what is not aligned', () => {
    const file = join(
      encodeSafetensors([{ name: 'w', dtype: 'float32', shape: [2], data: new Float32Array([7, 8]) }]),
    )
    const shifted = new Uint8Array(file.length + 1)
    shifted.set(file, 1)
    const data = decodeSafetensors(shifted.subarray(1)).tensors.get('w')?.data
    expect(data).toEqual(new Float32Array([7, 8]))
    expect(data?.buffer).not.toBe(shifted.buffer)
    const pooled = Buffer.from(shifted.buffer, 1, file.length)
    expect(decodeSafetensors(pooled).tensors.get('w')?.data).toEqual(new Float32Array([7, 8]))
  })

  const float = new Float32Array(2)
  it.each<[string, NamedSafetensorsEntry[], RegExp]>([
    [
      'a name twice',
      [
        { name: 'a', dtype: 'float32', shape: [2], data: float },
        { name: 'a', dtype: 'float32', shape: [2], data: float },
      ],
      /tensor "a": expected a name that no other tensor has .*, received the name a second time/,
    ],
    [
      'the reserved name',
      [{ name: '__metadata__', dtype: 'float32', shape: [2], data: float }],
      /reserved name\./,
    ],
    [
      'data of another dtype',
      [{ name: 'a', dtype: 'int32', shape: [2], data: float }],
      /expected data of dtype int32 in its typed array, received a Float32Array/,
    ],
    [
      'data of another length',
      [{ name: 'a', dtype: 'float32', shape: [3, 2], data: float }],
      /expected 6 elements for shape \[3, 2\], received 2/,
    ],
  ])('refuses %s', (_, tensors, message) => {
    expect(() => encodeSafetensors(tensors)).toThrow(ArgumentError)
    expect(() => encodeSafetensors(tensors)).toThrow(message)
  })
})

describe('damaged files', () => {
  const tooLong = new Uint8Array(16)
  new DataView(tooLong.buffer).setBigUint64(0, 100_000_001n, true)
  const huge = new Uint8Array(16).fill(255)

  it.each<[string, Uint8Array, RegExp]>([
    [
      'an empty file',
      new Uint8Array(0),
      /header: expected the 8 bytes of its length, received a file of 0 bytes/,
    ],
    ['a file cut within the length', new Uint8Array(7), /received a file of 7 bytes.*truncated/],
    [
      'a file cut within the header',
      fileOf({ a: entry(0, 4) }).slice(0, 20),
      /header: expected \d+ bytes, .*received 12/,
    ],
    ['a header above 100 MB', tooLong, /at most 100000000 bytes, received a length of 100000001/],
    ['a length of 64 bits', huge, /received a length of 18446744073709551615/],
    ['a header that is not JSON', fileOf('{"a": nonsense'), /header: expected JSON in UTF-8/],
    ['a header that is not UTF-8', fileOf('{"a": 1}').fill(0xff, 10, 11), /header: expected JSON in UTF-8/],
    [
      'a header that is a list',
      fileOf('[1]'),
      /expected a JSON object that begins with "\{", received \[1\]/,
    ],
    ['an empty header', fileOf(''), /header: expected JSON/],
    ['an entry that is a number', fileOf({ a: 3 }), /tensor "a": expected an object .*, received 3/],
    [
      'an unknown dtype',
      fileOf({ a: entry(0, 2, [1], 'F4') }, 2),
      /tensor "a", dtype: expected one of F32,.*"F4"/,
    ],
    [
      'a dtype that is a number',
      fileOf({ a: entry(0, 4, [1], 4) }, 4),
      /dtype: expected one of .* received 4/,
    ],
    ['a missing dtype', fileOf({ a: { shape: [], data_offsets: [0, 4] } }, 4), /dtype: .* received nothing/],
    [
      'a negative size',
      fileOf({ a: entry(0, 4, [-1, -1]) }, 4),
      /"a", shape: .*not negative, received \[-1,-1\]/,
    ],
    [
      'a fractional size',
      fileOf({ a: entry(0, 4, [0.5, 2]) }, 4),
      /"a", shape: expected a list of whole numbers/,
    ],
    [
      'a size beyond 2^53',
      fileOf('{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}', 4),
      /"a", shape/,
    ],
    [
      'a product beyond any number',
      fileOf({ a: entry(0, 4, new Array(40).fill(2 ** 52)) }, 4),
      /bytes for float32/,
    ],
    ['a shape that is no list', fileOf({ a: entry(0, 4, '1') }, 4), /"a", shape: .* received "1"/],
    [
      'one offset',
      fileOf({ a: { dtype: 'F32', shape: [], data_offsets: [0] } }, 4),
      /data_offsets: expected two/,
    ],
    ['a negative offset', fileOf({ a: entry(-4, 0, [1]) }, 4), /data_offsets: expected two whole numbers/],
    [
      'offsets in reverse',
      fileOf({ a: entry(4, 0, [1]) }, 4),
      /expected 4 bytes .*received -4 \(from 4 to 0\)/,
    ],
    [
      'a length that does not match the shape',
      fileOf({ a: entry(0, 8, [3]) }, 8),
      /tensor "a", data_offsets: expected 12 bytes for float32 of shape \[3\], received 8/,
    ],
    ['data that is cut', fileOf({ a: entry(0, 8) }, 7), /within the 7 bytes of data .*received \[0, 8\]/],
    [
      'an overlap',
      fileOf({ a: entry(0, 8), b: entry(4, 12) }, 12),
      /tensor "b", data_offsets: expected data that begins at 8, where tensor "a" ends, received 4, an overlap/,
    ],
    [
      'a hole',
      fileOf({ a: entry(0, 4), b: entry(8, 12) }, 12),
      /tensor "b".*begins at 4, where tensor "a" ends, received 8, which leaves a hole/,
    ],
    [
      'a hole at the beginning',
      fileOf({ a: entry(4, 8) }, 8),
      /begins at 0, where the header ends, received 4/,
    ],
    [
      'bytes at the end',
      fileOf({ a: entry(0, 4) }, 9),
      /data: expected 4 bytes, .*received 9: 5 bytes that belong/,
    ],
    [
      'a name twice',
      fileOf(
        '{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0061" : {"dtype":"F32","shape":[],"data_offsets":[4,8]}}',
        8,
      ),
      /header: expected each name once, received "a" a second time/,
    ],
    [
      'metadata that is not text',
      fileOf({ __metadata__: { epoch: 3 } }),
      /__metadata__: expected a string for "epoch"/,
    ],
    [
      'metadata that is a list',
      fileOf({ __metadata__: ['a'] }),
      /__metadata__: expected an object of strings/,
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeSafetensors(file)).toThrow(FormatError)
    expect(() => decodeSafetensors(file)).toThrow(message)
  })

  it('names the file', () => {
    expect(() => decodeSafetensors(new Uint8Array(3), 'runs/1/model.safetensors')).toThrow(
      /^runs\/1\/model.safetensors, header:/,
    )
  })

  it('takes the same key in two objects, and quotes and braces in names', () => {
    const file = fileOf({ 'a"{:': entry(0, 4), '}': entry(4, 8), 'c\\': entry(8, 8, [0]) }, 8)
    expect([...decodeSafetensors(file).tensors.keys()]).toEqual(['a"{:', '}', 'c\\'])
  })
})

describe('properties', () => {
  const tensor = fc
    .record({
      name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '0')),
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
    })
    .chain(({ name, dtype, shape }) => {
      const bytes = sizeOf(shape) * typedArray(dtype, 0).BYTES_PER_ELEMENT
      return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((content) => ({
        name,
        dtype,
        shape,
        data: typedArray(dtype, sizeOf(shape), content.slice().buffer) as TypedArray,
      }))
    })
  const tensors = fc
    .uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 })
    .filter((list) => list.every(({ name }) => name !== '__metadata__'))
  const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })
  const bytesOf = (data: TypedArray) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

  it('reads back what it wrote, bit for bit', () => {
    fc.assert(
      fc.property(tensors, metadata, (list, notes) => {
        const decoded = decodeSafetensors(join(encodeSafetensors(list, notes)))
        expect(Object.entries(decoded.metadata).sort()).toEqual(Object.entries(notes).sort())
        expect(decoded.tensors.size).toBe(list.length)
        for (const { name, dtype, shape, data } of list) {
          const read = decoded.tensors.get(name)
          // bfloat16 is read as float32, whose upper half it is.
          const isNarrow = dtype === 'bfloat16'
          expect(read).toMatchObject({ dtype: isNarrow ? 'float32' : dtype, shape })
          const wide = isNarrow ? Uint32Array.from(data as Uint16Array, (bits) => bits << 16) : data
          expect(read && bytesOf(read.data)).toEqual(bytesOf(wide))
        }
      }),
    )
  })

  it('decodes any damaged file or throws a FormatError', () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255) })
    fc.assert(
      fc.property(tensors, fc.array(edit, { maxLength: 4 }), fc.option(fc.nat()), (list, edits, cut) => {
        const file = join(encodeSafetensors(list, { a: 'b' }))
        for (const { at, byte } of edits) file[at % file.length] = byte
        expectDecodedOrFormatError(cut === null ? file : file.subarray(0, cut % file.length))
      }),
      { numRuns: 2000 },
    )
  })

  it('decodes any header of JSON or throws a FormatError', () => {
    const part = fc.oneof(fc.jsonValue(), fc.nat(9), fc.constantFrom('F32', 'U8', [0, 4], [], [1]))
    const anything = fc.dictionary(
      fc.string({ maxLength: 2 }),
      fc.oneof(part, fc.record({ dtype: part, shape: part, data_offsets: part })),
    )
    fc.assert(
      fc.property(anything, fc.nat(16), (header, length) =>
        expectDecodedOrFormatError(fileOf(header, length)),
      ),
      { numRuns: 1000 },
    )
  })

  function expectDecodedOrFormatError(file: Uint8Array): void {
    try {
      decodeSafetensors(file)
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError)
    }
  }
})
