// Convolutions and poolings of every kind, each between a dense layer, so that the input's gradient is wanted too, and
// the mean square of its output.
import { constant, dense, kernel } from './weights.ts'
import { step, type TensorSpec, type Workload } from './workload.ts'

/** One layer that slides a window over (batch, …size, inputs). */
export interface WindowLayer {
  readonly id: string
  readonly title: string
  readonly kind: 'conv' | 'transposed' | 'depthwise' | 'separable' | 'maxPool' | 'averagePool'
  readonly batch: number
  /** Spatial dimensions. */
  readonly size: readonly number[]
  readonly inputs: number
  readonly filters: number
  readonly window: number
  readonly strides?: number
  readonly dilation?: number
  readonly groups?: number
}

const image = { batch: 32, size: [32, 32], inputs: 64, filters: 64, window: 3 } as const
const sequence = { batch: 128, size: [144], inputs: 16, filters: 32, window: 7 } as const

export const windowLayers: readonly WindowLayer[] = [
  { id: 'conv1d', title: 'conv1d 16 → 32, kernel 7, on [128, 144, 16]', kind: 'conv', ...sequence },
  { id: 'conv1d-strided', title: 'the same, strides 2', kind: 'conv', ...sequence, strides: 2 },
  { id: 'conv1d-dilated', title: 'the same, dilation 4', kind: 'conv', ...sequence, dilation: 4 },
  {
    id: 'conv1d-transposed',
    title: 'conv1dTranspose, strides 2',
    kind: 'transposed',
    ...sequence,
    strides: 2,
  },
  { id: 'conv1d-depthwise', title: 'depthwiseConv1d', kind: 'depthwise', ...sequence, filters: 16 },
  {
    id: 'conv2d-dilated',
    title: 'conv2d 64 → 64, 3×3, dilation 2, on [32, 32, 32, 64]',
    kind: 'conv',
    ...image,
    dilation: 2,
  },
  { id: 'conv2d-grouped', title: 'the same, 4 groups', kind: 'conv', ...image, groups: 4 },
  {
    id: 'conv2d-transposed',
    title: 'conv2dTranspose 64 → 64, 3×3, strides 2, on [32, 16, 16, 64]',
    kind: 'transposed',
    ...image,
    size: [16, 16],
    strides: 2,
  },
  { id: 'conv2d-depthwise', title: 'depthwiseConv2d 3×3, on [32, 32, 32, 64]', kind: 'depthwise', ...image },
  {
    id: 'conv2d-depthwise-strided',
    title: 'the same, 5×5, strides 2',
    kind: 'depthwise',
    ...image,
    window: 5,
    strides: 2,
  },
  { id: 'conv2d-separable', title: 'separableConv2d 64 → 64, 3×3', kind: 'separable', ...image },
  {
    id: 'conv3d',
    title: 'conv3d 16 → 32, 3×3×3, on [8, 16, 16, 16, 16]',
    kind: 'conv',
    batch: 8,
    size: [16, 16, 16],
    inputs: 16,
    filters: 32,
    window: 3,
  },
  {
    id: 'max-pool-3',
    title: 'maxPooling2d 3×3, strides 2, on [32, 32, 32, 64]',
    kind: 'maxPool',
    ...image,
    strides: 2,
  },
  {
    id: 'average-pool-2',
    title: 'averagePooling2d 2×2',
    kind: 'averagePool',
    ...image,
    window: 2,
    strides: 2,
  },
  { id: 'average-pool-3', title: 'averagePooling2d 3×3, strides 1', kind: 'averagePool', ...image },
  {
    id: 'max-pool-1d',
    title: 'maxPooling1d 2, on [128, 144, 16]',
    kind: 'maxPool',
    ...sequence,
    window: 2,
    strides: 2,
  },
]

const outputLength = ({ kind, window, strides = 1, dilation = 1 }: WindowLayer, length: number): number => {
  const span = (window - 1) * dilation + 1
  return kind === 'transposed'
    ? (length - 1) * strides + Math.max(span, strides)
    : Math.floor((length - span) / strides) + 1
}

function weightsOf({ kind, size, inputs, filters, window, groups = 1 }: WindowLayer): TensorSpec[] {
  const area = window ** size.length
  const windows = new Array<number>(size.length).fill(window)
  const bias = constant('window/bias', [kind === 'depthwise' ? inputs : filters], 0)
  switch (kind) {
    case 'conv': {
      const inner = inputs / groups
      return [kernel('window/kernel', [...windows, inner, filters], area * inner, area * filters), bias]
    }
    case 'transposed':
      return [kernel('window/kernel', [...windows, filters, inputs], area * inputs, area * filters), bias]
    case 'depthwise':
      return [kernel('window/kernel', [...windows, inputs, 1], area, area), bias]
    case 'separable':
      return [
        kernel('window/depthwise_kernel', [...windows, inputs, 1], area, area),
        kernel('window/pointwise_kernel', [...windows.map(() => 1), inputs, filters], inputs, filters),
        bias,
      ]
    default:
      return []
  }
}

const codes = ['conv', 'transposed', 'depthwise', 'separable', 'maxPool', 'averagePool'] as const

/** Workers know a layer by its numbers; its kind is the place in this list. */
export const windowKinds: readonly WindowLayer['kind'][] = codes

function workload(layer: WindowLayer): Workload {
  const {
    id,
    title,
    kind,
    batch,
    size,
    inputs,
    filters,
    window,
    strides = 1,
    dilation = 1,
    groups = 1,
  } = layer
  const channels = kind === 'conv' || kind === 'transposed' || kind === 'separable' ? filters : inputs
  const output = [1, batch, ...size.map((length) => outputLength(layer, length)), channels]
  return {
    ...step,
    id: `window-${id}`,
    title,
    kind: 'window',
    params: {
      ...{ code: codes.indexOf(kind), rank: size.length, length: size[0] as number, inputs, filters },
      ...{ window, strides, dilation, groups },
    },
    weights: [...dense('dense0', inputs, inputs), ...weightsOf(layer)],
    data: [
      { name: 'x', shape: [1, batch, ...size, inputs], fill: { kind: 'uniform', limit: 1 } },
      { name: 'y', shape: output, fill: { kind: 'constant', value: 1 } },
    ],
    perRound: 5,
    rounds: 5,
    warmUp: 5,
    tryOneThread: false,
    memory: 1.5e9,
    target: 1,
  }
}

export const windowWorkloads: readonly Workload[] = windowLayers.map(workload)
