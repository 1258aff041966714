import { inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../base/errors.ts'
import { readGolden } from '../../testing/golden.ts'
import { lookup3 } from './lookup3.ts'
import { contentOf } from './read.ts'

interface Case {
  readonly name: string
  readonly zlib: string
  readonly datasets: Readonly<Record<string, { dtype: string; shape: number[]; data: (number | string)[] }>>
  readonly attributes: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>
}

const { cases } = readGolden<{ cases: readonly Case[] }>('hdf5.json')
const bytesOf = ({ zlib }: Case) => new Uint8Array(inflateSync(Buffer.from(zlib, 'base64')))
const caseOf = (name: string) => cases.find((one) => one.name === name) as Case

describe.each(cases)('a file of h5py: $name', (one) => {
  const { datasets, attributes } = contentOf(bytesOf(one), 'file.h5')

  test('has the same arrays', () => {
    const found = [...datasets].map(([path, dataset]) => {
      const data = Array.from<number | bigint>(dataset.read()).map((x) =>
        typeof x === 'bigint' ? String(x) : x,
      )
      return [path, { dtype: dataset.dtype, shape: dataset.shape, data }]
    })
    expect(Object.fromEntries(found)).toEqual(one.datasets)
  })

  test('has the same texts', () => {
    expect(Object.fromEntries(attributes)).toEqual(one.attributes)
  })
})

test('the checksum is that of the published test vectors', () => {
  // driver5 of lookup3.c: hashlittle of '' and of the text, with 0 and with 1.
  const text = new TextEncoder().encode('Four score and seven years ago')
  expect(lookup3(new Uint8Array(0))).toBe(0xdeadbeef)
  expect(lookup3(text)).toBe(0x17770551)
  expect(lookup3(text, 1)).toBe(0xcd628161)
})

describe('refused within bounds', () => {
  const v0 = bytesOf(caseOf('earliest'))
  const edited = (edit: (view: DataView, bytes: Uint8Array) => void): Uint8Array => {
    const bytes = v0.slice()
    edit(new DataView(bytes.buffer), bytes)
    return bytes
  }
  const find = (bytes: Uint8Array, letters: string, from = 0): number =>
    Buffer.from(bytes).indexOf(letters, from)
  const read = (bytes: Uint8Array) => {
    for (const dataset of contentOf(bytes, 'file.h5').datasets.values()) dataset.read()
  }

  test.each<[string, () => Uint8Array, RegExp]>([
    ['what is no HDF5 file', () => new Uint8Array(1000), /expected an HDF5 file, received bytes without/],
    ['a file that is cut off', () => v0.subarray(0, v0.length - 1), /damaged or cut off/],
    [
      'a tree that leads to itself',
      () =>
        edited((view, bytes) => {
          const tree = find(bytes, 'TREE')
          view.setUint8(tree + 5, 1)
          view.setBigUint64(tree + 32, BigInt(tree), true)
        }),
      /a tree whose levels end/,
    ],
    [
      'a group that is its own member',
      () =>
        edited((view, bytes) => {
          const list = find(bytes, 'SNOD')
          for (let i = 0; i < view.getUint16(list + 6, true); i++)
            view.setBigUint64(list + 16 + i * 40, view.getBigUint64(64, true), true)
        }),
      /circles|groups within 64/,
    ],
    [
      'a heap of texts without end',
      () =>
        edited((view, bytes) => {
          view.setBigUint64(find(bytes, 'GCOL') + 8, 2n ** 40n, true)
        }),
      /a file of \d+ bytes/,
    ],
  ])('%s', (_, make, message) => {
    const bytes = make()
    expect(() => read(bytes)).toThrow(FormatError)
    expect(() => read(bytes)).toThrow(message)
  })

  test('every damage of one byte is an error or the content, at once', () => {
    const newest = bytesOf(caseOf('latest'))
    // Every place within structures of the newest form is covered by a checksum; so each of these ends soon.
    let refused = 0
    for (let at = 0; at < newest.length; at += 1511) {
      const bytes = newest.slice()
      bytes[at] = (bytes[at] as number) ^ 0x15
      try {
        read(bytes)
      } catch (error) {
        if (!(error instanceof FormatError)) throw error
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(0)
  })
})
