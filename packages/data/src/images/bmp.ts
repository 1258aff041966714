import { checkPixels, DamagedPicture, type Picture } from './picture.ts'

const damaged = (expected: string, received: string): DamagedPicture =>
  new DamagedPicture({ expected, received })

/**
 * Windows' bitmaps without compression: 1, 4 or 8 bits by a palette, 24 of blue, green and red, 32 of these and a byte that is
 * not read.
 *
 * Source: the structures BITMAPFILEHEADER and BITMAPINFOHEADER, https://learn.microsoft.com/windows/win32/gdi/bitmap-storage
 *
 * @returns red, green and blue.
 * @throws DamagedPicture for what is cut, compressed or larger than allowed.
 */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): Picture {
  if (bytes.length < 54) throw damaged('a whole BMP', `its first ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = view.getUint32(10, true)
  const header = view.getUint32(14, true)
  const width = view.getInt32(18, true)
  const stored = view.getInt32(22, true)
  // A negative height says that rows begin at the top.
  const height = Math.abs(stored)
  const bits = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  if (header < 40 || compression !== 0 || ![1, 4, 8, 24, 32].includes(bits))
    throw damaged(
      'a BMP of 1, 4, 8, 24 or 32 bits without compression',
      `${bits} bits, compression ${compression}, a header of ${header} bytes`,
    )
  checkPixels(width, height, maxPixels)
  const stride = Math.ceil((width * bits) / 32) * 4
  if (start + stride * height > bytes.length)
    throw damaged(`a BMP with ${start + stride * height} bytes`, `its first ${bytes.length}`)
  const palette = 14 + header
  const colors = (view.getUint32(46, true) || 2 ** bits) & 0x1ff
  if (bits <= 8 && palette + 4 * colors > start) throw damaged('a BMP with a whole palette', 'a part of one')
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const row = start + (stored < 0 ? y : height - 1 - y) * stride
    for (let x = 0; x < width; x++) {
      let at = row + (x * bits) / 8
      if (bits <= 8) {
        const color = ((bytes[Math.floor(at)] as number) >> (8 - bits - ((x * bits) % 8))) & (2 ** bits - 1)
        if (color >= colors) throw damaged(`colours below ${colors}`, `${color} in row ${y}`)
        at = palette + 4 * color
      }
      const to = (y * width + x) * 3
      data[to] = bytes[at + 2] as number
      data[to + 1] = bytes[at + 1] as number
      data[to + 2] = bytes[at] as number
    }
  }
  return { data, width, height, channels: 3 }
}
