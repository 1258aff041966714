import { points, scratchOf, type WinogradImages } from 'typegrad/engine'
import { kernelSweep } from '../case.ts'

/** Channels of input and output: all residues of panels and tiles that multiples of eight have, and one large transform. */
const channels = [
  [8, 8],
  [8, 16],
  [16, 8],
  [24, 16],
  [8, 24],
  [32, 40],
  [40, 32],
  [48, 48],
  [264, 256],
] as const

const images = {
  batch: [1, 2, 3],
  height: [1, 2, 3, 4, 5, 6, 9, 14, 21],
  width: [1, 2, 3, 4, 5, 7, 8, 14, 20],
  channels,
  above: [0, 1, 2],
  left: [0, 1, 2],
  below: [0, 1, 2],
  right: [0, 1, 2],
  tasks: [1, 2, 3, 5, 8],
} as const

interface Sizes {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: readonly [number, number]
  readonly above: number
  readonly left: number
  readonly below: number
  readonly right: number
}

function imagesOf(sizes: Sizes): WinogradImages | undefined {
  const { batch, height, width, above, left, below, right } = sizes
  const [rows, columns] = [height + above + below - 2, width + left + right - 2]
  if (rows < 1 || columns < 1) return undefined
  const [inputs, outputs] = sizes.channels
  if (batch * rows * columns * inputs * outputs > 2_000_000) return undefined
  return {
    input: [batch, height, width, inputs],
    output: [batch, rows, columns, outputs],
    before: [above, left],
  }
}

/** Calls `each` for what meets in a convolution with a window of 3 × 3: an element of x, of the output, of the window. */
function overWindows(
  { input, output, before }: WinogradImages,
  each: (pixel: number, place: number, window: number) => void,
): void {
  const [batch, height, width] = input as readonly [number, number, number]
  const [, rows, columns] = output as readonly [number, number, number]
  for (let n = 0; n < batch; n++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let i = 0; i < 3; i++)
          for (let j = 0; j < 3; j++) {
            const [y, x] = [row + i - before[0], column + j - before[1]]
            if (y < 0 || y >= height || x < 0 || x >= width) continue
            each((n * height + y) * width + x, (n * rows + row) * columns + column, 3 * i + j)
          }
}

/** G of F(2×2, 3×3): from three numbers to four. */
const transform: readonly (readonly [number, number, number])[] = [
  [1, 0, 0],
  [0.5, 0.5, 0.5],
  [0.5, -0.5, 0.5],
  [0, 0, 1],
]

/** G·w·Gᵀ of the window whose elements `of` gives, at one of 16 points. */
function transformed(point: number, of: (window: number) => number): number {
  const [down, across] = [transform[point >> 2], transform[point & 3]] as [
    readonly number[],
    readonly number[],
  ]
  let sum = 0
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) sum += (down[i] as number) * (across[j] as number) * of(3 * i + j)
  return sum
}

/** Gᵀ·u·G of 16 points, at one element of the window. */
function untransformed(window: number, of: (point: number) => number): number {
  let sum = 0
  for (let point = 0; point < points; point++) {
    const down = transform[point >> 2]?.[Math.floor(window / 3)] as number
    sum += down * (transform[point & 3]?.[window % 3] as number) * of(point)
  }
  return sum
}

/** Where a pair of channels stands at a point of a transformed kernel: (points, panels of columns, rows, 16). */
const placeInPanels = (rows: number, columns: number, point: number, row: number, column: number): number =>
  ((point * Math.ceil(columns / 16) + Math.floor(column / 16)) * rows + row) * 16 + (column % 16)

const panelFloats = (rows: number, columns: number): number => points * Math.ceil(columns / 16) * rows * 16

/** Multiples of four: their transforms are whole numbers. */
const fours = (integers: Float32Array): Float32Array => integers.map((value) => 4 * value)

export const winogradWeights = kernelSweep({
  dimensions: {
    inputs: [8, 16, 24, 32, 40, 104],
    outputs: [8, 16, 24, 32, 40, 96, 456],
    isMirrored: [false, true],
    repeat: [0, 1],
  },
  build({ inputs, outputs, isMirrored }, random) {
    const kernel = fours(random.integers(9 * inputs * outputs, 3))
    const [rows, columns] = isMirrored ? [outputs, inputs] : [inputs, outputs]
    const values = new Float64Array(panelFloats(rows, columns))
    // What stands behind the last column is never read.
    const open = new Uint8Array(values.length).fill(1)
    for (let point = 0; point < points; point++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const [i, o] = isMirrored ? [column, row] : [row, column]
          const place = placeInPanels(rows, columns, point, row, column)
          values[place] = transformed(point, (window) => {
            const from = isMirrored ? 8 - window : window
            return kernel[(from * inputs + i) * outputs + o] as number
          })
          open[place] = 0
        }
    return {
      kernel: { kind: 'winogradWeights', inputs, outputs, isMirrored },
      inputs: [kernel],
      outputs: [{ values, isOpen: (i) => open[i] === 1 }],
    }
  },
})

export const winogradConv = kernelSweep({
  dimensions: { ...images, hasBias: [false, true], hasRelu: [false, true] },
  build({ hasBias, hasRelu, tasks, ...sizes }, random) {
    const shapes = imagesOf(sizes)
    if (shapes === undefined) return undefined
    const [inputs, outputs] = sizes.channels
    const x = random.integers(sizes.batch * sizes.height * sizes.width * inputs)
    const window = fours(random.integers(9 * inputs * outputs, 2))
    const bias = random.integers(outputs, 50)
    const weights = new Float32Array(panelFloats(inputs, outputs)).fill(Number.NaN)
    for (let point = 0; point < points; point++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++)
          weights[placeInPanels(inputs, outputs, point, i, o)] = transformed(
            point,
            (k) => window[(k * inputs + i) * outputs + o] as number,
          )
    const [batch, rows, columns] = shapes.output as readonly [number, number, number]
    const values = new Float64Array(batch * rows * columns * outputs)
    overWindows(shapes, (pixel, place, k) => {
      for (let i = 0; i < inputs; i++) {
        const factor = x[pixel * inputs + i] as number
        for (let o = 0; o < outputs; o++) {
          const at = place * outputs + o
          values[at] = (values[at] as number) + factor * (window[(k * inputs + i) * outputs + o] as number)
        }
      }
    })
    values.forEach((sum, at) => {
      const value = hasBias ? sum + (bias[at % outputs] as number) : sum
      values[at] = hasRelu && value < 0 ? 0 : value
    })
    return {
      kernel: { kind: 'winogradConv', ...shapes, hasBias, hasRelu, tasks },
      inputs: hasBias ? [x, weights, bias] : [x, weights],
      outputs: [{ values }, undefined],
    }
  },
})

export const winogradGradient = kernelSweep({
  dimensions: images,
  build({ tasks, ...sizes }, random) {
    const shapes = imagesOf(sizes)
    if (shapes === undefined) return undefined
    const [inputs, outputs] = sizes.channels
    const kernel = { kind: 'winogradGradient', ...shapes, tasks } as const
    if (tasks * (scratchOf(kernel) + points * inputs * outputs) > 3_000_000) return undefined
    const [batch, rows, columns] = shapes.output as readonly [number, number, number]
    const x = random.integers(sizes.batch * sizes.height * sizes.width * inputs, 3)
    const g = random.integers(batch * rows * columns * outputs, 3)
    const expected = new Float64Array(9 * inputs * outputs)
    overWindows(shapes, (pixel, place, k) => {
      for (let i = 0; i < inputs; i++) {
        const factor = x[pixel * inputs + i] as number
        for (let o = 0; o < outputs; o++) {
          const at = (k * inputs + i) * outputs + o
          expected[at] = (expected[at] as number) + factor * (g[place * outputs + o] as number)
        }
      }
    })
    const judge = (parts: Float32Array): string | undefined => {
      const pairs = inputs * outputs
      for (let k = 0; k < 9; k++)
        for (let pair = 0; pair < pairs; pair++) {
          const received = untransformed(k, (point) => {
            let sum = 0
            for (let task = 0; task < tasks; task++)
              sum += parts[(task * points + point) * pairs + pair] as number
            return sum
          })
          if (received !== expected[k * pairs + pair])
            return `the gradient at ${k}, ${pair} is ${received}, not ${expected[k * pairs + pair]}`
        }
      return undefined
    }
    return { kernel, inputs: [x, g], outputs: [judge, undefined] }
  },
})

/** Tasks have 512 pairs of channels. */
export const winogradGradientSum = kernelSweep({
  dimensions: {
    inputs: [8, 16, 24, 32, 40, 64, 72],
    outputs: [8, 16, 24, 32, 40],
    parts: [1, 2, 3, 5, 16],
  },
  build({ inputs, outputs, parts }, random) {
    const pairs = inputs * outputs
    const given = fours(random.integers(parts * points * pairs))
    const sums = new Float64Array(points * pairs)
    given.forEach((value, i) => {
      const at = i % sums.length
      sums[at] = (sums[at] as number) + value
    })
    const values = Float64Array.from({ length: 9 * pairs }, (_, at) =>
      untransformed(Math.floor(at / pairs), (point) => sums[point * pairs + (at % pairs)] as number),
    )
    return {
      kernel: { kind: 'winogradGradientSum', inputs, outputs, parts },
      inputs: [given],
      outputs: [{ values }],
    }
  },
})
