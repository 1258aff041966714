import { type Frame, recipe } from '@typegrad/data'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { predictRows } from '../blend.ts'
import { lossOf, type Predictions, type TrainedTask } from '../scores/metrics.ts'
import { shortened, taskContext, taskTargets } from '../testing/task-contexts.ts'
import type { FitContext, FittedCandidate } from './candidate.ts'
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
    const candidate = network(shortened(kinds[name], 40))
    const fitted = await candidate.fit(context)
    const { settings = [] } = fitted
    expect(settings).toHaveLength(2)
    // As another fold would have it that had half of the time; the rows are those of the fold.
    const refitted = await candidate.refit(context, [settings, settings.map((epochs) => epochs / 2)])
    const base = await predictRows(await constant.fit(context), context.watched.frame)
    for (const [made, networks] of [
      [fitted, 1],
      [refitted, 2],
    ] as const) {
      await expectLearned(made, context, base)
      await expectRead(made, networks, context.watched.frame)
    }
  })
})

async function expectLearned(
  fitted: FittedCandidate,
  { task, watched }: FitContext,
  base: Predictions,
): Promise<void> {
  const metric = lossOf(task)
  const found = await predictRows(fitted, watched.frame)
  expect(metric.of(watched.values, found)).toBeLessThan(0.75 * metric.of(watched.values, base))
}

/** What is read again predicts the same, and what is damaged is not read. */
async function expectRead(fitted: FittedCandidate, networks: number, watched: Frame): Promise<void> {
  const saved = fitted.toSaved()
  const again = readNetwork(saved)
  const unseen = await recipe([]).fitTransform([
    { x: null, z: 1e9, plan: 'gold' },
    { x: 0.5, z: 30, plan: null },
  ])
  for (const frame of [watched, unseen.frame] as readonly Frame[]) {
    const [own, read] = [await predictRows(fitted, frame), await predictRows(again, frame)]
    expect(own.flatMap((of) => Array.from(of)).every(Number.isFinite)).toBe(true)
    own.forEach((of, k) => {
      expectClose(read[k] ?? [], of, { scaled: 0 })
    })
  }
  const { networks: all } = saved as { networks: { weights: Float32Array }[] }
  expect(all).toHaveLength(networks)
  const damaged = (change: object) => (): unknown =>
    readNetwork({ ...(saved as object), networks: [...all.slice(0, -1), { ...all.at(-1), ...change }] })
  expect(damaged({ weights: all.at(-1)?.weights.subarray(1) })).toThrow(/as the network has them/)
  expect(damaged({ className: 'Dense' })).toThrow(/one of TabM, RealMLP, FeatureTransformer/)
}

test('networks of a refit differ, are a mean, and come out the same again', async () => {
  const context = await contextOf('regression')
  const candidate = network(shortened(tabM, 2))
  const learned = [[1.5, 2]]
  const [one, two] = [await candidate.refit(context, learned), await candidate.refit(context, learned)]
  const saved = one.toSaved() as { networks: { weights: Float32Array }[] }
  expect(saved).toEqual(two.toSaved())
  const [first, second] = saved.networks
  expect(first?.weights).not.toEqual(second?.weights)
  const { frame } = context.watched
  const each = saved.networks.map((own) => predictRows(readNetwork({ ...saved, networks: [own] }), frame))
  const [[a = []] = [], [b = []] = []] = await Promise.all(each)
  const mean = Float64Array.from(a, (value, row) => (value + (b[row] as number)) / 2)
  expectClose((await predictRows(one, frame))[0] ?? [], mean, { scaled: 1e-6 })
  // However rows are divided into pieces.
  for (const count of [1, 3, 17, 45]) {
    const [some = []] = await predictRows(one, frame.rowsAt(Array.from({ length: count }, (_, row) => row)))
    expectClose(some, mean.subarray(0, count), { scaled: 1e-5 })
  }
})

test('a time that is over, an end, and chance', async () => {
  const context = await contextOf('regression')
  const small = shortened(tabM, 2)
  const [one, two] = [await network(small).fit(context), await network(small).fit(context)]
  expect(one.toSaved()).toEqual(two.toSaved())
  const late = await network(shortened(tabM, 100_000)).fit({ ...context, deadline: performance.now() })
  const [found = new Float64Array(0)] = await predictRows(late, context.watched.frame)
  expect(found.every(Number.isFinite)).toBe(true)
  const ended = network(tabM).fit({ ...context, signal: AbortSignal.abort() })
  await expect(ended).rejects.toThrow(/aborted/)
})
