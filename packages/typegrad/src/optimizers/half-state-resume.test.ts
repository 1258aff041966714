import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { layers, loadModel, optimizers, random, sequential, setRandomSeed } from '../index.ts'
import { interruptedFit } from '../testing/interrupted-fit.ts'
import type { HalfDType } from './half-state.ts'

const kinds: readonly HalfDType[] = ['bfloat16', 'float16']

const begun = (stateDType: HalfDType) => {
  setRandomSeed(4)
  const model = sequential([
    layers.dense({ units: 16, activation: 'tanh', inputShape: [4] }),
    layers.dense({ units: 1 }),
  ])
  const optimizer = optimizers.adamw({ learningRate: 0.01, stateDType, gradientAccumulationSteps: 2 })
  model.compile({ optimizer, loss: 'mse' })
  return model
}
type Trained = Pick<ReturnType<typeof begun>, 'weights' | 'optimizer'>

/** Weights and all that the optimizer keeps, with the dtypes; of 16 bits the bits. */
const bitsOf = async ({ weights, optimizer }: Trained): Promise<readonly string[]> =>
  await Promise.all(
    [...weights, ...optimizer.variables].map(
      async ({ dtype, value }) => `${dtype} ${(await value.data()).join()}`,
    ),
  )

test.each(kinds)(
  'state in %s, which is rounded at random: a training that was interrupted within an accumulation goes on to the same bits',
  async (stateDType) => {
    const folder = mkdtempSync(join(tmpdir(), 'typegrad-half-'))
    try {
      const x = random.normal([24, 4], { seed: 1 })
      const y = x.square().sum(-1).sqrt()
      const train = (name: string, stopAfter?: number) =>
        interruptedFit(begun(stateDType), x, y, { backupDir: join(folder, name), stopAfter })
      const whole = await train('whole')
      const bits = await bitsOf(whole)
      // Two means of two kernels and two biases.
      expect(bits.filter((one) => one.startsWith(stateDType))).toHaveLength(8)
      await train('parts', 7)
      expect(await bitsOf(await train('parts'))).toEqual(bits)
      await whole.save(join(folder, 'saved'))
      expect(await bitsOf((await loadModel(join(folder, 'saved'))) as Trained)).toEqual(bits)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
