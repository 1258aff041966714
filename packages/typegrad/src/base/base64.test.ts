import { expect, test } from 'vitest'
import { fromBase64, toBase64 } from './base64.ts'

test.each([0, 1, 2, 3, 12_287, 12_288, 12_289, 40_000])(
  '%i bytes are written as Node does, and read again',
  (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37) % 256)
    const text = toBase64(bytes)
    expect(text).toBe(Buffer.from(bytes).toString('base64'))
    expect(fromBase64(text)).toEqual(bytes)
  },
)
