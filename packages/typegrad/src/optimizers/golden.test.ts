import { beforeAll, describe, expect, it } from 'vitest'
import { compile, evaluateAll, type Tensor, Variable } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import { getOptimizer } from './index.ts'

interface Golden {
  readonly names: readonly string[]
  readonly initial: readonly GoldenTensor[]
  readonly gradients: readonly (readonly GoldenTensor[])[]
  readonly cases: readonly {
    readonly optimizer: string
    readonly config: Readonly<Record<string, unknown>>
    readonly kerasConfig: Readonly<Record<string, unknown>>
    readonly weights: readonly (readonly GoldenTensor[])[]
    /** Of the optimizer's variables, in Keras's order. */
    readonly stateShapes?: readonly (readonly number[])[]
    /** What the weights are finalized to, where averages are kept. */
    readonly averages?: readonly GoldenTensor[]
  }[]
}

describe.each(['optimizers.json', 'adaptive-optimizers.json'])(
  'optimizers against Keras, step after step: %s',
  (file) => {
    const golden = readGolden<Golden>(file)
    /** All optimizers make their steps in one compiled function, each on weights of its own. */
    const runs = golden.cases.map(({ optimizer: className, config }) => ({
      optimizer: getOptimizer({ className, config }),
      weights: golden.initial.map(
        (initial, i) => new Variable(fromGolden(initial), { name: golden.names[i] as string }),
      ),
    }))
    const step = compile((grads: readonly Tensor[]) => {
      for (const { optimizer, weights } of runs) optimizer.apply(grads, weights)
    })
    const valuesOf = (variables: readonly Variable[]) =>
      Promise.all(variables.map(async ({ value }) => Array.from(await value.data(), Number)))
    /** Values after each step, by case and weight. */
    const seen: number[][][][] = []

    beforeAll(async () => {
      for (const grads of golden.gradients) {
        await step(grads.map((g) => fromGolden(g)))
        await evaluateAll(runs.flatMap(({ weights }) => weights.map((weight) => weight.value)))
        seen.push(await Promise.all(runs.map(({ weights }) => valuesOf(weights))))
      }
    })

    it.each(golden.cases.map(({ optimizer, config }, i) => [optimizer, config, i] as const))(
      '%s %j',
      async (_, __, i) => {
        const { weights, kerasConfig, stateShapes, averages } = golden.cases[i] as Golden['cases'][number]
        expect(runs[i]?.optimizer.getConfig()).toMatchObject(kerasConfig)
        weights.forEach((expected, s) => {
          expected.forEach((weight, w) => {
            expectClose(
              seen[s]?.[i]?.[w] as number[],
              goldenValues(weight),
              { scaled: 2e-6 },
              `step ${s}, weight ${w}`,
            )
          })
        })
        const run = runs[i] as (typeof runs)[number]
        if (stateShapes !== undefined) {
          expect(run.optimizer.variables.map(({ shape }) => shape)).toEqual(stateShapes)
        }
        if (averages === undefined) return
        run.optimizer.finalizeVariableValues(run.weights)
        const finalized = await valuesOf(run.weights)
        averages.forEach((average, w) => {
          expectClose(finalized[w] as number[], goldenValues(average), { scaled: 2e-6 }, `average ${w}`)
        })
      },
    )
  },
)
