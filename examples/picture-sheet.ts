import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { encode } from 'fast-png'

export interface PictureSheet {
  /** Grey values from 0 (black) to 1 (white), picture by picture, each row by row: (count, height, width). */
  readonly pictures: ArrayLike<number>
  readonly height: number
  readonly width: number
  /** Pictures beside each other. */
  readonly columns: number
  /** How many pixels of the sheet a pixel becomes, in each direction. Default 2. */
  readonly scale?: number
}

/** Writes pictures of one size as rows of one PNG, with a gap between them. */
export async function writePictureSheet(file: string, sheet: PictureSheet): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, encode(drawSheet(sheet)))
}

/** The sheet's pixels: one byte each. */
export function drawSheet({ pictures, height, width, columns, scale = 2 }: PictureSheet) {
  const gap = 2
  const count = pictures.length / (height * width)
  const rows = Math.ceil(count / columns)
  const sheetWidth = columns * (width * scale + gap) + gap
  const sheetHeight = rows * (height * scale + gap) + gap
  const data = new Uint8Array(sheetWidth * sheetHeight).fill(64)
  for (let picture = 0; picture < count; picture++) {
    const top = gap + Math.floor(picture / columns) * (height * scale + gap)
    const left = gap + (picture % columns) * (width * scale + gap)
    for (let y = 0; y < height * scale; y++) {
      for (let x = 0; x < width * scale; x++) {
        const pixel = (picture * height + Math.floor(y / scale)) * width + Math.floor(x / scale)
        const value = Math.min(1, Math.max(0, pictures[pixel] ?? 0))
        data[(top + y) * sheetWidth + left + x] = Math.round(255 * value)
      }
    }
  }
  return { width: sheetWidth, height: sheetHeight, data, channels: 1, depth: 8 } as const
}
