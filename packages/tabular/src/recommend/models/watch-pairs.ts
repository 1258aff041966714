import { meanSquaredError } from '../../scores/metrics.ts'
import type { FitContext, Scorer } from './scorer.ts'

/** The mean squared error of watched ratings; absent where nothing is watched. */
export const watchPairs = (
  { watched }: FitContext,
  scorer: () => Promise<Scorer>,
): { readonly watch?: () => Promise<number> } =>
  watched === undefined
    ? {}
    : {
        watch: async () =>
          meanSquaredError(watched.ratings, [(await scorer()).pairs(watched.users, watched.items)]),
      }
