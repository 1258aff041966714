import { type Frame, recipe } from '@typegrad/data'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { columnRoles } from '../features/column-roles.ts'
import { lossOf, type TrainedTask } from '../scores/metrics.ts'
import type { FitContext } from './candidate.ts'
import { constant } from './constant.ts'
import { type NetworkKind, network, readNetwork } from './network.ts'
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
/** What each task predicts, of the signal. */
const targets = {
  binary: (value: number) => (value > 0 ? 1 : 0),
  classes: (value: number) => (value < -1 ? 0 : value < 1 ? 1 : 2),
  regression: (value: number) => 100 + 30 * value,
  counts: (value: number) => Math.round(Math.exp(0.7 * value)),
  quantiles: (value: number) => 100 + 30 * value,
  labels: (value: number) => (value > 0 ? 1 : 0) + (value > 1 ? 2 : 0),
  // Of a ranking, targets are places in lists of relevance.
  ranking: (value: number) => (value < -1 ? 0 : value < 1 ? 1 : 2),
} as const satisfies Record<TrainedTask['kind'], (value: number) => number>

async function contextOf(kind: TrainedTask['kind']): Promise<FitContext> {
  const { frame } = await recipe([]).fitTransform(cells)
  const relevance = Float64Array.from(signal, targets[kind])
  const values = kind === 'ranking' ? relevance.map((_, row) => row) : relevance
  const found = {
    targets: ['y'],
    rows: Uint32Array.from(values, (_, i) => i),
    missing: 0,
    reason: '',
    values,
  }
  const task = {
    ...found,
    kind,
    ...(kind === 'binary' && { classes: [0, 1] }),
    ...(kind === 'classes' && { classes: [0, 1, 2] }),
    ...(kind === 'ranking' && { relevance, lists: values.map((row) => Math.floor(row / 20)) }),
    ...(kind === 'labels' && { labels: ['positive', 'large'] }),
    ...(kind === 'quantiles' && { levels: [0.1, 0.9] }),
  } as TrainedTask
  const part = (from: number, to: number) => ({
    frame: frame.rowsAt(Uint32Array.from({ length: to - from }, (_, i) => from + i)),
    values: values.slice(from, to),
  })
  return {
    task,
    roles: columnRoles(frame, []),
    training: part(0, 180),
    watched: part(180, rows),
    seed: 3,
    deadline: Number.POSITIVE_INFINITY,
    signal: undefined,
  }
}

/** A kind that learns for a few epochs alone. */
const short = (kind: NetworkKind<string>, epochs: number): NetworkKind<string> => ({
  ...kind,
  rules: (task) => ({ ...kind.rules(task), epochs }),
})

const cases = (Object.keys(kinds) as (keyof typeof kinds)[])
  .flatMap((name) => (Object.keys(targets) as TrainedTask['kind'][]).map((task) => [name, task] as const))
  .filter(
    ([name, task]) =>
      isWhole || ['tabm binary', 'tabm quantiles', 'mlp regression'].includes(`${name} ${task}`),
  )

describe('networks learn, and predict the same when they are read again:', () => {
  test.each(cases)('%s of %s', async (name, kind) => {
    const context = await contextOf(kind)
    const fitted = await network(short(kinds[name], 40)).fit(context)
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
  const small = short(tabM, 2)
  const [one, two] = [await network(small).fit(context), await network(small).fit(context)]
  expect(one.toSaved()).toEqual(two.toSaved())
  const late = await network(short(tabM, 100_000)).fit({ ...context, deadline: performance.now() })
  const [found = new Float64Array(0)] = await late.predict(context.watched.frame)
  expect(found.every(Number.isFinite)).toBe(true)
  const ended = network(tabM).fit({ ...context, signal: AbortSignal.abort() })
  await expect(ended).rejects.toThrow(/aborted/)
})
