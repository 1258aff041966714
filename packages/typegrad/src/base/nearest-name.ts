/** Levenshtein distance: single-letter insertions, deletions and substitutions from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, substitution))
    }
    previous = row
  }
  return previous[b.length] as number
}

const longestName = 200

/** The known name that a misspelt one most likely meant; undefined if none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  // No name is so long; the comparison takes time in proportion to both lengths.
  if (name.length > longestName) return undefined
  let best: string | undefined
  let bestDistance = Math.max(2, Math.ceil(name.length / 2))
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}
