import { ArgumentError } from '../base/errors.ts'
import type { SliceBounds, SteppedSlice } from '../base/slice.ts'
import { rootScope } from '../tensor/trace.ts'

/**
 * Bounds as Python's `slice.indices` makes them: negative ones count from the end, those beyond the axis become its
 * ends, and what is left out is the whole axis in the step's direction.
 *
 * @throws ArgumentError for a step of 0, and for bounds that are no whole numbers (or infinite ones, which are beyond).
 */
export function sliceBounds(
  where: string,
  length: number,
  start: number | null | undefined,
  stop: number | null | undefined,
  step = 1,
): SliceBounds {
  const wholeStep = whole(where, 'a step other than 0', step)
  if (wholeStep === 0)
    throw new ArgumentError({ where, expected: 'a step other than 0', received: 'a step of 0' })
  const isForward = wholeStep > 0
  const [first, last] = isForward ? [0, length] : [-1, length - 1]
  const within = (bound: number): number => {
    const counted = bound < 0 ? bound + length : bound
    return Math.min(Math.max(counted, first), last)
  }
  const from = start ?? (isForward ? 0 : Number.POSITIVE_INFINITY)
  const to = stop ?? (isForward ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
  return {
    start: within(whole(where, 'a start', from)),
    stop: within(whole(where, 'a stop', to)),
    step: Math.max(-length - 1, Math.min(wholeStep, length + 1)),
  }
}

/**
 * `sliceBounds` of an axis that is traced, which may stand for axes of other lengths.
 *
 * @throws ArgumentError as `sliceBounds` does.
 */
export function tracedBounds(
  where: string,
  length: number,
  start: number | null | undefined,
  stop: number | null | undefined,
  step = 1,
): SliceBounds {
  const bounds = sliceBounds(where, length, start, stop, step)
  const asked: SteppedSlice = { start: start ?? null, stop: stop ?? null, step }
  return rootScope()?.slice?.(asked, length) ?? bounds
}

function whole(where: string, what: string, value: unknown): number {
  if (typeof value === 'number' && (Number.isInteger(value) || Math.abs(value) === Number.POSITIVE_INFINITY))
    return value
  throw new ArgumentError({
    where,
    expected: `${what} that is a whole number, known while the graph is made`,
    received: received(value),
    fix: 'Positions that are computed are for dynamicSlice and gather: x.dynamicSlice([start], [size]).',
  })
}

const received = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value))

/** Whole numbers of a list of starts or sizes. @throws ArgumentError for anything else. */
export function wholeNumbers(where: string, what: string, values: unknown): readonly number[] {
  if (Array.isArray(values)) return values.map((value) => finite(where, what, whole(where, what, value)))
  throw new ArgumentError({
    where,
    expected: `a list with ${what} for each axis`,
    received: received(values),
    fix: 'For one axis: [start], [size].',
  })
}

function finite(where: string, what: string, value: number): number {
  if (Number.isFinite(value)) return value
  throw new ArgumentError({ where, expected: `${what} that is finite`, received: String(value) })
}
