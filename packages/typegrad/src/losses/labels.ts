import { toNumbers } from '../base/conversions.ts'
import type { DType, TypedArray } from '../base/dtype.ts'
import { DataError } from '../base/errors.ts'
import { formatShape, type Shape, stridesOf } from '../base/shape.ts'

/** Labels in memory, as they are checked before anything runs. */
export interface HostLabels {
  readonly data: TypedArray
  /** Samples first. */
  readonly shape: Shape
  readonly dtype: DType
}

/** A model's output shape; the first dimension, the batch, does not matter and may be null. */
export type OutputShape = readonly (number | null)[]

export const formatOutputShape = (shape: OutputShape): string =>
  `[${shape.map((d, i) => (i === 0 ? 'batch' : (d ?? '?'))).join(', ')}]`

/** Where an element stands: `sample 17`, or `sample 17 at [3, 0]`. */
export function placeOf(index: number, { shape }: HostLabels, firstSample: number): string {
  const strides = stridesOf(shape)
  const path = strides.map((stride, i) => Math.floor(index / stride) % (shape[i] as number))
  const inner = path.slice(1)
  const sample = firstSample + (path[0] ?? 0)
  return inner.every((_, i) => shape[i + 1] === 1)
    ? `sample ${sample}`
    : `sample ${sample} at ${formatShape(inner)}`
}

/** The first element that does not pass; −1 if all do. */
export function firstOther({ data, dtype }: HostLabels, passes: (value: number) => boolean): number {
  const values = toNumbers(data, dtype)
  for (let i = 0; i < values.length; i++) if (!passes(Number(values[i]))) return i
  return -1
}

/** The first of the rows along the last axis that does not pass; −1 if all do. */
export function firstOtherRow(
  { data, shape, dtype }: HostLabels,
  passes: (values: ArrayLike<number | bigint>, start: number, stop: number) => boolean,
): number {
  const values = toNumbers(data, dtype)
  const length = shape.at(-1) ?? 1
  for (let start = 0; start < values.length; start += length) {
    if (!passes(values, start, start + length)) return start / length
  }
  return -1
}

/** Whether labels stand against outputs one to one; a last axis of length 1 may be missing on either side. */
export function fitsElementwise(labels: Shape, output: OutputShape): boolean {
  const [a, b] = [labels.slice(1), output.slice(1)]
  if (a.length === b.length + 1 && a.at(-1) === 1) a.pop()
  // An open axis may turn out to have length 1.
  if (b.length === a.length + 1 && (b.at(-1) ?? 1) === 1) b.pop()
  return a.length === b.length && a.every((d, i) => b[i] === null || b[i] === d)
}

/** @throws DataError unless labels stand against outputs one to one. */
export function checkElementwise(where: string, labels: HostLabels, output: OutputShape, fix?: string): void {
  if (fitsElementwise(labels.shape, output)) return
  throw new DataError({
    where,
    expected: `labels of the model's output shape ${formatOutputShape(output)}`,
    received: `labels of shape ${formatShape(labels.shape)}`,
    ...(fix === undefined ? {} : { fix }),
  })
}

/** @throws DataError naming the first label that does not pass. */
export function checkLabels(
  where: string,
  labels: HostLabels,
  passes: (value: number) => boolean,
  {
    expected,
    fix,
    firstSample,
  }: { readonly expected: string; readonly fix: string; readonly firstSample: number },
): void {
  const index = firstOther(labels, passes)
  if (index === -1) return
  throw new DataError({
    where,
    expected,
    received: `${toNumbers(labels.data, labels.dtype)[index]} for ${placeOf(index, labels, firstSample)}`,
    fix,
  })
}
