import { type Frame, recipe } from '@typegrad/data'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { hostRandom } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { isWhole } from '../../../../tools/whole-tests.ts'
import { Blend, type WeighedModel } from '../blend.ts'
import { boosted } from '../candidates/boosted.ts'
import type { FitContext, FittedCandidate } from '../candidates/candidate.ts'
import { linear } from '../candidates/linear.ts'
import { network } from '../candidates/network.ts'
import { mlp, tabM, transformer } from '../candidates/networks.ts'
import type { Calibration } from '../scores/calibration.ts'
import type { TrainedTask } from '../scores/metrics.ts'
import { shortened, taskContext, taskTargets } from '../testing/task-contexts.ts'
import { modelToOnnx } from './model-to-onnx.ts'

const random = hostRandom(5, 5)
const share = (): number => random(1_000_000) / 1_000_000
const some = <T>(value: T): T | null => (random(6) === 0 ? null : value)

const cells = Array.from({ length: 240 }, () => ({
  x: some(4 * share() - 2),
  // Most are one number, which is many of the quantiles.
  paid: random(3) > 0 ? 0 : share() ** -2,
  place: 1e6 + random(7),
  plan: some(['basic', 'plus', 'family', '家庭'][random(4)] as string),
  // Numbers and texts: categories by their text.
  code: random(2) === 0 ? random(3) : `${random(3)}`,
  since: some(new Date(Date.UTC(2000 + random(20), random(12), 1 + random(28)))),
}))
const signal = cells.map(({ x, plan }) => 1.2 * (x ?? 0) + (plan === 'plus' ? 0.5 : -0.1))
/** Beyond all that was there; the codes are those of the rows, as numbers and as texts. */
const strange = [
  { x: 1e300, paid: -1e300, place: 0, plan: 'gold', code: '2', since: new Date(Date.UTC(1700, 0, 1)) },
  { x: -1e30, paid: 1e30, place: 1e6 + 3.5, plan: null, code: 2, since: null },
  { x: 1e-300, paid: 1e-9, place: 1e6 + 1e-8, plan: 'x'.repeat(300), code: 'none', since: new Date(0) },
  { x: Number.POSITIVE_INFINITY, paid: 1, place: 1e6, plan: 'plus', code: null, since: new Date(8e15) },
]

const kinds = { tabm: tabM, mlp, transformer } as const
const trees = boosted('small trees', { rounds: 5, maxLeaves: 6 })

/** Holds the file of some members against what they predict together, of one row and of many. */
async function expectSame(
  { task, training, watched }: FitContext,
  members: readonly WeighedModel[],
  calibration: readonly Calibration[] = [],
): Promise<void> {
  const schema = training.frame.schema
  const blend = new Blend(members.map(({ model, weight }) => ({ weight, models: [model] })))
  const report = { task: { kind: task.kind, ...namesOf(task) }, calibration, threshold: 0.5 } as never
  const session = await InferenceSession.create(await modelToOnnx({ schema, models: members, report }))
  const { fitted } = await recipe([]).fitTransform(cells)
  const frames = [watched.frame, watched.frame.rowsAt([3]), await fitted.transform(strange)]
  for (const frame of frames) {
    const found = await session.run(feedsOf(session, frame))
    const expected = await blend.predict(frame, calibration)
    const { length } = frame
    const [first = new Float64Array(0)] = expected
    const several =
      task.kind === 'binary'
        ? [first.map((p) => 1 - p), first]
        : task.kind === 'quantiles'
          ? crossed(expected, length)
          : expected
    const output = found.probabilities ?? found.quantiles ?? found.prediction
    const flat = Array.from({ length }, (_, row) => several.map((one) => one[row] as number)).flat()
    expect(flat.every(Number.isFinite)).toBe(true)
    expectClose(output?.data as Float64Array, flat, { scaled: 1e-5 })
  }
  await session.release()
}

const crossed = (predictions: readonly Float64Array[], rows: number): number[][] => {
  const sorted = Array.from({ length: rows }, (_, row) =>
    predictions.map((one) => one[row] as number).sort((a, b) => a - b),
  )
  return predictions.map((_, k) => sorted.map((one) => one[k] as number))
}

const namesOf = (task: TrainedTask) => ({
  ...('classes' in task && { classes: task.classes }),
  ...('levels' in task && { levels: task.levels }),
  ...('labels' in task && { labels: task.labels }),
})

const feedsOf = ({ inputNames }: InferenceSession, frame: Frame) =>
  Object.fromEntries(
    inputNames.map((name) => {
      const { type, values } = frame.column(name)
      const shape = [frame.length, 1]
      return type === 'number' || type === 'date'
        ? [name, new Tensor('float64', values, shape)]
        : [
            name,
            new Tensor(
              'string',
              values.map((cell) => (cell === null ? '' : String(cell))),
              shape,
            ),
          ]
    }),
  )

const cases = (Object.keys(kinds) as (keyof typeof kinds)[])
  .flatMap((name) => (Object.keys(taskTargets) as TrainedTask['kind'][]).map((task) => [name, task] as const))
  .filter(([name, task]) => isWhole || ['tabm quantiles', 'mlp classes'].includes(`${name} ${task}`))

describe('one file of ONNX predicts as networks do, gaps, new categories and extreme numbers too:', () => {
  test.each(cases)('%s of %s', async (name, kind) => {
    const context = await taskContext(kind, cells, signal)
    const model = await network(shortened(kinds[name], 2)).fit(context)
    await expectSame(context, [{ model, weight: 1 }])
  })

  test.runIf(isWhole).each([
    ['numbers', cells.map(({ x, paid }): object => ({ x, paid }))],
    ['categories', cells.map(({ plan, code }): object => ({ plan, code }))],
  ] as const)('of %s alone', async (_, own) => {
    const context = await taskContext('regression', own, signal)
    for (const kind of Object.values(kinds))
      await expectSame(context, [{ model: await network(shortened(kind, 1)).fit(context), weight: 1 }])
  })
})

test('a calibrated blend of a linear model, trees and all networks is one file', async () => {
  const context = await taskContext('binary', cells, signal)
  // Networks that were fitted to all rows are two: of members, and of one each.
  const models = [
    await linear.fit(context),
    await trees.fit(context),
    await network(tabM).refit(context, [[1, 2]]),
    await network(mlp).refit(context, [[1, 2]]),
    await network(shortened(transformer, 1)).fit(context),
  ]
  const weights = [0.1, 0.3, 0.3, 0.2, 0.1]
  const members = models.map(
    (model, i): WeighedModel => ({
      model: model as FittedCandidate,
      weight: weights[i] as number,
    }),
  )
  await expectSame(context, members, [{ kind: 'temperature', temperature: 1.7 }])
})
