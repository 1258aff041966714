import type { Column, Frame } from '@typegrad/data'
import type { Metric, Predictions } from '../scores/metrics.ts'
import type { Mistake, Slice } from './judgement.ts'

/** The loss of each row by itself. */
export const rowLosses = (loss: Metric, values: Float64Array, predictions: Predictions): Float64Array =>
  values.map((_, row) =>
    loss.of(
      values.subarray(row, row + 1),
      predictions.map((of) => of.subarray(row, row + 1)),
    ),
  )

const mostMistakes = 8
const mostSlices = 8
/** Rows of a slice at least. */
const leastRows = 15
/** Standard errors from which on a slice is worse by more than chance. */
const leastErrors = 2
/** Parts of a column of numbers. */
const parts = 4

/** The rows with the greatest losses. @param columns that are shown, such as the most important ones. */
export function worstRows(
  frame: Frame,
  losses: Float64Array,
  columns: readonly string[],
  said: (row: number) => { readonly actual: string; readonly predicted: string },
): Mistake[] {
  const order = Uint32Array.from({ length: losses.length }, (_, i) => i).sort(
    (a, b) => (losses[b] as number) - (losses[a] as number),
  )
  const cells = columns.map((name) => [name, frame.cells(name)] as const)
  return Array.from(order.subarray(0, mostMistakes), (row) => ({
    row: frame.positionOf(row),
    ...said(row),
    loss: losses[row] as number,
    cells: cells.map(([name, of]) => [name, shownCell(of[row])] as const),
  }))
}

export function shownCell(cell: unknown): string {
  if (cell === null || cell === undefined) return '–'
  if (cell instanceof Date)
    return cell
      .toISOString()
      .replace(/T00:00:00.000Z$/, '')
      .slice(0, 16)
  if (typeof cell === 'number') return String(Number(cell.toPrecision(5)))
  const text = String(cell)
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}

/** Parts of the rows, by one column each, whose mean loss is higher than that of the others by more than chance. */
export function weakSlices(frame: Frame, losses: Float64Array): Slice[] {
  const found: Slice[] = []
  for (const [name, column] of frame.columns)
    for (const [values, rows] of slicesOf(column)) {
      const others = losses.length - rows.length
      if (rows.length < leastRows || others < leastRows) continue
      const isOwn = new Set(rows)
      const own = momentsOf(rows.map((row) => losses[row] as number))
      const rest = momentsOf(Array.from(losses).filter((_, row) => !isOwn.has(row)))
      const error = Math.sqrt(own.variance / rows.length + rest.variance / others)
      const errors = (own.mean - rest.mean) / error
      if (errors >= leastErrors)
        found.push({ column: name, values, rows: rows.length, loss: own.mean, errors })
    }
  return found.sort((a, b) => b.errors - a.errors).slice(0, mostSlices)
}

function momentsOf(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, variance: squares / Math.max(1, values.length - 1) }
}

/** Rows by categories, by quarters of numbers, and those without a value. */
function slicesOf({ type, values }: Column): (readonly [string, number[]])[] {
  const groups = new Map<string, number[]>()
  const put = (key: string, row: number): void => {
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  if (type === 'number' || type === 'date') {
    const sorted = values.filter(Number.isFinite).sort()
    const bounds = [
      ...new Set(
        Array.from(
          { length: parts - 1 },
          (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / parts)] as number,
        ),
      ),
    ]
    const shown = (value: number | undefined): string =>
      value === undefined ? '' : type === 'date' ? shownCell(new Date(value)) : shownCell(value)
    values.forEach((value, row) => {
      if (Number.isNaN(value)) put('–', row)
      else {
        const part = bounds.filter((bound) => value >= bound).length
        const [from, to] = [shown(bounds[part - 1]), shown(bounds[part])]
        put(from === '' ? `< ${to}` : to === '' ? `≥ ${from}` : `${from} … ${to}`, row)
      }
    })
  } else
    values.forEach((value, row) => {
      put(shownCell(value), row)
    })
  return groups.size < 2 ? [] : [...groups]
}
