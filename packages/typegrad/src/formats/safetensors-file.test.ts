import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readSafetensors, tensor, writeSafetensors } from '../index.ts'
import { encodeSafetensors, type NamedSafetensorsEntry } from './safetensors.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-checkpoint-'))
})
afterEach(() => rmSync(root, { recursive: true }))
const at = (name: string): string => join(root, name)

const floats = (name: string, ...values: number[]): NamedSafetensorsEntry => ({
  name,
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
})
const bytesOf = (...tensors: NamedSafetensorsEntry[]) =>
  new Uint8Array(Buffer.concat(encodeSafetensors(tensors, { format: 'pt' })))

describe.each([true, false])('a file, mapped: %s', (mmap) => {
  test('says what it holds and gives it', async () => {
    await writeSafetensors(
      at('a.safetensors'),
      { w: tensor([[1, 2, 3]]), n: tensor([7], { dtype: 'int32' }) },
      { dtype: 'bfloat16', metadata: { format: 'pt' } },
    )
    const file = await readSafetensors(at('a.safetensors'), { mmap })
    expect(file.metadata).toEqual({ format: 'pt' })
    expect([...file.tensors]).toEqual([
      ['n', { dtype: 'int32', stored: 'int32', shape: [1] }],
      ['w', { dtype: 'float32', stored: 'bfloat16', shape: [1, 3] }],
    ])
    expect(await (await file.tensor('w')).toArray()).toEqual([[1, 2, 3]])
    expect(await file.read('n')).toEqual(Int32Array.of(7))
    expect([...(await file.bytes('w'))]).toEqual([0x80, 0x3f, 0, 0x40, 0x40, 0x40])
    await expect(file.read('v')).rejects.toMatchObject({
      code: 'argument',
      message: `${at('a.safetensors')}: expected the name of one of its 2 tensors, received "v". Did you mean "n"?`,
    })
  })

  test('is read where elements begin at odd places', async () => {
    const header =
      '{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}'
    const bytes = Buffer.alloc(8 + header.length + 9)
    bytes.writeBigUInt64LE(BigInt(header.length))
    bytes.write(header, 8)
    bytes.writeFloatLE(1.5, 8 + header.length + 1)
    bytes.writeFloatLE(-2, 8 + header.length + 5)
    writeFileSync(at('odd'), bytes)
    expect(await (await readSafetensors(at('odd'), { mmap })).read('w')).toEqual(Float32Array.of(1.5, -2))
  })

  test('that another takes the place of gives its own values or an error', async () => {
    writeFileSync(at('a'), bytesOf(floats('w', 1, 2)))
    const file = await readSafetensors(at('a'), { mmap })
    writeFileSync(at('b'), bytesOf(floats('w', 3, 4)))
    renameSync(at('b'), at('a'))
    if (mmap) expect(await file.read('w')).toEqual(Float32Array.of(1, 2))
    else
      await expect(file.read('w')).rejects.toThrow(
        /expected the file that was opened, received one that was changed/,
      )
  })

  test.each([
    ['missing', undefined, /expected a file, received nothing of that name/],
    ['empty', new Uint8Array(0), /expected the 8 bytes of its length, received a file of 0 bytes/],
    ['cut', bytesOf(floats('w', 1, 2)).subarray(0, -4), /expected offsets within the 4 bytes of data/],
    ['no safetensors', Buffer.from('%PDF-1.7 and more'), /expected a length of at most 100000000 bytes/],
  ])('that is %s is an error', async (_, bytes, message) => {
    if (bytes !== undefined) writeFileSync(at('x'), bytes)
    await expect(readSafetensors(at('x'), { mmap })).rejects.toThrow(message)
  })
})

test('bytes that are in memory', async () => {
  const file = await readSafetensors(bytesOf(floats('w', 1, 2)), { name: 'fetched' })
  expect(await file.read('w')).toEqual(Float32Array.of(1, 2))
  await expect(readSafetensors(new Uint8Array(3), { name: 'fetched' })).rejects.toThrow(
    /^fetched, header: expected/,
  )
  await expect(readSafetensors({} as never)).rejects.toMatchObject({ code: 'argument' })
})

describe('a sharded checkpoint', () => {
  const write = (options = {}) =>
    writeSafetensors(
      at('deep/model.safetensors'),
      { a: tensor([1, 2]), b: tensor([3, 4, 5]), c: tensor([6]), d: tensor([7]) },
      { maxShardBytes: 8, ...options },
    )
  const read = () => readSafetensors(at('deep/model.safetensors'))
  const [first, second] = ['model-00001-of-00003.safetensors', 'model-00002-of-00003.safetensors']
  const index = 'deep/model.safetensors.index.json'
  const edit = (change: (map: Record<string, unknown>) => void) => {
    const content = JSON.parse(readFileSync(at(index), 'utf8'))
    change(content.weight_map)
    writeFileSync(at(index), JSON.stringify(content))
  }

  test('is written as Hugging Face names it, and read by either name', async () => {
    await write()
    expect(readdirSync(at('deep')).sort()).toEqual([
      first,
      second,
      'model-00003-of-00003.safetensors',
      'model.safetensors.index.json',
    ])
    expect(JSON.parse(readFileSync(at(index), 'utf8'))).toEqual({
      metadata: { total_size: 28 },
      weight_map: {
        a: first,
        b: second,
        c: 'model-00003-of-00003.safetensors',
        d: 'model-00003-of-00003.safetensors',
      },
    })
    for (const path of [index, 'deep/model.safetensors']) {
      const file = await readSafetensors(at(path))
      expect([...file.tensors.keys()]).toEqual(['a', 'b', 'c', 'd'])
      expect(await file.read('b')).toEqual(Float32Array.of(3, 4, 5))
    }
  })

  test('is one file where it fits, and the last one that was written is what is read', async () => {
    await write()
    await write({ maxShardBytes: 1000 })
    expect(readdirSync(at('deep'))).toEqual(['model.safetensors'])
    expect(await (await read()).read('d')).toEqual(Float32Array.of(7))
    writeFileSync(at('deep/model-2-of-3.safetensors'), 'another')
    await write({ maxShardBytes: 20 })
    expect(readdirSync(at('deep')).sort()).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model-2-of-3.safetensors',
      'model.safetensors.index.json',
    ])
  })

  test.each<[string, () => void, RegExp]>([
    [
      'of which a shard is missing',
      () => rmSync(at(`deep/${second}`)),
      /00002-of-00003\.safetensors: expected a file/,
    ],
    [
      'whose weight is in another shard',
      () => edit((map) => Object.assign(map, { b: first })),
      /index\.json, model-00001-of-00003\.safetensors: expected the tensor "b", received a file without it\. The shards/,
    ],
    [
      'with a tensor that the index does not know',
      () => edit((map) => delete map.c),
      /expected only tensors that the index says are in it, received "c" too, which the index does not know/,
    ],
    [
      'with an absolute path',
      () => edit((map) => Object.assign(map, { a: '/etc/passwd' })),
      /weight_map, "a": expected the name of a file beside the index, received "\/etc\/passwd"/,
    ],
    [
      'with a path upwards',
      () => edit((map) => Object.assign(map, { a: `x/../../${first}` })),
      /expected the name of a file beside/,
    ],
    [
      'with a path of Windows',
      () => edit((map) => Object.assign(map, { a: `..\\${first}` })),
      /expected the name of a file beside/,
    ],
    ['with a path that is none', () => edit((map) => Object.assign(map, { a: 3 })), /received 3/],
    [
      'without a map',
      () => writeFileSync(at(index), '{}'),
      /expected an index of shards.*received no weight_map/,
    ],
    ['that is no JSON', () => writeFileSync(at(index), '{'), /expected JSON in UTF-8/],
  ])('%s is an error', async (_, damage, message) => {
    await write()
    damage()
    await expect(read()).rejects.toMatchObject({ code: 'format', message: expect.stringMatching(message) })
  })
})

describe('writing', () => {
  test('stores each tensor as the table or the function says', async () => {
    const tensors = { 'a.kernel': tensor([1]), 'a.bias': tensor([2]), count: tensor([3], { dtype: 'int32' }) }
    const stored = async (dtype: NonNullable<Parameters<typeof writeSafetensors>[2]>['dtype']) => {
      await writeSafetensors(at('x'), tensors, dtype === undefined ? {} : { dtype })
      const file = await readSafetensors(at('x'))
      return ['a.kernel', 'a.bias', 'count'].map((name) => file.tensors.get(name)?.stored)
    }
    expect(await stored({ '*.bias': 'float64', '**': 'float8e4m3' })).toEqual([
      'float8e4m3',
      'float64',
      'int32',
    ])
    expect(await stored((_, { shape }) => (shape.length === 1 ? 'float16' : undefined))).toEqual([
      'float16',
      'float16',
      'int32',
    ])
    expect(await stored(undefined)).toEqual(['float32', 'float32', 'int32'])
  })

  test.each([
    [
      [
        ['a', tensor([1])],
        ['a', tensor([1])],
      ] as const,
      {},
      /tensor "a": expected a name that no other tensor has/,
    ],
    [[['__metadata__', tensor([1])]] as const, {}, /the reserved name/],
    [
      [['a', { dtype: 'float32', shape: [3], data: new Float32Array(2) }]] as const,
      {},
      /expected 3 elements for shape \[3\], received 2/,
    ],
    [[['a', tensor([1])]] as const, { metadata: { a: 1 } }, /metadata: expected an object of strings/],
    [
      [['a', tensor([1])]] as const,
      { dtype: 'bf16' },
      /dtype: expected 'float64' or 'float32' or 'float16' or 'bfloat16'/,
    ],
    [[['a', tensor([1])]] as const, { dtype: { '*': 'int8' } }, /dtype, "\*": expected/],
    [[['a', tensor([1])]] as const, { maxShardBytes: 0 }, /maxShardBytes: expected a finite number above 0/],
  ])(
    'refuses what cannot be written, and leaves the file as it was (%#)',
    async (tensors, options, message) => {
      writeFileSync(at('x'), 'before')
      await expect(writeSafetensors(at('x'), tensors as never, options as never)).rejects.toThrow(message)
      expect(readFileSync(at('x'), 'utf8')).toBe('before')
      expect(readdirSync(root)).toEqual(['x'])
    },
  )
})
