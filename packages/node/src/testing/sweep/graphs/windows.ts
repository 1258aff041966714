import { grad, ops, type Tensor } from 'typegrad'
import type { Random } from '../random.ts'
import { type GraphCase, graphSweep, integers, ofData } from './graph-case.ts'

type Triple = readonly [number, number, number]

/** Places of a window along an axis, and the zeros before the first. */
function placesOf(padding: 'same' | 'valid', size: number, span: number, stride: number): [number, number] {
  if (padding === 'valid') return [Math.floor((size - span) / stride) + 1, 0]
  const places = Math.ceil(size / stride)
  return [places, Math.floor(Math.max(0, (places - 1) * stride + span - size) / 2)]
}

/** For each place of a window (z, y, x) and each of its elements the voxel that it sees, where there is one. */
function* seen(
  sizes: Triple,
  places: Triple,
  window: Triple,
  step: { readonly strides: Triple; readonly dilation: Triple; readonly before: Triple },
): Generator<{ place: number; element: number; voxel: number }> {
  const offset = (axis: number, place: number, k: number): number =>
    place * (step.strides[axis] as number) +
    k * (step.dilation[axis] as number) -
    (step.before[axis] as number)
  const [placesOfAll, elements] = [places, window].map(([a, b, c]) => a * b * c) as [number, number]
  const at = ([, b, c]: Triple, flat: number): Triple => [
    Math.floor(flat / (b * c)),
    Math.floor(flat / c) % b,
    flat % c,
  ]
  for (let place = 0; place < placesOfAll; place++)
    for (let element = 0; element < elements; element++) {
      const [from, k] = [at(places, place), at(window, element)]
      const [z, y, x] = [0, 1, 2].map((axis) =>
        offset(axis, from[axis] as number, k[axis] as number),
      ) as unknown as Triple
      const isInside = [z, y, x].every((value, axis) => value >= 0 && value < (sizes[axis] as number))
      if (isInside) yield { place, element, voxel: (z * sizes[1] + y) * sizes[2] + x }
    }
}

/** What there is along the first axes, 1 along the others. */
const ofRank = (rank: number, sizes: Triple): Triple =>
  sizes.map((size, axis) => (axis < rank ? size : 1)) as unknown as Triple

const add = (to: Float64Array, at: number, value: number): void => {
  to[at] = (to[at] as number) + value
}

const sizesOfWindows = {
  rank: [1, 2, 3] as const,
  batch: [0, 1, 2, 3],
  depth: [1, 2, 3, 4, 5, 7, 8],
  height: [1, 2, 3, 5, 8],
  width: [1, 3, 4, 6],
  inputs: [1, 2, 3, 4, 8, 9],
  outputs: [1, 2, 3, 8, 9, 16],
  groups: [1, 1, 1, 2],
  windowDepth: [1, 2, 3, 3, 5],
  windowRows: [1, 2, 3],
  windowColumns: [1, 2, 3],
  // As in Keras, windows have strides or are dilated.
  apart: ['strides', 'dilation'] as const,
  depthStep: [1, 1, 2, 3],
  step: [1, 1, 2],
  padding: ['same', 'valid'] as const,
  threads: [1, 2],
}

/** A convolution, and its gradients; `inputs` and `outputs` are those of a group. */
function convolutionOf(
  sizes: { readonly [K in keyof typeof sizesOfWindows]: (typeof sizesOfWindows)[K][number] },
  random: Random,
): GraphCase | undefined {
  const { rank, batch, inputs, outputs, groups, padding } = sizes
  const [allInputs, allOutputs] = [groups * inputs, groups * outputs]
  const window = ofRank(rank, [sizes.windowDepth, sizes.windowRows, sizes.windowColumns])
  const ones: Triple = [1, 1, 1]
  const steps = ofRank(rank, [sizes.depthStep, sizes.step, sizes.step])
  const [strides, dilation] = sizes.apart === 'strides' ? [steps, ones] : [ones, steps]
  const whole = ofRank(rank, [sizes.depth, sizes.height, sizes.width])
  const found = whole.map((size, axis) =>
    placesOf(
      padding,
      size,
      ((window[axis] as number) - 1) * (dilation[axis] as number) + 1,
      strides[axis] as number,
    ),
  )
  const places = found.map(([count]) => count) as unknown as Triple
  const before = found.map(([, zeros]) => zeros) as unknown as Triple
  if (places.some((count) => count < 1)) return undefined
  const [voxels, results, elements] = [whole, places, window].map(([a, b, c]) => a * b * c) as [
    number,
    number,
    number,
  ]
  if (batch * results * elements * inputs * allOutputs > 1_000_000) return undefined
  const x = integers([batch, ...whole.slice(0, rank), allInputs], random)
  const kernel = integers([...window.slice(0, rank), inputs, allOutputs], random)
  const weights = integers([batch, ...places.slice(0, rank), allOutputs], random, 2)
  const [y, gx, gk] = [weights, x, kernel].map(({ data }) => new Float64Array(data.length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  for (const { place, element, voxel } of seen(whole, places, window, { strides, dilation, before }))
    for (let n = 0; n < batch; n++)
      for (let c = 0; c < inputs; c++)
        for (let o = 0; o < allOutputs; o++) {
          const result = (n * results + place) * allOutputs + o
          const input = (n * voxels + voxel) * allInputs + Math.floor(o / outputs) * inputs + c
          const at = (element * inputs + c) * allOutputs + o
          const [k, v, w] = [kernel.data[at], x.data[input], weights.data[result]] as [number, number, number]
          add(y, result, k * v)
          add(gx, input, k * w)
          add(gk, at, v * w)
        }
  const options = { strides: strides.slice(0, rank), padding, dilation: dilation.slice(0, rank), groups }
  const [toX, toKernel] = grad(([a, b]: readonly Tensor[]) =>
    ops
      .conv(a as Tensor, b as Tensor, options)
      .mul(weights.tensor)
      .sum(),
  )([x.tensor, kernel.tensor]) as [Tensor, Tensor]
  return {
    what: JSON.stringify(sizes),
    results: [
      { value: ops.conv(x.tensor, kernel.tensor, options), expected: y },
      { value: toX, expected: gx },
      { value: toKernel, expected: gk },
    ],
  }
}

/** Convolutions of sequences, images and volumes, and their gradients. */
export const windows = graphSweep(sizesOfWindows, convolutionOf)

/** Dilated convolutions of images that Winograd's transforms can compute as dense ones. */
export const dilatedWindows = graphSweep(
  {
    ...sizesOfWindows,
    rank: [2] as const,
    batch: [1, 2, 3],
    depth: [5, 6, 7, 8, 9, 11, 12, 13, 14],
    height: [5, 6, 7, 8, 9, 10, 12, 13],
    inputs: [8, 16],
    outputs: [8, 16, 24],
    groups: [1],
    windowDepth: [3],
    windowRows: [3],
    apart: ['dilation'] as const,
    depthStep: [1, 2, 3],
    step: [1, 2, 3],
  },
  convolutionOf,
)

/** Poolings of sequences, images and volumes, and their gradients. */
export const windowPoolings = graphSweep(
  {
    rank: [1, 2, 3] as const,
    batch: [0, 1, 2],
    depth: [1, 2, 3, 4, 7],
    height: [1, 2, 3, 5, 8],
    width: [1, 2, 3, 4, 9],
    channels: [0, 1, 2, 3, 8, 9],
    depthWindow: [1, 2, 2, 3],
    window: [1, 2, 2, 3],
    depthStride: [1, 2, 2, 3],
    stride: [1, 2, 2],
    padding: ['same', 'valid'] as const,
    kind: ['max', 'average'] as const,
    threads: [1, 2],
  },
  (sizes, random) => {
    const { rank, batch, channels, padding, kind } = sizes
    const window = ofRank(rank, [sizes.depthWindow, sizes.window, sizes.window])
    const strides = ofRank(rank, [sizes.depthStride, sizes.stride, sizes.stride])
    const whole = ofRank(rank, [sizes.depth, sizes.height, sizes.width])
    const found = whole.map((size, axis) =>
      placesOf(padding, size, window[axis] as number, strides[axis] as number),
    )
    const places = found.map(([count]) => count) as unknown as Triple
    const before = found.map(([, zeros]) => zeros) as unknown as Triple
    if (places.some((count) => count < 1)) return undefined
    const [voxels, results] = [whole, places].map(([a, b, c]) => a * b * c) as [number, number]
    // All different, so that each window has one largest element.
    const order = random.shuffled(Array.from({ length: batch * voxels * channels }, (_, i) => i))
    const x = ofData([batch, ...whole.slice(0, rank), channels], Float32Array.from(order))
    const weights = integers([batch, ...places.slice(0, rank), channels], random)
    const windows = Array.from({ length: results }, (): number[] => [])
    const step = { strides, dilation: [1, 1, 1], before } as const
    for (const { place, voxel } of seen(whole, places, window, step)) windows[place]?.push(voxel)
    const y = new Float64Array(weights.data.length)
    const gx = new Float64Array(x.data.length)
    for (let n = 0; n < batch; n++)
      for (let c = 0; c < channels; c++)
        windows.forEach((voxelsOf, place) => {
          const inputs = voxelsOf.map((voxel) => (n * voxels + voxel) * channels + c)
          const values = inputs.map((at) => x.data[at] as number)
          const result = (n * results + place) * channels + c
          const most = Math.max(...values)
          y[result] = kind === 'max' ? most : values.reduce((a, b) => a + b, 0) / values.length
          const g = weights.data[result] as number
          for (const at of inputs)
            if (kind === 'average') add(gx, at, g / inputs.length)
            else if (x.data[at] === most) add(gx, at, g)
        })
    const pooled = (t: Tensor): Tensor =>
      (kind === 'max' ? ops.maxPool : ops.averagePool)(t, {
        poolSize: window.slice(0, rank),
        strides: strides.slice(0, rank),
        padding,
      })
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
