/** The version of sacreBLEU that scores are equal to. */
const sacrebleuVersion = '2.6.0'

/** What sacreBLEU says of how a score was computed, so that it can be computed again. */
export function signatureOf(
  referenceCounts: ReadonlySet<number>,
  settings: Readonly<Record<string, string | number>>,
): string {
  const counts = [...referenceCounts]
  const all = { nrefs: counts.length === 1 ? (counts[0] as number) : 'var', ...settings }
  const pairs = Object.entries({ ...all, version: sacrebleuVersion })
  return pairs.map(([name, value]) => `${name}:${value}`).join('|')
}
