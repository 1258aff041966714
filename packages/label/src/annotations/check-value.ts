import type { Box, Span, Task, Values } from './task.ts'

/** A value that is none: what was expected of it, and what came. The caller, who knows where it came from, says so. */
export class ValueFault extends Error {
  readonly expected: string
  readonly received: string

  constructor(expected: string, received: string) {
    super(`expected ${expected}, received ${received}`)
    this.name = 'ValueFault'
    this.expected = expected
    this.received = received
  }
}

/** What a value is checked against. */
export interface ValueBounds {
  readonly classes: readonly string[]
  /** The text's length, for spans; undefined where it is not known. */
  readonly textLength?: number | undefined
}

/** A sample with more boxes or spans than this is no work of hands. */
const most = 10_000
/** Characters of a transcript: a book has fewer. */
const longestTranscript = 1_000_000

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function classOf(value: unknown, { classes }: ValueBounds): string {
  if (typeof value === 'string' && classes.includes(value)) return value
  const some = classes.length > 8 ? [...classes.slice(0, 8), '…'] : classes
  throw new ValueFault(`one of the classes ${some.join(', ')}`, shown(value))
}

function listOf(value: unknown, of: string): readonly unknown[] {
  if (Array.isArray(value) && value.length <= most) return value
  const received = Array.isArray(value) ? `${value.length}` : shown(value)
  throw new ValueFault(`a list of at most ${most} ${of}`, received)
}

function numberOf(record: Readonly<Record<string, unknown>>, name: string): number {
  const value = record[name]
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new ValueFault(`a finite number as ${name}`, shown(value))
}

/** Hundredths of a pixel: what is drawn by hand is no more precise. */
const rounded = (value: number): number => Math.round(value * 100) / 100

function boxOf(value: unknown, width: number, height: number, bounds: ValueBounds): Box {
  if (!isRecord(value)) throw new ValueFault('a box { class, x, y, width, height }', shown(value))
  const [x, y, w, h] = ['x', 'y', 'width', 'height'].map((name) => numberOf(value, name)) as [
    number,
    number,
    number,
    number,
  ]
  // Rounding of the two ends of a side may differ by a hundredth.
  const slack = 0.02
  const isInside = x >= -slack && y >= -slack && x + w <= width + slack && y + h <= height + slack
  if (w > 0 && h > 0 && isInside)
    return {
      class: classOf(value.class, bounds),
      x: rounded(x),
      y: rounded(y),
      width: rounded(w),
      height: rounded(h),
    }
  throw new ValueFault(`a box within the picture of ${width} × ${height}`, shown(value))
}

function spanOf(value: unknown, bounds: ValueBounds): Span {
  if (!isRecord(value)) throw new ValueFault('a span { class, start, end }', shown(value))
  const { start, end } = value
  const length = bounds.textLength ?? Number.MAX_SAFE_INTEGER
  if (
    typeof start === 'number' &&
    typeof end === 'number' &&
    Number.isInteger(start) &&
    Number.isInteger(end) &&
    start >= 0 &&
    start < end &&
    end <= length
  )
    return { class: classOf(value.class, bounds), start, end }
  const within = bounds.textLength === undefined ? 'a text' : `the text's ${bounds.textLength} characters`
  throw new ValueFault(`a span within ${within}`, shown(value))
}

function inOrder(spans: readonly Span[]): readonly Span[] {
  const sorted = [...spans].sort((a, b) => a.start - b.start)
  sorted.forEach((span, i) => {
    const before = sorted[i - 1]
    if (before !== undefined && before.end > span.start)
      throw new ValueFault('spans that do not overlap', shown([before, span]))
  })
  return sorted
}

const checks: { readonly [T in Task]: (value: unknown, bounds: ValueBounds) => Values[T] } = {
  class: classOf,
  classes(value, bounds) {
    const given = listOf(value, 'classes').map((one) => classOf(one, bounds))
    // In the order of the task's, each once, so that equal answers are equal.
    return bounds.classes.filter((name) => given.includes(name))
  },
  boxes(value, bounds) {
    if (!isRecord(value)) throw new ValueFault('{ width, height, boxes }', shown(value))
    const [width, height] = [numberOf(value, 'width'), numberOf(value, 'height')]
    if (width <= 0 || height <= 0)
      throw new ValueFault("the picture's size in pixels", `${width} × ${height}`)
    return {
      width,
      height,
      boxes: listOf(value.boxes, 'boxes').map((box) => boxOf(box, width, height, bounds)),
    }
  },
  spans: (value, bounds) => inOrder(listOf(value, 'spans').map((span) => spanOf(span, bounds))),
  transcript(value) {
    if (typeof value === 'string' && value.length <= longestTranscript) return value.trim()
    throw new ValueFault(
      `a text of at most ${longestTranscript} characters`,
      typeof value === 'string' ? `one of ${value.length}` : shown(value),
    )
  },
}

/**
 * An answer as it came (from a page, or a line of a file), checked and in its one form: classes in the task's order, spans in
 * the text's, boxes to hundredths of a pixel.
 *
 * @throws ValueFault
 */
export function checkValue<T extends Task>(task: T, value: unknown, bounds: ValueBounds): Values[T] {
  return checks[task](value, bounds)
}
