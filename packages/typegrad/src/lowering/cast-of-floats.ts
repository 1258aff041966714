import type { DType } from '../base/dtype.ts'
import type { Node } from '../graph/node.ts'
import { scalarValue } from '../passes/constant-folding.ts'
import type { GraphBuilder } from './builder.ts'

interface Range {
  /** The first float that is too large, and the largest number. */
  readonly end: number
  readonly largest: bigint
  readonly smallest: bigint
}

const ranges: Readonly<Partial<Record<DType, Range>>> = {
  int32: { end: 2 ** 31, largest: 2n ** 31n - 1n, smallest: -(2n ** 31n) },
  int64: { end: 2 ** 63, largest: 2n ** 63n - 1n, smallest: -(2n ** 63n) },
  uint8: { end: 2 ** 8, largest: 255n, smallest: 0n },
  uint32: { end: 2 ** 32, largest: 2n ** 32n - 1n, smallest: 0n },
}

export type Bounds = readonly [least: number, largest: number]
const everything: Bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]

/** Between which numbers all elements of a node lie but for NaN, as far as it was clipped by constants. */
export function boundsOf(node: Node): Bounds {
  if (node.kind !== 'min' && node.kind !== 'max') return everything
  const [a, b] = node.inputs as readonly [Node, Node]
  const [x, limit] = [constantOf(b) === undefined ? b : a, constantOf(b) ?? constantOf(a)]
  if (limit === undefined) return everything
  const [least, largest] = boundsOf(x)
  const of = Math[node.kind]
  return [of(least, limit), of(largest, limit)]
}

/** The number of a constant that is one everywhere, unless it is NaN. */
function constantOf(node: Node): number | undefined {
  const value = scalarValue(node.kind === 'broadcast' ? (node.inputs[0] as Node) : node)
  return Number.isNaN(value) ? undefined : value
}

/**
 * Floats as integers, towards zero. What C leaves open, and processors do each in their own way, is as in WebAssembly and
 * on ARM: too large and too small numbers become the largest and the smallest, NaN becomes 0.
 *
 * @param bounds between which numbers are known to lie.
 */
export function castOfFloats(
  builder: GraphBuilder,
  value: string,
  from: DType,
  to: DType,
  bounds: Bounds = everything,
): string {
  const range = ranges[to]
  if (range === undefined) return builder.cast(value, to)
  if (from === 'float16' || from === 'bfloat16')
    return castOfFloats(builder, builder.cast(value, 'float32'), 'float32', to, bounds)
  if (bounds[0] >= Number(range.smallest) && bounds[1] <= range.end - 1) {
    const isNone = builder.emit('IsNaN', [value])
    return builder.cast(builder.emit('Where', [isNone, builder.scalar(from, 0), value]), to)
  }
  // There is no kernel that chooses between uint8 or uint32 on every engine: they travel as int64.
  const via = to === 'int32' ? 'int32' : 'int64'
  const integer = (of: bigint): string =>
    via === 'int32'
      ? builder.scalar('int32', Number(of))
      : builder.constant('int64', [], BigInt64Array.of(of))
  const isLarge = builder.emit('GreaterOrEqual', [value, builder.scalar(from, range.end)])
  const start = Number(range.smallest)
  const isSmall = builder.emit('Less', [value, builder.scalar(from, start)])
  const isOutside = builder.emit('Or', [
    isLarge,
    builder.emit('Or', [isSmall, builder.emit('IsNaN', [value])]),
  ])
  const inside = builder.cast(builder.emit('Where', [isOutside, builder.scalar(from, 0), value]), via)
  const notSmall = builder.emit('Where', [isSmall, integer(range.smallest), inside])
  const result = builder.emit('Where', [isLarge, integer(range.largest), notSmall])
  return via === to ? result : builder.cast(result, to)
}
