import { countsOf } from '../interactions/interactions.ts'
import type { RecommendCandidate } from './scorer.ts'
import { biasScorer } from './vector-scorer.ts'

/** Items by how many users took them: what one knows without knowing users. */
export const popularity: RecommendCandidate<'popularity'> = {
  name: 'popularity',
  tasks: ['ranking'],
  fit: async ({ training, users, items }) => ({
    scorer: biasScorer(0, new Float32Array(users), Float32Array.from(countsOf(training.items, items))),
  }),
}
