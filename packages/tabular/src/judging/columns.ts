import type { Column, Frame } from '@typegrad/data'
import { hostRandom, shuffle } from 'typegrad/core'
import type { Metric, Predictions } from '../scores/metrics.ts'
import type { ColumnDependence, ColumnImportance } from './judgement.ts'

export type Predictor = (frame: Frame) => Promise<Predictions>

/** Rows that are predicted for importance altogether, and how many of a table's are at least: training should not wait for it. */
const mostPredicted = 12_000
const leastRows = 100
const mostColumns = 40
/** Draws of an order for a column's cells. */
const draws = 3
/** Columns whose dependence is shown, and values of each. */
const shownColumns = 6
const shownValues = 14
/** Rows that dependence is a mean of. */
const meanRows = 60

/** Evenly many of the rows. */
const someRows = (rows: number, most: number): Uint32Array =>
  Uint32Array.from({ length: Math.min(rows, most) }, (_, i) => Math.floor((i * rows) / Math.min(rows, most)))

/**
 * Importance by permutation (Breiman, "Random forests", 2001; Fisher et al., "All models are wrong, but many are useful", 2019): how much
 * the loss rises when the cells of a column change places.
 */
export async function importanceOf(
  predict: Predictor,
  loss: Metric,
  frame: Frame,
  values: Float64Array,
  seed: number,
): Promise<ColumnImportance[]> {
  const columns = frame.names.slice(0, mostColumns)
  const rows = someRows(
    frame.length,
    Math.max(leastRows, Math.floor(mostPredicted / (columns.length * draws))),
  )
  const own = frame.rowsAt(rows)
  const targets = Float64Array.from(rows, (row) => values[row] as number)
  const before = loss.of(targets, await predict(own))
  const random = hostRandom(seed, 0x1337)
  const found: ColumnImportance[] = []
  for (const name of columns) {
    const rises: number[] = []
    for (let draw = 0; draw < draws; draw++) {
      const order = shuffle(
        rows.map((_, i) => i),
        random,
      )
      const shuffled = own.with([[name, own.rowsAt(order).column(name)]])
      rises.push(loss.of(targets, await predict(shuffled)) - before)
    }
    const rise = rises.reduce((sum, one) => sum + one, 0) / rises.length
    found.push({ column: name, rise, low: Math.min(...rises), high: Math.max(...rises) })
  }
  return found.sort((a, b) => b.rise - a.rise)
}

/** Partial dependence (Friedman, "Greedy function approximation", 2001) of the most important columns. */
export async function dependenceOf(
  predict: Predictor,
  frame: Frame,
  importance: readonly ColumnImportance[],
): Promise<ColumnDependence[]> {
  const own = frame.rowsAt(someRows(frame.length, meanRows))
  const found: ColumnDependence[] = []
  for (const { column: name, rise } of importance.slice(0, shownColumns)) {
    if (!(rise > 0)) break
    const { type, values } = frame.column(name)
    const isNumber = type === 'number' || type === 'date'
    // Texts of words have no values that come again.
    const places = isNumber ? quantilesOf(values as Float64Array) : mostFrequent(values as readonly unknown[])
    if (places.length < 2) continue
    const points: { value: number | string; means: number[] }[] = []
    for (const place of places) {
      const column: Column = isNumber
        ? { type, values: new Float64Array(own.length).fill(place as number) }
        : { type: type as 'text', values: Array.from({ length: own.length }, () => place) }
      const predictions = await predict(own.with([[name, column]]))
      const means = predictions.map((of) => of.reduce((sum, value) => sum + value, 0) / of.length)
      points.push({ value: isNumber ? (place as number) : String(place), means })
    }
    found.push({ column: name, kind: type === 'date' ? 'date' : isNumber ? 'number' : 'category', points })
  }
  return found
}

/** Different values from the least of 100 to the greatest. */
function quantilesOf(values: Float64Array): number[] {
  const sorted = values.filter(Number.isFinite).sort()
  const at = (i: number): number =>
    sorted[Math.round((0.01 + (0.98 * i) / (shownValues - 1)) * (sorted.length - 1))] as number
  return sorted.length === 0 ? [] : [...new Set(Array.from({ length: shownValues }, (_, i) => at(i)))]
}

function mostFrequent(cells: readonly unknown[]): unknown[] {
  const counts = new Map<unknown, number>()
  for (const cell of cells) if (cell !== null) counts.set(cell, (counts.get(cell) ?? 0) + 1)
  const often = [...counts].filter(([, count]) => count > 1 || counts.size <= 8).sort((a, b) => b[1] - a[1])
  return often.slice(0, 8).map(([cell]) => cell)
}
