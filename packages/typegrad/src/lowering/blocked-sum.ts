import { type Shape, sameShape, sizeOf } from '../base/shape.ts'
import type { ReduceParams } from '../graph/primitives.ts'
import { type GraphBuilder, int } from './builder.ts'

/**
 * Elements that are summed one after the other: up to `most` there is one sum, else sums of `block` are summed. Neighbours
 * in memory are summed in four lanes at least, so that each takes a quarter.
 */
const lengths = {
  neighbours: { max: 256, block: 128 },
  apart: { max: 64, block: 32 },
} as const

/** Axes that lie beside each other and are summed, or kept, together. */
interface Group {
  readonly size: number
  readonly isSummed: boolean
}

function groupsOf(shape: Shape, axes: readonly number[]): Group[] {
  const groups: Group[] = []
  shape.forEach((size, axis) => {
    if (size === 1) return
    const isSummed = axes.includes(axis)
    const last = groups.at(-1)
    if (last?.isSummed === isSummed) groups[groups.length - 1] = { size: last.size * size, isSummed }
    else groups.push({ size, isSummed })
  })
  return groups
}

/** The divisor that is nearest to a length, if there is one from half of it to twice it. */
function divisorNear(size: number, wanted: number): number | undefined {
  for (let away = 0; away <= wanted; away++) {
    for (const divisor of [wanted + away, wanted - away])
      if (divisor >= wanted / 2 && size % divisor === 0) return divisor
  }
  return undefined
}

/**
 * A sum of floats in several steps, each of few elements: the runtime adds up one after the other, and a million times
 * 0.1 becomes 99,910. The error of a sum of sums grows with the length of each instead of that of all (as NumPy's and
 * PyTorch's, N. Higham, "The accuracy of floating point summation", 1993). Reshapes cost nothing, and the first step
 * reads what the only one would have read, on several threads. Undefined where one step is as good.
 */
export function blockedSum(
  builder: GraphBuilder,
  value: string,
  shape: Shape,
  { axes }: ReduceParams,
  result: Shape,
): string | undefined {
  let groups = groupsOf(shape, axes)
  const isLong = ({ size, isSummed }: Group, i: number, all: readonly Group[]): boolean =>
    isSummed && size > (i === all.length - 1 ? lengths.neighbours : lengths.apart).max
  const summed = groups.filter(({ isSummed }) => isSummed)
  const total = summed.reduce((product, { size }) => product * size, 1)
  const isShort = total <= lengths.neighbours.max && !groups.some(isLong)
  if (isShort || (summed.length === 1 && !groups.some(isLong))) return undefined

  let [sums, current] = [value, shape]
  const shapeOf = (list: readonly Group[]): number[] => list.map(({ size }) => size)
  const reshaped = (wanted: Shape): string => {
    if (!sameShape(current, wanted)) sums = builder.reshape(sums, wanted)
    current = wanted
    return sums
  }
  const reduce = (from: string, axis: number): string =>
    builder.emit('ReduceSum', [from, builder.int64s([axis])], { keepdims: int(0) })
  // The last group first: what is left of it is small.
  for (let i = groups.length - 1; i >= 0; i--) {
    if (groups[i]?.isSummed !== true) continue
    const { max, block } = i === groups.length - 1 ? lengths.neighbours : lengths.apart
    const [before, after] = [shapeOf(groups.slice(0, i)), shapeOf(groups.slice(i + 1))]
    let { size } = groups[i] as Group
    while (size > max) {
      const length = divisorNear(size, block) ?? block
      const whole = Math.floor(size / length)
      const rest = size - whole * length
      const ofBlocks = [...before, whole, length, ...after]
      if (rest === 0) {
        sums = reduce(reshaped(ofBlocks), i + 1)
      } else {
        const all = reshaped([...before, size, ...after])
        const part = (start: number, stop: number): string =>
          builder.emit('Slice', [all, ...[start, stop, i].map((bound) => builder.int64s([bound]))])
        const last = builder.reshape(reduce(part(whole * length, size), i), [...before, 1, ...after])
        const blocks = reduce(builder.reshape(part(0, whole * length), ofBlocks), i + 1)
        sums = builder.emit('Concat', [blocks, last], { axis: int(i) })
      }
      size = rest === 0 ? whole : whole + 1
      current = [...before, size, ...after]
    }
    sums = reduce(reshaped([...before, size, ...after]), i)
    current = [...before, ...after]
    groups = groups.toSpliced(i, 1)
  }
  return reshaped(result)
}

/** Elements of a line up to which its running sums are added one after the other. */
const maxRunning = 256
const runningBlock = 128

/**
 * Running sums along the last axis of (lines, length): those within blocks, each with the sum of all blocks before it.
 * Undefined where they are few.
 */
export function blockedCumulativeSum(
  builder: GraphBuilder,
  value: string,
  [lines, length]: readonly [number, number],
  { exclusive, reverse }: { readonly exclusive: boolean; readonly reverse: boolean },
): string | undefined {
  if (length <= maxRunning || lines === 0) return undefined
  const running = (from: string, isExclusive: boolean): string =>
    builder.emit('CumSum', [from, builder.int64(-1)], {
      exclusive: int(isExclusive ? 1 : 0),
      reverse: int(reverse ? 1 : 0),
    })
  const blocks = Math.ceil(length / runningBlock)
  const padded = blocks * runningBlock
  // Zeros stand where the running sums end, so that these stay as they are.
  const missing = padded - length
  const pads = reverse ? [0, missing, 0, 0] : [0, 0, 0, missing]
  const whole = missing === 0 ? value : builder.emit('Pad', [value, builder.int64s(pads)])
  const inBlocks = builder.reshape(whole, [lines, blocks, runningBlock])
  const sums = builder.emit('ReduceSum', [inBlocks, builder.int64s([2])], { keepdims: int(0) })
  const before =
    blockedCumulativeSum(builder, sums, [lines, blocks], { exclusive: true, reverse }) ?? running(sums, true)
  const added = builder.emit('Add', [
    running(inBlocks, exclusive),
    builder.reshape(before, [lines, blocks, 1]),
  ])
  const flat = builder.reshape(added, [lines, padded])
  if (missing === 0) return flat
  const start = reverse ? missing : 0
  return builder.emit('Slice', [
    flat,
    builder.int64s([start]),
    builder.int64s([start + length]),
    builder.int64s([1]),
  ])
}

/** Lines and their length, where an axis is moved to the end. */
export const linesOf = (shape: Shape, axis: number): readonly [number, number] => {
  const length = shape[axis] as number
  return [length === 0 ? 0 : sizeOf(shape) / length, length]
}
