// Pictures as text, for terminals.

/** Grey values row by row, such as a digit of 28 × 28. */
export interface Picture {
  readonly image: ArrayLike<number>
  readonly width: number
  readonly height: number
}

/** Bits of the eight dots of a Braille character, which stand in 4 rows of 2 (Unicode, block U+2800). */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const

/**
 * Draws a picture in Braille characters, each of which shows 4 rows of 2 pixels: 28 × 28 pixels become 7 lines of 14
 * characters. Pixels above half of the brightest are dots.
 */
export function drawn({ image, width, height }: Picture): string[] {
  const threshold = Math.max(...Array.from(image)) / 2
  return Array.from({ length: Math.ceil(height / 4) }, (_, line) =>
    Array.from({ length: Math.ceil(width / 2) }, (_, column) => {
      let bits = 0
      for (const [i, row] of dots.entries())
        for (const [j, bit] of row.entries()) {
          const [y, x] = [line * 4 + i, column * 2 + j]
          if (x < width && y < height && Number(image[y * width + x]) > threshold) bits |= bit
        }
      return String.fromCharCode(0x2800 + bits)
    }).join(''),
  )
}

/** As many of the pictures beside each other as fit into a line of `columns` characters, each above its caption. */
export function drawnRow(
  pictures: readonly (Picture & { readonly caption: string })[],
  columns: number,
): string {
  const gap = '  '
  const cells = pictures.map((picture) => ({ lines: drawn(picture), caption: picture.caption }))
  const width = Math.max(
    ...cells.map(({ lines, caption }) => Math.max(caption.length, lines[0]?.length ?? 0)),
  )
  const shown = cells.slice(0, Math.max(1, Math.floor((columns + gap.length) / (width + gap.length))))
  const centred = (text: string): string => text.padStart(Math.floor((width + text.length) / 2)).padEnd(width)
  const height = Math.max(...shown.map(({ lines }) => lines.length))
  return [
    ...Array.from({ length: height }, (_, i) => shown.map(({ lines }) => centred(lines[i] ?? '')).join(gap)),
    shown
      .map(({ caption }) => centred(caption))
      .join(gap)
      .trimEnd(),
  ].join('\n')
}
