import { FittedRecipe } from '@typegrad/data'
import { treeColumns, treeRecipe } from '../features/recipes.ts'
import { beside, matrixOf } from '../onnx/onnx-columns.ts'
import { recipeToOnnx } from '../onnx/recipe-to-onnx.ts'
import { treePredictions } from '../onnx/trees-to-onnx.ts'
import { readList, readPart } from '../saving/saved.ts'
import { boost } from '../trees/boost.ts'
import type { BoostOptions } from '../trees/boost-options.ts'
import type { BoostedTrees } from '../trees/boosted-trees.ts'
import { readTrees, savedTrees } from '../trees/saved-trees.ts'
import type { Candidate, FitContext, FittedCandidate, LabelledRows } from './candidate.ts'
import { classCountOf, lossNameOf, partsOf } from './task-loss.ts'

/** Boosted trees, of which there are as many rounds as the watched rows want; a set of trees for each quantile and each label. */
export const boosted = <N extends string>(name: N, options: BoostOptions): Candidate<N> => ({
  name,
  kind: 'trees',
  fit: ({ watched, ...context }) => fitTrees(context, options, { watched }),
  refit: (context, settings) => {
    // With more rows as many rounds as the folds wanted on average; at least one.
    const rounds = partsOf(context.task).map((_, part) => {
      const all = settings.map((own) => own[part] ?? 1)
      return Math.max(1, Math.round(all.reduce((sum, one) => sum + one, 0) / all.length))
    })
    return fitTrees(context, options, { rounds })
  },
})

/** @param by rows that are watched, or how many rounds each part has. */
async function fitTrees(
  { task, roles, training, seed, deadline, signal }: Omit<FitContext, 'watched'>,
  options: BoostOptions,
  by: { readonly watched?: LabelledRows; readonly rounds?: readonly number[] },
): Promise<FittedCandidate> {
  const { fitted, frame } = await treeRecipe(roles).fitTransform(training.frame)
  const columns = treeColumns(frame, fitted, roles.categories)
  const held = by.watched && treeColumns(await fitted.transform(by.watched.frame), fitted, roles.categories)
  const trees: BoostedTrees[] = []
  for (const [part, { quantile, targetsOf, listsOf }] of partsOf(task).entries()) {
    const rounds = by.rounds?.[part]
    const validation = by.watched &&
      held && {
        columns: held,
        targets: targetsOf(by.watched.values),
        ...(listsOf !== undefined && { groups: listsOf(by.watched.values) }),
      }
    trees.push(
      await boost(columns, targetsOf(training.values), {
        ...options,
        loss: lossNameOf(task),
        classes: classCountOf(task),
        quantile,
        seed,
        deadline,
        ...(rounds !== undefined && { rounds }),
        ...(listsOf !== undefined && { groups: listsOf(training.values) }),
        ...(validation !== undefined && { validation }),
        ...(signal !== undefined && { signal }),
      }),
    )
  }
  // What is kept is what is judged: leaves have 32 bits.
  return fittedTrees(
    fitted,
    roles.categories,
    trees.map((one) => one.withShortLeaves()),
  )
}

const fittedTrees = (
  recipe: FittedRecipe,
  categories: readonly string[],
  trees: readonly BoostedTrees[],
): FittedCandidate => ({
  kind: 'trees',
  settings: trees.map(({ rounds }) => rounds),
  recipe,
  predictFeatures: async (features) => {
    const columns = treeColumns(features, recipe, categories)
    return trees.flatMap((one) => one.predict(columns))
  },
  toSaved: () => ({
    recipe: recipe.toJSON() as never,
    categories,
    trees: trees.map(savedTrees),
  }),
  toOnnx: async (builder, columns) => {
    const features = matrixOf(builder, [...recipeToOnnx(builder, columns, recipe).values()])
    return beside(
      builder,
      trees.map((one) => treePredictions(builder, one, features)),
    )
  },
})

export const readBoosted = (saved: unknown): FittedCandidate =>
  fittedTrees(
    FittedRecipe.fromJSON(readPart(saved, 'recipe')),
    readList(saved, 'categories') as readonly string[],
    readList(saved, 'trees').map(readTrees),
  )
