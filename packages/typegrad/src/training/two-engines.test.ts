import { createNodeEngine } from '@typegrad/node'
import { createWebEngine } from '@typegrad/web'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  callbacks,
  cloneModel,
  type Engine,
  type GradientExchange,
  layers,
  type Model,
  optimizers,
  regularizers,
  sequential,
  setEngine,
  setRandomSeed,
  tensor,
} from '../index.ts'
import { deviceEngine } from '../testing/device-engine.ts'
import { linearData } from '../testing/linear-reference.ts'

type Name = 'first' | 'second' | 'web'
let engines: Record<Name, Engine> & { readonly device: ReturnType<typeof deviceEngine> }
beforeAll(async () => {
  engines = {
    first: await createNodeEngine(),
    second: await createNodeEngine(),
    web: await createWebEngine(),
    device: deviceEngine(await createNodeEngine()),
  }
  setEngine(engines.first)
})

/** Exchanges for so many workers of this process: each call waits for those of the others, and has the average. */
function averaging(workers: number): GradientExchange[] {
  let given: (readonly Float32Array[])[] = []
  let waiting: ((average: readonly Float32Array[]) => void)[] = []
  return Array.from(
    { length: workers },
    (): GradientExchange => (grads) => {
      given.push(grads)
      const averaged = new Promise<readonly Float32Array[]>((resolve) => waiting.push(resolve))
      if (given.length === workers) {
        const average = grads.map((g, i) =>
          g.map((_, k) => given.reduce((sum, one) => sum + (one[i]?.[k] ?? 0), 0) / workers),
        )
        for (const resolve of waiting) resolve(average)
        given = []
        waiting = []
      }
      return averaged
    },
  )
}

const networks: Readonly<Record<string, () => Model>> = {
  dense: () =>
    sequential([
      layers.dense({ units: 16, activation: 'tanh', inputShape: [16] }),
      layers.dense({ units: 1, kernelRegularizer: regularizers.l2({ l2: 0.01 }) }),
    ]),
  convolutional: () =>
    sequential([
      layers.reshape({ targetShape: [4, 4, 1], inputShape: [16] }),
      layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same', activation: 'tanh' }),
      layers.averagePooling2d(),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ]),
}

const rows = async (model: Model): Promise<number[][]> =>
  Promise.all(model.weights.map(async (weight) => [...((await weight.value.data()) as Float32Array)]))

function expectClose(a: readonly number[][], b: readonly number[][], tolerance: number): void {
  a.forEach((row, i) => {
    row.forEach((value, k) => {
      expect(Math.abs(value - (b[i]?.[k] as number))).toBeLessThan(tolerance)
    })
  })
}

const { x, y } = linearData(64, 16)
const labels = y.map((value) => [value])
/** The rows of every batch of 16 that one of two workers has. */
const half = <T>(all: readonly T[], worker: number): T[] =>
  all.filter((_, i) => Math.floor(i / 8) % 2 === worker)

describe('two clones on two engines, each on half of every batch with averaged gradients', () => {
  const learners: Readonly<Record<string, () => optimizers.Optimizer>> = {
    // Clipping is no linear function: it has to come after the average.
    'Adam, clipped': () => optimizers.adam({ learningRate: 0.01, globalClipnorm: 0.05 }),
    'SGD, accumulating': () =>
      optimizers.sgd({ learningRate: 0.05, momentum: 0.9, gradientAccumulationSteps: 2 }),
    'Adam, its loss scaled': () => optimizers.lossScaleOptimizer({ innerOptimizer: 'adam' }),
  }
  const pairs: readonly (keyof typeof engines)[][] = [
    ['first', 'second'],
    ['second', 'web'],
    ['device', 'first'],
  ]

  describe.each(Object.entries(networks))('%s', (_, network) => {
    it.each(Object.entries(learners))(
      'learn in every step what one learns on whole batches: %s',
      async (_, optimizer) => {
        for (const pair of pairs) {
          setRandomSeed(3)
          const whole = network()
          const workers = pair.map((name) => {
            const clone = cloneModel(whole)
            clone.setWeights(whole.getWeights())
            return clone.to(engines[name])
          })
          whole.compile({ optimizer: optimizer(), loss: 'meanSquaredError' })
          averaging(2).forEach((exchange, i) => {
            workers[i]?.compile({ optimizer: optimizer(), loss: 'meanSquaredError', exchange })
          })
          for (let start = 0; start < 64; start += 16) {
            const [xs, ys] = [x.slice(start, start + 16), labels.slice(start, start + 16)]
            await Promise.all([
              whole.trainOnBatch(xs, ys),
              ...workers.map((worker, i) => worker.trainOnBatch(half(xs, i), half(ys, i))),
            ])
            const [expected, ...all] = await Promise.all([whole, ...workers].map(rows))
            for (const one of all) expectClose(one, expected as number[][], 2e-6)
          }
          // Both made the same updates, on the same kind of engine with the same bits.
          if (pair[0] !== 'device' && !pair.includes('web'))
            expect(await rows(workers[0] as Model)).toEqual(await rows(workers[1] as Model))
        }
      },
      120_000,
    )
  })

  it('learn with fit as well', async () => {
    setRandomSeed(3)
    const whole = (networks.dense as () => Model)()
    const workers = (['first', 'second'] as const).map((name) => {
      const clone = cloneModel(whole)
      clone.setWeights(whole.getWeights())
      return clone.to(engines[name])
    })
    const adam = () => optimizers.adam({ learningRate: 0.01 })
    whole.compile({ optimizer: adam(), loss: 'meanSquaredError' })
    averaging(2).forEach((exchange, i) => {
      workers[i]?.compile({ optimizer: adam(), loss: 'meanSquaredError', exchange })
    })
    const options = { epochs: 4, shuffle: false, verbose: 0 as const }
    const [one, ...histories] = await Promise.all([
      whole.fit(x, labels, { ...options, batchSize: 16 }),
      ...workers.map((worker, i) => worker.fit(half(x, i), half(labels, i), { ...options, batchSize: 8 })),
    ])
    const [expected, ...all] = await Promise.all([whole, ...workers].map(rows))
    for (const one of all) expectClose(one, expected as number[][], 5e-6)
    const losses = histories.map(({ history }) => history.loss?.at(-1) as number)
    expect((losses[0] as number) / 2 + (losses[1] as number) / 2).toBeCloseTo(
      one.history.loss?.at(-1) as number,
      5,
    )
  })
})

describe('a model with an engine', () => {
  it('is trained, judged and predicts there, beside another, as it does alone', async () => {
    const make = () => {
      setRandomSeed(9)
      const model = (networks.convolutional as () => Model)()
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError', metrics: ['meanAbsoluteError'] })
      return model
    }
    const options = { epochs: 2, batchSize: 16, validationSplit: 0.25, verbose: 0 as const }
    const look = async (model: Model) => {
      const { history } = await model.fit(x, labels, options)
      const judged = await model.evaluate(x, labels, { verbose: 0 })
      return [history, judged, [...(await (await model.predict(x)).data())], await rows(model)]
    }
    const alone = await look(make())
    const { device } = engines
    const before = device.runs
    const [here, beside, there] = await Promise.all([
      look(make()),
      look(make().to(engines.second)),
      look(make().to(device)),
    ])
    expect(here).toEqual(alone)
    expect(beside).toEqual(alone)
    expect(there).toEqual(alone)
    expect(device.runs - before).toBeGreaterThan(8)
  })

  it('may move from one to another while it learns', async () => {
    const make = () => {
      setRandomSeed(9)
      const model = (networks.dense as () => Model)()
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
      return model
    }
    const [stays, moves] = [make(), make()]
    expect(moves.engine).toBeUndefined()
    for (const engine of [undefined, engines.device, engines.second, engines.device, undefined]) {
      expect(moves.to(engine)).toBe(moves)
      expect(moves.engine).toBe(engine)
      for (const model of [stays, moves]) await model.trainOnBatch(x, labels)
    }
    expect(await rows(moves)).toEqual(await rows(stays))
    const one = await moves.to(engines.second).predictOnBatch(x.slice(0, 3))
    expect(await one.toArray()).toEqual(await (await stays.predictOnBatch(x.slice(0, 3))).toArray())
    expect(
      await one
        .sub(tensor([[1]]))
        .mean()
        .item(),
    ).toBeTypeOf('number')
  })

  it('may move while fit goes on', async () => {
    const make = () => {
      setRandomSeed(9)
      const model = (networks.dense as () => Model)()
      model.compile({ optimizer: 'adam', loss: 'meanSquaredError' })
      return model
    }
    const [stays, moves] = [make(), make()]
    const targets = [engines.device, engines.second, undefined]
    const mover = callbacks.lambdaCallback({
      onTrainBatchEnd: (batch) => {
        moves.to(targets[batch % 3])
      },
    })
    const options = { epochs: 2, batchSize: 16, verbose: 0 as const }
    const a = await stays.fit(x, labels, options)
    const b = await moves.fit(x, labels, { ...options, callbacks: [mover] })
    expect(b.history).toEqual(a.history)
    expect(await rows(moves)).toEqual(await rows(stays))
  })
})
