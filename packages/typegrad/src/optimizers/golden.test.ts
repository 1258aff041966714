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
  }[]
}

const golden = readGolden<Golden>('optimizers.json')

describe('optimizers against Keras, step after step', () => {
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
  /** Values after each step, by case and weight. */
  const seen: number[][][][] = []

  beforeAll(async () => {
    for (const grads of golden.gradients) {
      await step(grads.map((g) => fromGolden(g)))
      const values = runs.map(({ weights }) => weights.map((weight) => weight.value as Tensor))
      await evaluateAll(values.flat())
      seen.push(
        await Promise.all(
          values.map((list) =>
            Promise.all(list.map(async (value) => Array.from(await value.data(), Number))),
          ),
        ),
      )
    }
  })

  it.each(golden.cases.map(({ optimizer, config }, i) => [optimizer, config, i] as const))(
    '%s %j',
    (_, __, i) => {
      const { weights, kerasConfig } = golden.cases[i] as Golden['cases'][number]
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
    },
  )
})
