import { grad, ops, type Tensor } from 'typegrad'
import { range } from '../dimensions.ts'
import { graphSweep, integers, ofData } from './graph-case.ts'

const samePadding = (size: number, window: number, stride: number): readonly [number, number] => {
  const places = Math.ceil(size / stride)
  const total = Math.max(0, (places - 1) * stride + window - size)
  return [places, Math.floor(total / 2)]
}

/** Places at which a window stands, and what counts as zeros before the first. */
const placesOf = (padding: 'same' | 'valid', size: number, window: number, stride: number) =>
  padding === 'same'
    ? samePadding(size, window, stride)
    : ([Math.floor((size - window) / stride) + 1, 0] as const)

/**
 * Convolutions and their gradients, with Winograd's transforms where channels are multiples of eight and without.
 * `inputs` and `outputs` are those of a group.
 */
export const convolutions = graphSweep(
  {
    batch: [0, 1, 2, 3],
    height: [1, 2, 3, 4, 5, 7, 8, 13],
    width: [1, 2, 3, 4, 6, 9, 12],
    inputs: [...range(1, 9), 16, 17, 24],
    outputs: [...range(1, 9), 16, 24, 33],
    groups: [1, 1, 2, 3],
    windowRows: [1, 2, 3, 3, 5],
    windowColumns: [1, 2, 3, 3, 4],
    rowStride: [1, 1, 2, 3],
    columnStride: [1, 1, 2],
    padding: ['same', 'valid'] as const,
    hasEnd: [false, true],
    threads: [1, 2, 5],
  },
  (sizes, random) => {
    const { batch, height, width, inputs, outputs, windowRows, windowColumns, padding } = sizes
    const { rowStride, columnStride, hasEnd, groups } = sizes
    const [allInputs, allOutputs] = [groups * inputs, groups * outputs]
    const [rows, above] = placesOf(padding, height, windowRows, rowStride)
    const [columns, left] = placesOf(padding, width, windowColumns, columnStride)
    if (rows < 1 || columns < 1) return undefined
    if (batch * rows * columns * windowRows * windowColumns * inputs * allOutputs > 1_500_000)
      return undefined
    const x = integers([batch, height, width, allInputs], random)
    // Multiples of four, so that Winograd's transforms are whole numbers.
    const kernel = ofData(
      [windowRows, windowColumns, inputs, allOutputs],
      random.integers(windowRows * windowColumns * inputs * allOutputs, 2).map((value) => 4 * value),
    )
    const bias = integers([allOutputs], random)
    const weights = integers([batch, rows, columns, allOutputs], random, 2)
    const y = new Float64Array(weights.data.length)
    const gx = new Float64Array(x.data.length)
    const gk = new Float64Array(kernel.data.length)
    const add = (to: Float64Array, at: number, value: number): void => {
      to[at] = (to[at] as number) + value
    }
    for (let n = 0; n < batch; n++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          for (let i = 0; i < windowRows; i++)
            for (let j = 0; j < windowColumns; j++) {
              const [py, px] = [row * rowStride + i - above, column * columnStride + j - left]
              if (py < 0 || py >= height || px < 0 || px >= width) continue
              const place = ((n * rows + row) * columns + column) * allOutputs
              const pixel = ((n * height + py) * width + px) * allInputs
              for (let c = 0; c < inputs; c++)
                for (let o = 0; o < allOutputs; o++) {
                  const at = ((i * windowColumns + j) * inputs + c) * allOutputs + o
                  const seen = pixel + Math.floor(o / outputs) * inputs + c
                  const [k, v, w] = [kernel.data[at], x.data[seen], weights.data[place + o]] as [
                    number,
                    number,
                    number,
                  ]
                  add(y, place + o, k * v)
                  add(gx, seen, k * w)
                  add(gk, at, v * w)
                }
            }
    const options = { strides: [rowStride, columnStride], padding, groups }
    const convolved = ops.conv(x.tensor, kernel.tensor, options)
    const [toX, toKernel] = grad(([a, b]: readonly Tensor[]) =>
      ops
        .conv(a as Tensor, b as Tensor, options)
        .mul(weights.tensor)
        .sum(),
    )([x.tensor, kernel.tensor]) as [Tensor, Tensor]
    const ended = y.map((sum, i) => Math.max(0, sum + (bias.data[i % allOutputs] as number)))
    return {
      what: JSON.stringify(sizes),
      results: [
        hasEnd
          ? { value: ops.relu(convolved.add(bias.tensor)), expected: ended }
          : { value: convolved, expected: y },
        { value: toX, expected: gx },
        { value: toKernel, expected: gk },
      ],
    }
  },
)

/** Pooling and its gradient. */
export const poolings = graphSweep(
  {
    batch: [0, 1, 2],
    height: [1, 2, 3, 4, 5, 9, 12],
    width: [1, 2, 3, 4, 5, 7, 8, 9, 16, 17],
    channels: [0, 1, 2, 3, 7, 8, 9, 16, 17],
    window: [1, 2, 2, 3],
    stride: [1, 2, 2, 3],
    padding: ['same', 'valid'] as const,
    kind: ['max', 'average'] as const,
    threads: [1, 2],
  },
  (sizes, random) => {
    const { batch, height, width, channels, window, stride, padding, kind } = sizes
    const [rows, above] = placesOf(padding, height, window, stride)
    const [columns, left] = placesOf(padding, width, window, stride)
    if (rows < 1 || columns < 1) return undefined
    // All different, so that each window has one largest element.
    const places = Array.from({ length: batch * height * width * channels }, (_, i) => i)
    const x = ofData(
      [batch, height, width, channels],
      Float32Array.from(random.shuffled(places), (place) => place - places.length / 2),
    )
    const weights = integers([batch, rows, columns, channels], random)
    const y = new Float64Array(weights.data.length)
    const gx = new Float64Array(x.data.length)
    for (let n = 0; n < batch; n++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          for (let c = 0; c < channels; c++) {
            const place = ((n * rows + row) * columns + column) * channels + c
            const seen: number[] = []
            for (let i = 0; i < window; i++)
              for (let j = 0; j < window; j++) {
                const [py, px] = [row * stride + i - above, column * stride + j - left]
                if (py >= 0 && py < height && px >= 0 && px < width)
                  seen.push(((n * height + py) * width + px) * channels + c)
              }
            const values = seen.map((at) => x.data[at] as number)
            const most = Math.max(...values)
            y[place] = kind === 'max' ? most : values.reduce((a, b) => a + b, 0) / values.length
            const g = weights.data[place] as number
            for (const at of seen)
              if (kind === 'average') gx[at] = (gx[at] as number) + g / seen.length
              else if (x.data[at] === most) gx[at] = (gx[at] as number) + g
          }
    const pooled = (t: Tensor): Tensor =>
      (kind === 'max' ? ops.maxPool : ops.averagePool)(t, { poolSize: window, strides: stride, padding })
    const toX = grad((t: Tensor) => pooled(t).mul(weights.tensor).sum())(x.tensor)
    const tolerance = kind === 'max' ? 0 : 1e-3
    return {
      what: JSON.stringify(sizes),
      results: [
        { value: pooled(x.tensor), expected: y, tolerance },
        { value: toX, expected: gx, tolerance },
      ],
    }
  },
)
