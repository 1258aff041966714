/**
 * How many characters of the shorter way from one text to the other are inserted, removed or replaced (Levenshtein, 1966), by
 * the length of the longer: 0 for equal texts, 1 for those that share nothing. Characters are code points, in normal form C.
 */
export function characterDifference(a: string, b: string): number {
  const [from, to] = [[...a.normalize('NFC')], [...b.normalize('NFC')]]
  const longer = Math.max(from.length, to.length)
  if (longer === 0) return 0
  let row = Uint32Array.from({ length: to.length + 1 }, (_, j) => j)
  for (const [i, letter] of from.entries()) {
    const next = new Uint32Array(to.length + 1)
    next[0] = i + 1
    for (const [j, other] of to.entries())
      next[j + 1] = Math.min(
        (next[j] as number) + 1,
        (row[j + 1] as number) + 1,
        (row[j] as number) + (letter === other ? 0 : 1),
      )
    row = next
  }
  return (row[to.length] as number) / longer
}
