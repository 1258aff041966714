/** The committed cases, answered once more by typegrad: no Python is needed. */
import { describe, expect, it } from 'vitest'
import { families } from './families/index.ts'
import { familyNames } from './family.ts'
import { readRecorded, recordedCounts } from './golden.ts'
import { type Outcome, verdictOf } from './lane.ts'

/** Cases a test: few tests, so that their bookkeeping takes no time, and short ones. */
const batch = 40

describe.each(familyNames)('cases that Keras or PyTorch has answered: %s', (name) => {
  const family = families[name]
  const recorded = readRecorded(name)
  const batches = Array.from({ length: Math.ceil(recorded.length / batch) }, (_, i) => [i * batch])

  it('are all there', () => {
    expect(recorded).toHaveLength(recordedCounts[name])
  })

  it.each(batches)('from number %i on', { timeout: 300_000 }, async (start) => {
    const failures: string[] = []
    for (const { name: caseName, spec, answer } of recorded.slice(start, start + batch)) {
      const outcome: Pick<Outcome, 'verdict' | 'detail'> = await family.here(spec, answer).then(
        (ours) => verdictOf(family, spec, answer, ours),
        (error: Error) => ({ verdict: 'refused here', detail: error.message }),
      )
      if (outcome.verdict !== 'agree') failures.push(`${caseName}: ${outcome.verdict}: ${outcome.detail}`)
    }
    expect(failures).toEqual([])
  })
})
