import type { Shape } from '../base/shape.ts'
import { type Node, topologicalOrder } from '../graph/node.ts'
import { expressed, type Size, type Three, type WindowSize } from './open-sizes.ts'

/** A window that moves on by more than one position along an axis, as a trace met it. */
export interface StridedWindow {
  readonly length: number
  readonly count: number
  readonly stride: number
  /** ⌊(length + shift) / stride⌋ = count */
  readonly shift: number
}

/** The strided windows of a graph, one an axis, each behind those that its input is made with. */
export const stridedWindows = (outputs: readonly Node[]): readonly StridedWindow[] =>
  topologicalOrder(outputs).flatMap((node) => {
    if (node.kind === 'conv') {
      const { strides, padding, dilation } = node.params
      const [x, kernel] = node.inputs as readonly [Node, Node]
      return alongAxes(x.shape, node.shape, strides, padding, (i) => {
        const size = kernel.shape[i + 2] as number
        return (size - 1) * (dilation[i] ?? 1) + 1
      })
    }
    if (node.kind !== 'maxPool' && node.kind !== 'averagePool') return []
    const { strides, padding, window } = node.params
    return alongAxes((node.inputs[0] as Node).shape, node.shape, strides, padding, (i) => window[i] as number)
  })

/** Graphs that are exported are channels first: (batch, channels, …spatial). */
const alongAxes = (
  from: Shape,
  to: Shape,
  strides: readonly number[],
  padding: readonly (readonly [number, number])[],
  spanOf: (i: number) => number,
): readonly StridedWindow[] =>
  strides.flatMap((stride, i) => {
    const [before, after] = padding[i] ?? [0, 0]
    const [length, count] = [from[i + 2] as number, to[i + 2] as number]
    return stride === 1 ? [] : [{ length, count, stride, shift: before + after - spanOf(i) + stride }]
  })

type Traces = readonly [readonly StridedWindow[], readonly StridedWindow[], readonly StridedWindow[]]

const threeOf = (traces: Traces, i: number, key: 'length' | 'count'): Three => {
  const [a, b, c] = traces.map((windows) => windows[i]?.[key] ?? 0)
  return [a as number, b as number, c as number]
}

/**
 * How many times larger open sizes have to be, so that what strided windows leave of them is as large as they were: sizes
 * of a few positions cannot be told apart. 1 without such windows.
 */
export function widthOfWindows(traces: Traces): number {
  const open = traces[0].filter(({ length }, i) => threeOf(traces, i, 'length').some((one) => one !== length))
  if (open.length === 0) return 1
  const [longest, fewest] = [
    Math.max(...open.map(({ length }) => length)),
    Math.min(...open.map(({ count }) => count)),
  ]
  return Math.ceil(longest / fewest)
}

/**
 * What to add to the sizes that stand in each trace, so that no strided window leaves the same remainder in all of them:
 * where one did, what it leaves would be a fixed share of its axis in each trace, and could be taken for that.
 *
 * @param stands of the open sizes, which are those of the traces.
 * @param width as {@link widthOfWindows} has it: how much may be added.
 */
export function offsetsOfWindows(traces: Traces, stands: readonly Three[], width: number): Three {
  const counts = traces[0].map((_, i) => threeOf(traces, i, 'count'))
  // Most windows are over an open size or over what an earlier one has left, but for what others of stride 1 take off.
  const sources = traces[0].map((_, i) => {
    const lengths = threeOf(traces, i, 'length')
    const longer = (stand: Three) => lengths.map((length, trace) => length - (stand[trace] as number))
    const candidates = [...stands, ...counts.slice(0, i)]
    const index = candidates.findIndex((stand) => new Set(longer(stand)).size === 1)
    return { index, by: index < 0 ? 0 : (longer(candidates[index] as Three)[0] as number) }
  })
  const remainders = (trace: 0 | 1 | 2, offset: number): readonly number[] => {
    const sizes = stands.map((stand) => stand[trace] + offset)
    return traces[0].map(({ stride, shift }, i) => {
      const { index, by } = sources[i] as { readonly index: number; readonly by: number }
      const shifted = (sizes[index] ?? 0) + by + shift
      sizes.push(Math.floor(shifted / stride))
      return shifted % stride
    })
  }
  const first = remainders(0, 0)
  /** How often the remainders of two traces differ from the first's, in either. */
  const differing = (...others: readonly (readonly number[])[]): number =>
    first.filter((one, i) => others.some((other) => other[i] !== one)).length
  const best = (rank: (offset: number) => number): number =>
    Array.from({ length: width }, (_, offset) => offset).reduce((a, b) => (rank(b) > rank(a) ? b : a))
  const second = best((offset) => differing(remainders(1, offset)))
  const third = best((offset) => differing(remainders(1, second), remainders(2, offset)))
  return [0, second, third]
}

/** What strided windows leave of open axes, as sizes of their own. */
export function windowSizes(traces: Traces, sizes: readonly Size[]): readonly WindowSize[] {
  const found = new Map<string, WindowSize>()
  for (const [i, { stride, shift }] of traces[0].entries()) {
    const [lengths, stand] = [threeOf(traces, i, 'length'), threeOf(traces, i, 'count')]
    const key = JSON.stringify([lengths, stride, shift])
    if (lengths.every((length) => length === lengths[0]) || found.has(key)) continue
    const length = expressed(lengths, [...sizes, ...found.values()])
    if (length !== undefined) found.set(key, { length, stride, shift, stand })
  }
  return [...found.values()]
}
