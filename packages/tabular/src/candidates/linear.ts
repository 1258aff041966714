import { FittedRecipe, type Frame } from '@typegrad/data'
import { paced } from 'typegrad/core'
import { linearRecipe } from '../features/recipes.ts'
import { linkedScores } from '../onnx/linked-scores.ts'
import type { OnnxBuilder } from '../onnx/onnx-builder.ts'
import { beside, matrixOf } from '../onnx/onnx-columns.ts'
import { recipeToOnnx } from '../onnx/recipe-to-onnx.ts'
import { damaged, readArray, readList, readNumbers, readPart, readText } from '../saving/saved.ts'
import { lossOf, type TrainedTask } from '../scores/metrics.ts'
import type { TreeLossName } from '../trees/losses.ts'
import { treeLosses } from '../trees/losses.ts'
import type { Candidate, FittedCandidate } from './candidate.ts'
import { fitLinear, type LinearWeights, type Matrix, predictLinear } from './fit-linear.ts'
import { classCountOf, linearLossOf, partsOf } from './task-loss.ts'

/**
 * Where there are more rows, it is found by these how much weights are held back, as each fit looks at all many times; and fits end with
 * scikit-learn's tolerance, which is far below what chance makes of the gradient.
 */
const manyRows = 10_000

/** How much weights are held back, from much to little: each fit begins where the one before it ended. */
const strengths = [1, 0.1, 0.01, 0.001, 0.0001]

/** A linear model of standardized numbers and one-hot categories; how much it is held back, the watched rows tell. */
export const linear: Candidate<'linear'> = {
  name: 'linear',
  kind: 'linear',
  fit: async ({ task, roles, training, watched, signal, deadline }) => {
    const { fitted, frame } = await linearRecipe(roles).fitTransform(training.frame)
    const [x, held] = [rowsOf(frame), rowsOf(await fitted.transform(watched.frame))]
    const metric = lossOf(task)
    const whole = problemOf(task, x, training.values)
    const tried = x.rows > manyRows ? someOf(whole, manyRows) : whole
    let weights: readonly LinearWeights[] = []
    let best:
      | { readonly cost: number; readonly l2: number; readonly weights: readonly LinearWeights[] }
      | undefined
    for (const l2 of strengths) {
      signal?.throwIfAborted()
      if (best !== undefined && performance.now() > deadline) break
      weights = await solved(tried, l2, weights)
      const cost = metric.of(
        watched.values,
        weights.flatMap((own) => predictLinear(own, held)),
      )
      if (best === undefined || cost < best.cost) best = { cost, l2, weights }
    }
    const { weights: found, l2 } = best as NonNullable<typeof best>
    return fittedLinear(fitted, tried === whole ? found : await solved(whole, l2, found), [l2])
  },
  refit: async ({ task, roles, training }, settings) => {
    const { fitted, frame } = await linearRecipe(roles).fitTransform(training.frame)
    // The middle one of what the folds found.
    const found = settings.map(([l2 = 0.01]) => l2).sort((a, b) => a - b)
    const l2 = found[found.length >> 1] as number
    return fittedLinear(fitted, await solved(problemOf(task, rowsOf(frame), training.values), l2), [l2])
  },
}

/** What models are fitted to: one, or one a label. */
interface Problem {
  readonly task: TrainedTask
  readonly x: Matrix
  readonly targets: readonly Float64Array[]
  readonly tolerance: number
}

const problemOf = (task: TrainedTask, x: Matrix, values: Float64Array): Problem => ({
  task,
  x,
  targets: partsOf(task).map(({ targetsOf }) => targetsOf(values)),
  tolerance: x.rows > manyRows ? 1e-4 : 1e-6,
})

/** The same of some rows, evenly from all of them. */
function someOf({ x: { rows, columns, values }, targets, ...problem }: Problem, count: number): Problem {
  const places = Float64Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count))
  const own = new Float64Array(count * columns)
  places.forEach((row, i) => {
    own.set(values.subarray(row * columns, (row + 1) * columns), i * columns)
  })
  return {
    ...problem,
    x: { rows: count, columns, values: own },
    targets: targets.map((all) => places.map((row) => all[row] as number)),
  }
}

/** @param from models to begin with. */
async function solved(
  { task, x, targets, tolerance }: Problem,
  l2: number,
  from: readonly LinearWeights[] = [],
): Promise<readonly LinearWeights[]> {
  const all: LinearWeights[] = []
  for (const [i, own] of targets.entries())
    all.push(await paced(fitLinear(x, own, linearLossOf(task), classCountOf(task), l2, from[i], tolerance)))
  return all
}

/** @param all one model, or one a label. */
const fittedLinear = (
  recipe: FittedRecipe,
  all: readonly LinearWeights[],
  settings: readonly number[] = [],
): FittedCandidate => ({
  kind: 'linear',
  settings,
  recipe,
  predictFeatures: async (features) => {
    const rows = rowsOf(features)
    return all.flatMap((weights) => predictLinear(weights, rows))
  },
  toSaved: () => ({
    recipe: recipe.toJSON() as never,
    models: all.map(({ loss, outputs, columns, values }) => ({
      loss,
      shape: [outputs, columns],
      weights: values,
    })),
  }),
  toOnnx: async (builder, columns) => {
    const features = matrixOf(builder, [...recipeToOnnx(builder, columns, recipe).values()])
    const outputs = all.map((weights) => linearToOnnx(builder, weights, features))
    return beside(builder, outputs)
  },
})

/** Scores of features through their link. */
function linearToOnnx(builder: OnnxBuilder, weights: LinearWeights, features: string): string {
  const width = weights.columns + 1
  // The kernel is [columns, outputs].
  const kernel = Float64Array.from(
    { length: weights.columns * weights.outputs },
    (_, i) => weights.values[(i % weights.outputs) * width + Math.floor(i / weights.outputs)] as number,
  )
  const bias = Float64Array.from(
    { length: weights.outputs },
    (_, output) => weights.values[output * width + weights.columns] as number,
  )
  const product = builder.op('MatMul', [
    features,
    builder.numbers(kernel, [weights.columns, weights.outputs]),
  ])
  return linkedScores(builder, weights.loss, builder.op('Add', [product, builder.numbers(bias)]))
}

export function readLinear(saved: unknown): FittedCandidate {
  const models = readList(saved, 'models').map((model): LinearWeights => {
    const [outputs = 0, columns = 0] = readNumbers(model, 'shape')
    const values = readArray(model, 'weights', Float64Array)
    if (values.length !== outputs * (columns + 1))
      throw damaged('weights', 'a weight for each column', values)
    return {
      loss: readText(model, 'loss', Object.keys(treeLosses) as TreeLossName[]),
      outputs,
      columns,
      values,
    }
  })
  return fittedLinear(FittedRecipe.fromJSON(readPart(saved, 'recipe')), models)
}

function rowsOf(frame: Frame): Matrix {
  const names = frame.names
  const values = new Float64Array(frame.length * names.length)
  names.forEach((name, column) => {
    const own = frame.complete(name)
    for (let row = 0, at = column; row < own.length; row++, at += names.length)
      values[at] = own[row] as number
  })
  return { rows: frame.length, columns: names.length, values }
}
