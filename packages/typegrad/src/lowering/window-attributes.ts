import type { ConvParams, PoolParams, WindowParams } from '../graph/primitives.ts'
import { type Attributes, int, ints } from './builder.ts'

/** ONNX lists all paddings before, then all after. */
export const pads = (padding: WindowParams['padding']): number[] => [
  ...padding.map(([before]) => before),
  ...padding.map(([, after]) => after),
]

export const convAttributes = ({ strides, padding, dilation, groups }: ConvParams): Attributes => ({
  strides: ints(strides),
  pads: ints(pads(padding)),
  dilations: ints(dilation),
  group: int(groups),
})

export const poolAttributes = ({ window, strides, padding }: PoolParams): Attributes => ({
  kernel_shape: ints(window),
  strides: ints(strides),
  pads: ints(pads(padding)),
})
