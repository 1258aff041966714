import { type Frame, recipe } from '@typegrad/data'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { lossOf, type TrainedTask } from '../scores/metrics.ts'
import { shortened, taskContext, taskTargets } from '../testing/task-contexts.ts'
import { constant } from './constant.ts'
import { network, readNetwork } from './network.ts'
import { mlp, tabM, transformer } from './networks.ts'

const rows = 240
const wave = (row: number, by: number): number => Math.sin(row * by)

/** Numbers with gaps, and categories; what follows from them is between −3 and 3. */
const cells = Array.from({ length: rows }, (_, row) => ({
  x: row % 13 === 0 ? null : wave(row, 1.7),
  z: 40 + 10 * wave(row, 2.3),
  plan: ['basic', 'plus', 'family'][row % 3] as string,
}))
const signal = cells.map(({ x, z, plan }) => 2 * (x ?? 0) + (z > 40 ? 1 : -1) * (plan === 'plus' ? 1 : 0.2))

const kinds = { tabm: tabM, mlp, transformer } as const
const contextOf = (kind: TrainedTask['kind']) => taskContext(kind, cells, signal)

const cases = (Object.keys(kinds) as (keyof typeof kinds)[])
  .flatMap((name) => (Object.keys(taskTargets) as TrainedTask['kind'][]).map((task) => [name, task] as const))
  .filter(
    ([name, task]) =>
      isWhole || ['tabm binary', 'tabm quantiles', 'mlp regression'].includes(`${name} ${task}`),
  )

describe('networks learn, and predict the same when they are read again:', () => {
  test.each(cases)('%s of %s', async (name, kind) => {
    const context = await contextOf(kind)
    const fitted = await network(shortened(kinds[name], 40)).fit(context)
    const metric = lossOf(context.task)
    const { watched } = context
    const found = await fitted.predict(watched.frame)
    const base = await (await constant.fit(context)).predict(watched.frame)
    expect(metric.of(watched.values, found)).toBeLessThan(0.75 * metric.of(watched.values, base))

    const saved = fitted.toSaved()
    const again = readNetwork(saved)
    const unseen = await recipe([]).fitTransform([
      { x: null, z: 1e9, plan: 'gold' },
      { x: 0.5, z: 30, plan: null },
    ])
    for (const frame of [watched.frame, unseen.frame] as readonly Frame[]) {
      const [own, read] = [await fitted.predict(frame), await again.predict(frame)]
      expect(own.flatMap((of) => Array.from(of)).every(Number.isFinite)).toBe(true)
      own.forEach((of, k) => {
        expectClose(read[k] ?? [], of, { scaled: 0 })
      })
    }
    const { weights } = saved as { weights: Float32Array }
    expect(() => readNetwork({ ...(saved as object), weights: weights.subarray(1) })).toThrow(
      /as the network has them/,
    )
    expect(() => readNetwork({ ...(saved as object), network: { className: 'Dense', config: {} } })).toThrow(
      /one of TabM, RealMLP, FeatureTransformer/,
    )
  })
})

test('a time that is over, an end, and chance', async () => {
  const context = await contextOf('regression')
  const small = shortened(tabM, 2)
  const [one, two] = [await network(small).fit(context), await network(small).fit(context)]
  expect(one.toSaved()).toEqual(two.toSaved())
  const late = await network(shortened(tabM, 100_000)).fit({ ...context, deadline: performance.now() })
  const [found = new Float64Array(0)] = await late.predict(context.watched.frame)
  expect(found.every(Number.isFinite)).toBe(true)
  const ended = network(tabM).fit({ ...context, signal: AbortSignal.abort() })
  await expect(ended).rejects.toThrow(/aborted/)
})
