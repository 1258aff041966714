import { crc32 as zlib } from 'node:zlib'
import { expect, test } from 'vitest'
import { crc32, hexadecimal } from './crc32.ts'

const text = (value: string) => new TextEncoder().encode(value)

test('the checksum is that of the standard', () => {
  expect(crc32(text('123456789'))).toBe(0xcbf43926)
  expect(crc32(text('56789'), crc32(text('1234')))).toBe(0xcbf43926)
})

test('is that of zlib for every length and alignment', () => {
  const bytes = Uint8Array.from({ length: 80 }, (_, i) => (i * 151 + 7) & 0xff)
  for (let start = 0; start < 5; start++)
    for (let end = start; end <= bytes.length; end++)
      expect(crc32(bytes.subarray(start, end))).toBe(zlib(bytes.subarray(start, end)))
})

test('is written with eight digits', () => {
  expect(hexadecimal(0xcbf43926)).toBe('cbf43926')
  expect(hexadecimal(0x1f)).toBe('0000001f')
})
