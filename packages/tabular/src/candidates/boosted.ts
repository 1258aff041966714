import { FittedRecipe } from '@typegrad/data'
import { treeColumns, treeRecipe } from '../features/recipes.ts'
import { readList, readPart } from '../saving/saved.ts'
import { boost } from '../trees/boost.ts'
import type { BoostOptions } from '../trees/boost-options.ts'
import type { BoostedTrees } from '../trees/boosted-trees.ts'
import { readTrees, savedTrees } from '../trees/saved-trees.ts'
import type { Candidate, FittedCandidate } from './candidate.ts'
import { classCountOf, levelsOf, lossNameOf } from './task-loss.ts'

/** Boosted trees, of which there are as many rounds as the watched rows want; a set of trees for each quantile. */
export const boosted = <N extends string>(name: N, options: BoostOptions): Candidate<N> => ({
  name,
  kind: 'trees',
  fit: async ({ task, roles, training, watched, seed, deadline, signal }) => {
    const { fitted, frame } = await treeRecipe(roles).fitTransform(training.frame)
    const columns = treeColumns(frame, fitted, roles.categories)
    const validation = {
      columns: treeColumns(await fitted.transform(watched.frame), fitted, roles.categories),
      targets: watched.values,
    }
    const trees: BoostedTrees[] = []
    for (const quantile of levelsOf(task))
      trees.push(
        await boost(columns, training.values, {
          ...options,
          loss: lossNameOf(task),
          classes: classCountOf(task),
          quantile,
          validation,
          seed,
          deadline,
          ...(signal !== undefined && { signal }),
        }),
      )
    return fittedTrees(fitted, roles.categories, trees)
  },
})

const fittedTrees = (
  recipe: FittedRecipe,
  categories: readonly string[],
  trees: readonly BoostedTrees[],
): FittedCandidate => ({
  kind: 'trees',
  predict: async (frame) => {
    const columns = treeColumns(await recipe.transform(frame), recipe, categories)
    return trees.flatMap((one) => one.predict(columns))
  },
  toSaved: () => ({
    recipe: recipe.toJSON() as never,
    categories,
    trees: trees.map(savedTrees),
  }),
})

export const readBoosted = (saved: unknown): FittedCandidate =>
  fittedTrees(
    FittedRecipe.fromJSON(readPart(saved, 'recipe')),
    readList(saved, 'categories') as readonly string[],
    readList(saved, 'trees').map(readTrees),
  )
