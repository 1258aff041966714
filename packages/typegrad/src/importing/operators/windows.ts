import type { Shape } from '../../base/shape.ts'
import { apply } from '../../ops/apply.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { NodeCall } from '../node-call.ts'

export type Pair = readonly [before: number, after: number]

export interface Windows {
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly dilation: readonly number[]
  readonly padding: readonly Pair[]
}

/** How a window slides over (N, C, …spatial), as the attributes of convolutions and pools say it. */
export function windowsOf(call: NodeCall, spatial: readonly number[], window: readonly number[]): Windows {
  const ones = window.map(() => 1)
  const strides = call.ints('strides') ?? ones
  const dilation = call.ints('dilations') ?? ones
  const pads = call.ints('pads') ?? [...window, ...window].map(() => 0)
  const autoPad = call.string('auto_pad', 'NOTSET')
  const padding = window.map((size, i): Pair => {
    if (autoPad === 'VALID') return [0, 0]
    if (autoPad === 'NOTSET') return [pads[i] as number, pads[i + window.length] as number]
    const span = (size - 1) * (dilation[i] as number) + 1
    const stride = strides[i] as number
    const count = Math.ceil((spatial[i] as number) / stride)
    return halved((count - 1) * stride + span - (spatial[i] as number), autoPad)
  })
  return { window, strides, dilation, padding }
}

/** An odd element of padding goes where `SAME_UPPER` or `SAME_LOWER` says; windows with gaps between them have less than none. */
const halved = (total: number, autoPad: string): Pair => {
  const before = Math.trunc((autoPad === 'SAME_LOWER' ? total + 1 : total) / 2)
  return [before, total - before]
}

/** `x` from where its windows begin, and the padding that is left: negative padding cuts elements off. */
export function cut(x: Tensor, windows: Windows): readonly [Tensor, Windows] {
  const { padding } = windows
  if (padding.flat().every((count) => count >= 0)) return [x, windows]
  const left = padding.map(([before, after]): Pair => [Math.max(0, before), Math.max(0, after)])
  const starts = padding.map(([before]) => Math.max(0, -before))
  const stops = padding.map(([, after], i) => (x.shape[i + 2] as number) - Math.max(0, -after))
  const inner = apply('slice', [x], {
    starts: [0, 0, ...starts],
    stops: [...x.shape.slice(0, 2), ...stops],
    steps: x.shape.map(() => 1),
  })
  return [inner, { ...windows, padding: left }]
}

/** How often a window fits along each axis. */
export const countsOf = (
  padded: Shape,
  { window, strides, dilation }: Pick<Windows, 'window' | 'strides' | 'dilation'>,
): number[] =>
  padded.map((length, i) => {
    const span = ((window[i] as number) - 1) * (dilation[i] as number) + 1
    return Math.floor((length - span) / (strides[i] as number)) + 1
  })
