import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { columnsOf, numbersOf, type TreeCase, targetsOf, treeCases } from '../testing/golden-trees.ts'
import { boost } from './boost.ts'
import type { BoostedTrees } from './boosted-trees.ts'

const trained = (one: TreeCase): Promise<BoostedTrees> => {
  const validation = one.validation
    ? { columns: columnsOf(one, 'x', 300), targets: targetsOf(one, 300) }
    : undefined
  return boost(columnsOf(one, 'x', 0, one.rows), targetsOf(one, 0, one.rows), {
    ...one.options,
    loss: one.loss,
    patience: 1000,
    ...(validation !== undefined && { validation }),
  })
}

/** Leaves of each tree. */
function leavesOf({ forest: { nodes, trees } }: BoostedTrees): number[] {
  return Array.from({ length: trees }, (_, tree) => {
    const own = nodes.column.subarray(nodes.roots[tree], nodes.roots[tree + 1])
    return own.filter((column) => column < 0).length
  })
}

describe("trees are those of scikit-learn's HistGradientBoosting:", () => {
  test.each(treeCases)('$name', async (one) => {
    const trees = await trained(one)
    if (one.losses === undefined) expect(leavesOf(trees)).toEqual(one.leaves)
    else {
      // Watched rows are told the same losses, of which the lowest ends the trees.
      const losses = numbersOf(one.losses)
      expectClose(trees.validationLosses, losses, { scaled: 1e-9 })
      expect(trees.rounds).toBe(losses.indexOf(Math.min(...losses)))
      if (trees.rounds < losses.length - 1) return
    }
    for (const set of ['training', 'new'] as const) {
      const columns = set === 'new' ? columnsOf(one, 'new') : columnsOf(one, 'x', 0, 40)
      const scores = trees.scores(columns)
      one.scores[set].forEach((expected, output) => {
        expectClose(scores[output] ?? [], numbersOf(expected), { scaled: 1e-9 })
      })
      const predictions = trees.predict(columns)
      const expected = one.loss === 'logistic' ? one.predictions[set].slice(1) : one.predictions[set]
      expected.forEach((of, output) => {
        expectClose(predictions[output] ?? [], numbersOf(of), { scaled: 1e-9 })
      })
    }
  })
})
