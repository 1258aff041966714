interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** For orientations 1 to 8: whether rows are columns, and whether the picture's own rows and columns are read from their ends. */
const turns = [
  [false, false, false],
  [false, false, true],
  [false, true, true],
  [false, true, false],
  [true, false, false],
  [true, true, false],
  [true, true, true],
  [true, false, true],
] as const

/** A picture (height, width, 4) as EXIF's orientation from 1 to 8 wants it seen. */
export function turned({ data, width, height }: Pixels, orientation: number): Pixels {
  const turn = turns[orientation - 1]
  if (turn === undefined || orientation === 1) return { data, width, height }
  const [isTransposed, fromBottom, fromRight] = turn
  const from = new Uint32Array(data.buffer, data.byteOffset, width * height)
  const to = new Uint32Array(width * height)
  const down = fromBottom ? -width : width
  const right = fromRight ? -1 : 1
  const first = (fromBottom ? (height - 1) * width : 0) + (fromRight ? width - 1 : 0)
  const [rows, columns] = isTransposed ? [width, height] : [height, width]
  const [row, column] = isTransposed ? [right, down] : [down, right]
  for (let y = 0, at = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) to[at++] = from[first + y * row + x * column] as number
  return { data: new Uint8Array(to.buffer), width: columns, height: rows }
}
