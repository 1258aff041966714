import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Frame } from './frame.ts'
import { FittedRecipe, Recipe } from './recipe.ts'

type Cells = readonly (string | number | boolean | null)[]
type Columns = Readonly<Record<string, Cells>>

interface GoldenCase {
  readonly steps: readonly { readonly kind: string; readonly options: object }[]
  readonly train: Columns
  readonly test: Columns
  /** What becomes of the rows that are fitted to, and of others, and what these are again. */
  readonly fitted: Columns
  readonly transformed: Columns
  readonly inverse?: Columns
  readonly target?: string
  readonly y?: Cells
  readonly note?: string
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../golden/cleaning.json', import.meta.url), 'utf8'),
) as { cases: readonly GoldenCase[] }

/**
 * The power that is likeliest is where a function is flat: two searches agree on it to the root of the precision alone. Numbers near
 * 10⁶ that differ in their third digit behind the point lose six digits more.
 */
const toleranceOf = ({ steps, note }: GoldenCase): number =>
  steps[0]?.kind === 'powerTransform'
    ? note === 'large and near'
      ? 2e-2
      : 1e-5
    : note === 'large and near'
      ? 1e-6
      : 1e-9

function expectColumns(frame: Frame, expected: Columns, tolerance: number): void {
  for (const [name, cells] of Object.entries(expected)) {
    const found = frame.cells(name)
    expect(found.length, name).toBe(cells.length)
    for (const [row, cell] of cells.entries()) {
      const value = found[row]
      if (typeof cell !== 'number' || typeof value !== 'number')
        expect(value, `${name}, row ${row}`).toBe(cell)
      else {
        const apart = Math.abs(value - cell) / Math.max(1, Math.abs(cell))
        expect(apart, `${name}, row ${row}: ${value} instead of ${cell}`).toBeLessThan(tolerance)
      }
    }
  }
}

/** A table that is read four rows at a time. */
function inBatches(columns: Columns) {
  const length = Object.values(columns)[0]?.length ?? 0
  return {
    *batches() {
      for (let start = 0; start < length; start += 4)
        yield Object.fromEntries(
          Object.entries(columns).map(([name, cells]) => [name, cells.slice(start, start + 4)]),
        )
    },
  }
}

const nameOf = ({ steps, note }: GoldenCase, i: number): string =>
  `${i}: ${steps.map(({ kind, options }) => `${kind} ${JSON.stringify(options)}`).join(', ')} of ${note}`

test.each(cases.map((one, i) => [nameOf(one, i), one] as const))('%s', async (_, one) => {
  const { steps, target, y, fitted: expected, transformed, inverse } = one
  const tolerance = toleranceOf(one)
  const recipe = Recipe.fromJSON({ steps, ...(target !== undefined && { target }) })
  const train = { ...one.train, ...(target !== undefined && { [target]: y as Cells }) }
  const { fitted, frame } = await recipe.fitTransform(train)
  expectColumns(frame, expected, tolerance)
  expect(frame.featureNames).toEqual(Object.keys(expected))
  expect(fitted.featureNames).toEqual(Object.keys(expected))
  const others = await fitted.transform(one.test)
  expectColumns(others, transformed, tolerance)
  if (inverse !== undefined) expectColumns(fitted.inverse(others), inverse, tolerance)
  // What a stream tells is the same, and so is what a file keeps.
  const streamed = await recipe.fit(inBatches(train))
  const kept = FittedRecipe.fromJSON(JSON.parse(JSON.stringify(streamed)))
  expectColumns(await kept.transform(inBatches(one.test)), transformed, tolerance)
})
