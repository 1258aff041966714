import { describe } from '../base/describe.ts'
import { DataError } from '../base/errors.ts'

/**
 * The error for an element of data that is no number, with its place and what to do about its kind.
 *
 * @param path its place: `fit: x[3][2]`, `[3][2]`.
 */
export function notANumber(value: unknown, path: string): DataError {
  const [, row, column] = /\[(\d+)\](?:\[(\d+)\])?$/.exec(path) ?? []
  const place = column === undefined ? '' : ` (row ${row}, column ${column})`
  return new DataError({
    where: 'tensor',
    expected: `a number at ${path || 'the top'}${place}`,
    received: describe(value),
    fix: fixFor(value),
  })
}

function fixFor(value: unknown): string {
  if (value === null || value === undefined) {
    return 'A value is missing there: fill it in, or leave the row out.'
  }
  if (typeof value === 'string') {
    return value.trim() !== '' && !Number.isNaN(Number(value))
      ? `Numbers that were read as text become numbers by Number(${JSON.stringify(value)}).`
      : 'Text is no number: number the categories, or give each a column of zeros and ones.'
  }
  if (value instanceof Date) {
    return 'Make dates numbers that mean something, such as days since a first one: (date - first) / 86400000.'
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'All rows must be nested to the same depth.'
  if (typeof value !== 'object') return 'Data are numbers, booleans, typed arrays or tensors.'
  if (typeof (value as Partial<PromiseLike<unknown>>).then === 'function') return 'Await it first.'
  if ('application' in value && 'shape' in value) {
    return 'A symbolic tensor is a place in a model, without values. Functions of arithmetic take one on either side, as add(values, x); put others into layers.lambda or a layer of your own.'
  }
  return 'dtype' in value && 'shape' in value
    ? 'Put tensors together first: stack(tensors).'
    : 'Name the fields that count, in their order: rows.map(({ a, b }) => [a, b]).'
}
