import { grouped, ofSomeUsers } from '../interactions/interactions.ts'
import { judgeLists } from '../measures/judge.ts'
import type { FitContext, Scorer } from './scorer.ts'

/** Users whose lists are looked at after a pass. */
const mostWatched = 500

/** What watched rows say of lists: NDCG with its sign turned, the less the better; absent where nothing is watched. */
export function watchLists(
  { watched, training, users, k }: FitContext,
  scorer: () => Promise<Scorer>,
): { readonly watch?: () => Promise<number> } {
  if (watched === undefined) return {}
  const [seen, some] = [grouped(training, 'users', users), ofSomeUsers(watched, mostWatched)]
  return {
    watch: async () => {
      const { ndcg } = await judgeLists(await scorer(), seen, some, users, k)
      return -ndcg.reduce((sum, value) => sum + value, 0) / Math.max(1, ndcg.length)
    },
  }
}
