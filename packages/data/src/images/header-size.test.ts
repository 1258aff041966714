import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { headerSize } from './header-size.ts'
import { formatOf } from './signature.ts'

const folder = new URL('../../golden/pictures/', import.meta.url)
const golden: { readonly read: readonly { file: string; size: [height: number, width: number] }[] } =
  JSON.parse(readFileSync(new URL('pictures.json', folder), 'utf8'))

test.each(golden.read.map(({ file, size }) => [file, size] as const))(
  '%s says of its size what Pillow finds',
  (file, [height, width]) => {
    const bytes = readFileSync(new URL(file, folder))
    const format = formatOf(bytes)
    const isTurned = file === 'turned.jpg'
    const wanted = isTurned ? { width: height, height: width } : { width, height }
    expect(headerSize(format, bytes)).toEqual(format === 'TIFF' ? undefined : wanted)
    // Short of its size a file says nothing, or, in the middle of a number, something else, and never throws.
    for (let length = 0; length < 40; length++) headerSize(format, bytes.subarray(0, length))
    expect(headerSize(format, bytes.subarray(0, 7))).toBeUndefined()
  },
)

test('an extended WebP says it in 24 bits', () => {
  const bytes = new Uint8Array(30)
  bytes.set(Buffer.from('RIFF....WEBPVP8X'))
  bytes.set([0x2b, 0x01, 0, 0x0f, 0x27, 0x01], 24)
  expect(headerSize('WebP', bytes)).toEqual({ width: 0x12b + 1, height: 0x1270f + 1 })
})
