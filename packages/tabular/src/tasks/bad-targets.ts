import type { Column, Frame } from '@typegrad/data'
import { DataError } from 'typegrad/core'

/** So large a share of different texts is one of names or numbers of orders. */
const identifierShare = 0.9

/** @throws DataError for a target with one value, of texts that differ from row to row, and of a type that nothing predicts. */
export function checkTargetColumn(name: string, { type, values }: Column, rows: Uint32Array): void {
  const where = `target '${name}'`
  const first = values[rows[0] as number]
  if (rows.every((row) => values[row] === first))
    throw new DataError({
      where,
      expected: 'different values',
      received: `${JSON.stringify(first)} in all ${rows.length} rows`,
      fix: 'There is nothing to predict: check the table, or choose another column.',
    })
  if (type === 'date' || type === 'mixed' || type === 'other' || type === 'empty')
    throw new DataError({
      where,
      expected: 'numbers, texts or truth values',
      received:
        type === 'mixed' ? 'values of several types' : type === 'date' ? 'dates' : 'lists or structures',
      fix:
        type === 'date'
          ? 'Predict a span, such as the days from another date.'
          : 'Make one type of it first.',
    })
  if (type !== 'text') return
  const distinct = new Set(Array.from(rows, (row) => values[row])).size
  if (distinct > identifierShare * rows.length)
    throw new DataError({
      where,
      expected: 'classes that come again',
      received: `${distinct} different texts in ${rows.length} rows`,
      fix: 'It looks like a name or an identifier: choose another column.',
    })
}

export const tooFewKnown = (name: string, known: number, rows: number): DataError =>
  new DataError({
    where: `target '${name}'`,
    expected: 'a target in at least half of the rows, and in 10 of them',
    received: `${known} of ${rows}`,
    fix: 'Leave out the rows whose target nobody knows, or choose another column.',
  })

/** A feature that says the target outright. */
export interface TargetCopy {
  readonly column: string
  readonly message: string
}

/** How near to ±1 the correlation of a copy is. */
const copyCorrelation = 0.999999

/**
 * Features that are the target under another name: numbers that are a line of it, and values that correspond to its values one to one.
 *
 * @param values of the target for `rows`: numbers, or numbers of classes.
 */
export function targetCopies(
  frame: Frame,
  features: readonly string[],
  rows: Uint32Array,
  values: Float64Array,
  isNumber: boolean,
): TargetCopy[] {
  return features.flatMap((column) => {
    const cells = frame.column(column)
    if (cells.type === 'number' && isNumber) {
      const r = correlation(
        Float64Array.from(rows, (row) => cells.values[row] as number),
        values,
      )
      return Math.abs(r) > copyCorrelation ? [{ column, message: `a correlation of ${r.toFixed(6)}` }] : []
    }
    if (isNumber || !correspond(cells, rows, values)) return []
    return [{ column, message: 'a value of its own for each class' }]
  })
}

/** Whether each value of a column is one class, and each class one value. */
function correspond({ values: cells }: Column, rows: Uint32Array, values: Float64Array): boolean {
  const classOf = new Map<unknown, number>()
  const cellOf = new Map<number, unknown>()
  return rows.every((row, i) => {
    const cell = Number.isNaN(cells[row]) ? null : cells[row]
    const value = values[i] as number
    if (!classOf.has(cell)) classOf.set(cell, value)
    if (!cellOf.has(value)) cellOf.set(value, cell)
    return classOf.get(cell) === value && cellOf.get(value) === cell
  })
}

function correlation(x: Float64Array, y: Float64Array): number {
  let [n, meanX, meanY, xx, yy, xy] = [0, 0, 0, 0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i] as number, y[i] as number]
    if (!Number.isFinite(a)) continue
    n += 1
    const [dx, dy] = [a - meanX, b - meanY]
    meanX += dx / n
    meanY += dy / n
    xx += dx * (a - meanX)
    yy += dy * (b - meanY)
    xy += dx * (b - meanY)
  }
  return n > x.length / 2 ? xy / Math.sqrt(xx * yy) : 0
}
