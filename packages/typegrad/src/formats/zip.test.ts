import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../base/errors.ts'
import { readZip, writeZip } from './zip.ts'

const text = (value: string) => new TextEncoder().encode(value)
const files = { 'a.txt': text('abc'.repeat(100)), 'b/c.bin': Uint8Array.of(1, 2, 3) }

/** A copy with a number at the first place behind a signature. */
function changed(bytes: Uint8Array, signature: number, offset: number, value: number): Uint8Array {
  const copy = bytes.slice()
  const view = new DataView(copy.buffer)
  let at = 0
  while (view.getUint32(at, true) !== signature) at += 1
  view.setUint32(at + offset, value, true)
  return copy
}

const directory = 0x02014b50

test.each([0, 9] as const)('files come back, packed at level %i', (level) => {
  expect(Object.fromEntries(readZip(zipSync(files, { level }), 'x'))).toEqual(files)
})

test('what is written is read', () => {
  expect(Object.fromEntries(readZip(writeZip(files), 'x'))).toEqual(files)
})

test('only what is needed is unpacked', () => {
  const damaged = changed(writeZip(files), directory, 16, 1) // the checksum of a.txt
  expect(Object.fromEntries(readZip(damaged, 'x', {}, ['b/c.bin']))).toEqual({ 'b/c.bin': files['b/c.bin'] })
  expect(() => readZip(damaged, 'x', {}, ['config.json'])).toThrow(
    /expected config\.json in the archive, received 'a\.txt', 'b\/c\.bin'/,
  )
})

describe('refused:', () => {
  const packed = zipSync({ 'a.bin': new Uint8Array(4 * 2 ** 20) }, { level: 9 })
  const refused = (bytes: Uint8Array, message: RegExp, limits = {}) => {
    expect(() => readZip(bytes, 'x.keras', limits)).toThrow(FormatError)
    expect(() => readZip(bytes, 'x.keras', limits)).toThrow(message)
  }

  test('a file that grows beyond the ratio', () => refused(packed, /at most 200 times/))
  test('more than the limit in all', () =>
    refused(packed, /at most 1000 bytes/, { maxBytes: 1000, maxRatio: 1e9 }))
  test('a file that is larger than it says', () =>
    refused(changed(packed, directory, 24, 1000), /1000 bytes, as the directory says, received more/))
  test('a file that is smaller than it says', () =>
    refused(changed(zipSync(files, { level: 9 }), directory, 24, 5000), /5000 bytes/))
  test('a wrong checksum', () => refused(changed(writeZip(files), directory, 16, 1), /checksum/))
  test.each(['../a', '/a', 'a/../../b', 'C:/a', 'a\\b'])('the name %s', (name) =>
    refused(writeZip({ [name]: Uint8Array.of(1) }), /leads out/),
  )
  test('files that overlap, each of which would be unpacked by itself', () => {
    // Both entries of the directory lead to the first file.
    const bytes = writeZip({ 'a.bin': new Uint8Array(64), 'b.bin': new Uint8Array(64) })
    const view = new DataView(bytes.buffer)
    const second = Buffer.from(bytes).lastIndexOf(Uint8Array.of(0x50, 0x4b, 0x01, 0x02))
    view.setUint32(second + 42, 0, true)
    refused(bytes, /'b\.bin': expected files beside each other, received one that overlaps 'a\.bin'/)
  })
  test('archives that are cut off', () => {
    const whole = writeZip(files)
    for (let length = 0; length < whole.length; length += 7) refused(whole.slice(0, length), /expected/)
  })
  test('an archive without its beginning', () => refused(writeZip(files).slice(50), /expected/))
  test('encryption', () => refused(changed(writeZip(files), directory, 8, 1), /encryption/))
  test('an unknown compression', () => refused(changed(writeZip(files), directory, 10, 99), /method 99/))
})
