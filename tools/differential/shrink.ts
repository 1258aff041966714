import type { Family } from './family.ts'
import type { JsonObject } from './json.ts'
import { isFinding, type Outcome } from './lane.ts'

/** How a failure reads without its numbers and names: cases that fail otherwise are not the same case made smaller. */
export const kindOf = ({ verdict, detail }: Outcome): string =>
  `${verdict}: ${detail
    .split(':', 2)
    .join(':')
    .replace(/\[\d+\]/g, '')
    .replace(/\d+/g, '#')}`

/** The simplest case found that fails as the given one does: takes simpler ones as long as there are any. */
export async function minimised(
  family: Family,
  spec: JsonObject,
  outcome: Outcome,
  run: (spec: JsonObject) => Promise<Outcome>,
  { runs = 150, seconds = 90 } = {},
): Promise<{ readonly spec: JsonObject; readonly outcome: Outcome }> {
  const end = performance.now() + seconds * 1000
  const verdict = outcome.verdict
  let best = { spec, outcome }
  let left = runs
  for (let found = true; found; ) {
    found = false
    for (const simpler of family.shrinks(best.spec)) {
      if (left-- <= 0 || performance.now() > end) return best
      const tried = await run(simpler)
      // A value that differs may come to differ elsewhere; an error has to stay the same error.
      const isSame = tried.verdict === verdict && (verdict === 'differs' || kindOf(tried) === kindOf(outcome))
      if (!isFinding(tried) || !isSame) continue
      best = { spec: simpler, outcome: tried }
      found = true
      break
    }
  }
  return best
}
