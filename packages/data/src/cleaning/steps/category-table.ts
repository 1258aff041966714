import { DataError, nearestName } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Category, Frame } from '../frame.ts'
import { shown } from '../row-source.ts'
import { CategoryCounter } from '../statistics/category-counter.ts'
import { isRecord, type Learning, perColumn } from '../step.ts'
import { nothingToFit } from './numeric-step.ts'

export interface RareOptions {
  /** How often a category has to come not to be rare: a number of rows, or below 1 a share of them. Default all are kept. */
  readonly minFrequency?: number
  /** How many categories there may be, the group of the rare ones counted; those that come least often are rare. Default any number. */
  readonly maxCategories?: number
}

export const rareChecks = { minFrequency: checks.positive, maxCategories: checks.count }

/** The categories of a column, in order, and which of them are rare. */
export interface CategoryTable {
  readonly categories: readonly Category[]
  /** Places among them; that behind the last is the missing cell's. */
  readonly rare: readonly number[]
  /** Whether cells were missing, which is a category of its own. */
  readonly hasMissing: boolean
}

/** Learns the categories of columns. With `order`, those are all that there may be; a missing cell may be a category that is rare. */
export function learnCategories(
  columns: readonly string[],
  where: string,
  options: RareOptions & { readonly order?: readonly Category[]; readonly missingMayBeRare?: boolean },
): Learning<readonly CategoryTable[]> {
  const { order } = options
  const counters = columns.map(() => new CategoryCounter())
  return {
    add: (frame) => {
      for (const [i, name] of columns.entries()) {
        const cells = frame.categories(name, where)
        const wrong =
          order === undefined ? -1 : cells.findIndex((cell) => cell !== null && !order.includes(cell))
        if (wrong >= 0)
          throw unknownCategory(frame, where, name, wrong, cells[wrong] as Category, order ?? [])
        counters[i]?.add(cells)
      }
    },
    finish: () =>
      counters.map((counter, i) => {
        if (counter.counts.size === 0) throw nothingToFit(where, columns[i] as string)
        const categories = order ?? counter.categories
        return { categories, rare: rareOf(categories, counter, options), hasMissing: counter.missing > 0 }
      }),
  }
}

/** Places of the categories that are rare, as scikit-learn's encoders find them. */
function rareOf(
  categories: readonly Category[],
  { counts, missing }: CategoryCounter,
  {
    minFrequency,
    maxCategories,
    missingMayBeRare = false,
  }: RareOptions & { readonly missingMayBeRare?: boolean },
): number[] {
  const size = categories.length + Number(missingMayBeRare && missing > 0)
  const countOf = (place: number): number =>
    place === categories.length ? missing : (counts.get(categories[place] as Category) ?? 0)
  const rows = [...counts.values()].reduce((sum, count) => sum + count, missing)
  const least = minFrequency === undefined ? 0 : minFrequency < 1 ? minFrequency * rows : minFrequency
  const places = Array.from({ length: size }, (_, place) => place)
  const rare = new Set(places.filter((place) => countOf(place) < least))
  if (maxCategories !== undefined && maxCategories < size - rare.size + 1) {
    // Of those that come equally often, the later ones are kept.
    const byCount = places.toSorted((a, b) => countOf(a) - countOf(b) || a - b)
    for (const place of byCount.slice(0, size - (maxCategories - 1))) rare.add(place)
  }
  return [...rare].sort((a, b) => a - b)
}

const isCategory = (value: unknown): value is Category =>
  ['string', 'number', 'boolean'].includes(typeof value)

/** @throws Unreadable. */
export const readCategories = (learned: unknown, columns: readonly string[]): readonly CategoryTable[] =>
  perColumn(
    learned,
    columns,
    'categories',
    (part): part is CategoryTable =>
      isRecord(part) &&
      Array.isArray(part.categories) &&
      part.categories.length > 0 &&
      part.categories.every(isCategory) &&
      typeof part.hasMissing === 'boolean' &&
      Array.isArray(part.rare) &&
      part.rare.every(
        (place) =>
          Number.isInteger(place) &&
          place >= 0 &&
          place < (part.categories as []).length + Number(part.hasMissing),
      ),
  )

/** Where categories stand: `placeOf` gives the place among the frequent ones, `rare` for a rare one, `unknown` for another. */
class CategoryPlaces {
  readonly frequent: readonly Category[]
  readonly #places = new Map<Category, number | 'rare'>()

  constructor({ categories, rare }: CategoryTable) {
    const areRare = new Set(rare)
    this.frequent = categories.filter((_, place) => !areRare.has(place))
    for (const place of rare)
      if (place < categories.length) this.#places.set(categories[place] as Category, 'rare')
    for (const [place, category] of this.frequent.entries()) this.#places.set(category, place)
  }

  placeOf(category: Category): number | 'rare' | 'unknown' {
    return this.#places.get(category) ?? 'unknown'
  }
}

const known = new WeakMap<CategoryTable, CategoryPlaces>()

/** The places of a table, found once: single rows come often. */
export function placesOf(table: CategoryTable): CategoryPlaces {
  const found = known.get(table) ?? new CategoryPlaces(table)
  known.set(table, found)
  return found
}

export function unknownCategory(
  frame: Frame,
  where: string,
  name: string,
  row: number,
  cell: Category,
  known: readonly Category[],
): DataError {
  const texts = known.map(String)
  const near = nearestName(String(cell), texts)
  const list =
    known.length > 12
      ? `${known.slice(0, 12).map(shown).join(', ')}, … (${known.length})`
      : known.map(shown).join(', ')
  return new DataError({
    where: frame.placeOf(where, name, row),
    expected: `a category that was there when the step was fitted: ${list}`,
    received: shown(cell),
    fix: `${near === undefined ? '' : `Did you mean '${near}'? `}The option unknown says what becomes of new ones.`,
  })
}
