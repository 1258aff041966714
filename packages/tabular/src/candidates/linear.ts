import { FittedRecipe, type Frame } from '@typegrad/data'
import { paced } from 'typegrad/core'
import { linearRecipe } from '../features/recipes.ts'
import { readArray, readNumbers, readPart, readText } from '../saving/saved.ts'
import { lossOf } from '../scores/metrics.ts'
import type { TreeLossName } from '../trees/losses.ts'
import { treeLosses } from '../trees/losses.ts'
import type { Candidate, FittedCandidate } from './candidate.ts'
import { fitLinear, type LinearWeights, type Matrix, predictLinear } from './fit-linear.ts'
import { classCountOf, lossNameOf } from './task-loss.ts'

/** How much weights are held back, from much to little: each fit begins where the one before it ended. */
const strengths = [1, 0.1, 0.01, 0.001, 0.0001]

/** A linear model of standardized numbers and one-hot categories; how much it is held back, the watched rows tell. */
export const linear: Candidate<'linear'> = {
  name: 'linear',
  kind: 'linear',
  fit: async ({ task, roles, training, watched, signal, deadline }) => {
    const { fitted, frame } = await linearRecipe(roles).fitTransform(training.frame)
    const [x, held] = [matrixOf(frame), matrixOf(await fitted.transform(watched.frame))]
    const metric = lossOf(task)
    let weights: LinearWeights | undefined
    let best: { readonly cost: number; readonly weights: LinearWeights } | undefined
    for (const l2 of strengths) {
      signal?.throwIfAborted()
      if (best !== undefined && performance.now() > deadline) break
      weights = await paced(fitLinear(x, training.values, lossNameOf(task), classCountOf(task), l2, weights))
      const cost = metric.of(watched.values, predictLinear(weights, held))
      if (best === undefined || cost < best.cost) best = { cost, weights }
    }
    return fittedLinear(fitted, (best as NonNullable<typeof best>).weights)
  },
}

const fittedLinear = (recipe: FittedRecipe, weights: LinearWeights): FittedCandidate => ({
  kind: 'linear',
  predict: async (frame) => predictLinear(weights, matrixOf(await recipe.transform(frame))),
  toSaved: () => ({
    recipe: recipe.toJSON() as never,
    loss: weights.loss,
    shape: [weights.outputs, weights.columns],
    weights: weights.values,
  }),
})

export function readLinear(saved: unknown): FittedCandidate {
  const [outputs = 0, columns = 0] = readNumbers(saved, 'shape')
  return fittedLinear(FittedRecipe.fromJSON(readPart(saved, 'recipe')), {
    loss: readText(saved, 'loss', Object.keys(treeLosses) as TreeLossName[]),
    outputs,
    columns,
    values: readArray(saved, 'weights', Float64Array),
  })
}

function matrixOf(frame: Frame): Matrix {
  const names = frame.names
  const values = new Float64Array(frame.length * names.length)
  names.forEach((name, column) => {
    const own = frame.complete(name)
    for (let row = 0, at = column; row < own.length; row++, at += names.length)
      values[at] = own[row] as number
  })
  return { rows: frame.length, columns: names.length, values }
}
