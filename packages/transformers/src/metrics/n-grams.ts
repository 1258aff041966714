/** How often each run of so many tokens occurs. */
export type NGrams = ReadonlyMap<string, number>

/**
 * The runs of `order` tokens, counted.
 *
 * @param between what stands between the tokens of a run's key; no token may contain it where orders or borders matter.
 */
export function nGramsOf(tokens: readonly string[], order: number, between: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i + order <= tokens.length; i++) {
    const key = tokens.slice(i, i + order).join(between)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** How many runs there are, repeated ones as often as they occur. */
export const totalOf = (grams: NGrams): number => {
  let total = 0
  for (const count of grams.values()) total += count
  return total
}

/** How many runs two have in common: each as often as in that which has fewer of it. */
export function overlapOf(a: NGrams, b: NGrams): number {
  let overlap = 0
  for (const [key, count] of a) overlap += Math.min(count, b.get(key) ?? 0)
  return overlap
}
