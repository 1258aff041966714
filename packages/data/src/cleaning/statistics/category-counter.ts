type Category = string | number | boolean

/** Numbers by their size, texts by their code points, as Python sorts them. */
export function compareCategories(a: Category, b: Category): number {
  if (typeof a !== 'string' || typeof b !== 'string') return Number(a) - Number(b)
  if (a === b) return 0
  // UTF-16 puts what is beyond the basic plane before some of what is within.
  const [xs, ys] = [Array.from(a), Array.from(b)]
  const at = xs.findIndex((x, i) => x !== ys[i])
  if (at < 0) return -1
  return (xs[at]?.codePointAt(0) ?? -1) - (ys[at]?.codePointAt(0) ?? -1)
}

/** How often each category came; missing ones are counted apart. */
export class CategoryCounter {
  readonly counts = new Map<Category, number>()
  missing = 0

  add(cells: readonly (Category | null)[]): void {
    for (const cell of cells) {
      if (cell === null) this.missing += 1
      else this.counts.set(cell, (this.counts.get(cell) ?? 0) + 1)
    }
  }

  /** In order. */
  get categories(): readonly Category[] {
    return [...this.counts.keys()].sort(compareCategories)
  }

  /** Of several that came most often, the first in order. */
  mostFrequent(): Category | undefined {
    let found: Category | undefined
    let most = 0
    for (const category of this.categories) {
      const count = this.counts.get(category) ?? 0
      if (count > most) [found, most] = [category, count]
    }
    return found
  }
}
