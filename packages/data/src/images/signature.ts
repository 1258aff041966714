import { DamagedPicture } from './picture.ts'

export type PictureFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF' | 'TIFF' | 'BMP'

/** What files begin with; a dot stands for any byte. */
const beginnings: readonly (readonly [string, PictureFormat])[] = [
  ['\xff\xd8\xff', 'JPEG'],
  ['\x89PNG\r\n\x1a\n', 'PNG'],
  ['RIFF....WEBP', 'WebP'],
  ['GIF8', 'GIF'],
  ['II*\0', 'TIFF'],
  ['MM\0*', 'TIFF'],
  ['BM', 'BMP'],
]

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

/** What a file is, by its first bytes. @throws DamagedPicture for what is no picture. */
export function formatOf(bytes: Uint8Array): PictureFormat {
  const start = latin(bytes.subarray(0, 12))
  const found = beginnings.find(([beginning]) =>
    [...beginning].every((letter, i) => (letter === '.' ? i < start.length : letter === start[i])),
  )
  if (found !== undefined) return found[1]
  const text = latin(bytes.subarray(0, 24))
  const isText = /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(text)
  throw new DamagedPicture({
    expected: 'a picture: JPEG, PNG, WebP, GIF, TIFF or BMP',
    received:
      bytes.length === 0
        ? 'an empty file'
        : isText
          ? `text that begins with ${JSON.stringify(text)}`
          : `other bytes, the first ${Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`,
  })
}
