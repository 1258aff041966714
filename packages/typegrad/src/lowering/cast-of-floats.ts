import type { DType } from '../base/dtype.ts'
import { type Bounds, everything } from '../passes/bounds-of.ts'
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

/**
 * Floats as integers, towards zero. What C leaves open, and processors do each in their own way, is as in WebAssembly and
 * on ARM: too large and too small numbers become the largest and the smallest, NaN becomes 0.
 *
 * @param known between which numbers they are known to lie, and that none is NaN.
 */
export function castOfFloats(
  builder: GraphBuilder,
  value: string,
  from: DType,
  to: DType,
  known: { readonly bounds: Bounds; readonly mayBeNaN: boolean } = { bounds: everything, mayBeNaN: true },
): string {
  const range = ranges[to]
  if (range === undefined) return builder.cast(value, to)
  if (from === 'float16' || from === 'bfloat16')
    return castOfFloats(builder, builder.cast(value, 'float32'), 'float32', to, known)
  const { bounds, mayBeNaN } = known
  if (bounds[0] >= Number(range.smallest) && bounds[1] <= range.end - 1) {
    if (!mayBeNaN) return builder.cast(value, to)
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
