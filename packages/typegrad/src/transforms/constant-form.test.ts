import { setTimeout as sleep } from 'node:timers/promises'
import { createWebEngine } from '@typegrad/web'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Engine, Executable } from '../engine/engine.ts'
import {
  callbacks,
  compile,
  createEngine,
  defaultEngine,
  layers,
  sequential,
  setEngine,
  type Tensor,
  tensor,
  Variable,
} from '../index.ts'
import { callsUntilMade, callsUntilUsed } from './constant-form.ts'

/** Watches an engine: which models with constants it has made, has run, and has let go. */
function watched(engine: Engine) {
  const seen = { made: 0, runs: 0, disposed: 0 }
  const load = engine.loadWithConstants?.bind(engine)
  if (load === undefined) throw new Error('this engine takes no constants')
  const spy = vi.spyOn(engine as Required<Engine>, 'loadWithConstants')
  spy.mockImplementation(async (...parts): Promise<Executable> => {
    const executable = await load(...parts)
    seen.made += 1
    return {
      ...bound(executable),
      run: (inputs, outputs) => {
        seen.runs += 1
        return executable.run(inputs, outputs)
      },
      dispose: () => {
        seen.disposed += 1
        executable.dispose()
      },
    }
  })
  return { seen, spy }
}

/** x·w for whole numbers, which float32 adds up exactly in any order: forms can be compared to the bit. */
function product(size = 300) {
  const w = new Variable(fill(1, size), { name: 'w' })
  const predict = compile((x: Tensor) => x.matmul(w.value), { packsWeights: true })
  const add = compile((by: Tensor) => w.assign(w.value.add(by)))
  const x = fill(1, size, 2)
  /** What w is made of, told from the product. */
  const look = async (): Promise<number> => {
    const y = (await (await predict(x)).data()) as Float32Array
    const first = (y[0] ?? Number.NaN) / size
    expect(y.every((value) => value === first * size)).toBe(true)
    return first
  }
  return { w, x, predict, add, look, size }
}
const fill = (value: number, columns: number, rows = columns): Tensor =>
  tensor(new Float32Array(rows * columns).fill(value), { shape: [rows, columns] })

/** An engine whose every run takes a while, beside the event loop. */
async function slowEngine(): Promise<Engine> {
  const engine = await createEngine()
  const load = engine.load.bind(engine)
  engine.load = async (model, kernels) => {
    const { inputs, outputs, ...executable } = bound(await load(model, kernels))
    const run: Executable['run'] = async (...storages) => {
      await sleep(1)
      await executable.run(...storages)
    }
    return { inputs, outputs, run, dispose: executable.dispose }
  }
  return engine
}
const bound = (executable: Executable) => ({
  inputs: executable.inputs,
  outputs: executable.outputs,
  run: executable.run.bind(executable),
  dispose: executable.dispose.bind(executable),
})

const engines: [string, () => Promise<Engine>][] = [
  ['node', () => createEngine()],
  ['node, slow', slowEngine],
  ['web', () => createWebEngine()],
]
let before: Engine
beforeEach(async () => {
  before = await defaultEngine()
})
afterEach(() => {
  setEngine(before)
})

describe.each(engines)('%s', (_, create) => {
  test('serves after 16 calls, never with old values, and goes with them', async () => {
    const engine = await create()
    const { seen } = watched(engine)
    setEngine(engine)
    const { w, add, look, size } = product()
    for (let i = 0; i < callsUntilUsed; i++) expect(await look()).toBe(1)
    expect(seen.runs).toBe(0)
    for (let i = 0; i < 3; i++) expect(await look()).toBe(1)
    expect(seen).toEqual({ made: 1, runs: 3, disposed: 0 })

    await add(fill(1, size))
    expect(seen.disposed).toBe(1)
    expect(await look()).toBe(2)
    for (let i = 0; i < callsUntilUsed; i++) await look()
    expect(await look()).toBe(2)
    expect(seen).toMatchObject({ made: 2, runs: 5 })

    w.assign(fill(7, size))
    expect(seen.disposed).toBe(2)
    expect(await look()).toBe(7)
    // What is assigned may be pending, and stay so until its value is asked for.
    for (let i = 0; i < 20; i++) await look()
    w.assign(w.value.add(1))
    expect(await look()).toBe(8)
    for (let i = 0; i < 20; i++) expect(await look()).toBe(8)
    expect(seen).toMatchObject({ made: 4, disposed: 3 })
  })

  test('what changes while it is made', async () => {
    const engine = await create()
    const { seen } = watched(engine)
    setEngine(engine)
    const { w, add, look, size } = product()
    for (let i = 0; i < callsUntilMade; i++) await look()
    // The model is being made of memory that this step writes into.
    await add(fill(1, size))
    expect(await look()).toBe(2)
    for (let i = 1; i < callsUntilMade; i++) await look()
    w.assign(fill(5, size))
    expect(await look()).toBe(5)
    // How far each model came is a matter of time; none of them may stay, or run.
    await vi.waitFor(() => expect(seen.disposed).toBe(seen.made))
    expect(seen.runs).toBe(0)
    for (let i = 1; i < 20; i++) expect(await look()).toBe(5)
    expect(seen.runs).toBe(4)
  })

  test('calls that are not awaited see what was there when their turn came', async () => {
    setEngine(await create())
    const { add, predict, x, size } = product()
    const one = fill(1, size)
    const seen: Promise<number>[] = []
    const expected: number[] = []
    const first = async (y: Promise<Tensor>) => ((await (await y).data())[0] as number) / size
    let value = 1
    for (const calls of [20, 3, 9, 17, 30, 1, 8, 25]) {
      for (let i = 0; i < calls; i++) {
        seen.push(first(predict(x)))
        expected.push(value)
      }
      void add(one)
      value += 1
    }
    expect(await Promise.all(seen)).toEqual(expected)
  })
})

test('any order of predictions, steps and assignments', async () => {
  const { w, add, look, size } = product(40)
  const one = fill(1, 40)
  let value = 1
  const action = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant('look'), times: fc.integer({ min: 1, max: 24 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('step', 'assign', 'add'), times: fc.constant(1) }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
      for (const { kind, times } of actions) {
        if (kind === 'look') for (let i = 0; i < times; i++) expect(await look()).toBe(value)
        else if (kind === 'assign') {
          value = 3
          w.assign(fill(value, size))
        } else {
          value += 1
          if (kind === 'step') await add(one)
          else w.assign(w.value.add(1))
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('an engine that refuses is asked once, and the other form serves', async () => {
  const engine = await createEngine()
  const { spy } = watched(engine)
  spy.mockRejectedValue(new Error('no'))
  setEngine(engine)
  const { look } = product()
  for (let i = 0; i < 40; i++) expect(await look()).toBe(1)
  expect(spy).toHaveBeenCalledTimes(1)
})

test('functions that did not ask for it have one form', async () => {
  const engine = await createEngine()
  const { seen } = watched(engine)
  setEngine(engine)
  const w = new Variable(fill(1, 4), { name: 'w' })
  const plain = compile((x: Tensor) => x.matmul(w.value))
  for (let i = 0; i < 20; i++) await plain(fill(1, 4))
  expect(seen.made).toBe(0)
  expect(plain.packing()).toEqual([
    { variable: w, state: 'input', bytes: 0, reason: 'compile was not asked to: packsWeights is false' },
  ])
})

test("a model's predictions beside its training, by rounding alone other than those of a model without the form", async () => {
  const engine = await createEngine()
  const { seen } = watched(engine)
  setEngine(engine)
  const make = () =>
    sequential([
      layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 3] }),
      layers.batchNormalization(),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 10, activation: 'softmax' }),
    ])
  const [model, twin] = [make(), make()]
  const x = tensor(
    Float32Array.from({ length: 8 * 432 }, (_, i) => Math.sin(i)),
    { shape: [8, 12, 12, 3] },
  )
  const y = tensor(Int32Array.from({ length: 8 }, (_, i) => i))
  const compare = async () => {
    // A twin's first prediction is the other form's.
    const fresh = make()
    fresh.setWeights(model.getWeights())
    const expected = (await (await fresh.predictOnBatch(x)).data()) as Float32Array
    const found = (await (await model.predictOnBatch(x)).data()) as Float32Array
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 5)
    })
    return Array.from(found)
  }
  model.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' })
  const history: number[][] = []
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < callsUntilUsed + 1; i++) await model.predictOnBatch(x)
    history.push(await compare())
    if (round === 0) await model.fit(x, y, { epochs: 1, verbose: 0 })
    else if (round === 1) model.setWeights(twin.getWeights())
    history.push(await compare())
  }
  expect(seen.made).toBe(3)
  expect(seen.runs).toBeGreaterThan(3)
  expect(history[0]).not.toEqual(history[1])
  expect(history[2]).not.toEqual(history[3])

  // Callbacks predict while the model trains: each time with the weights of that moment.
  const during: Promise<void>[] = []
  const looking = callbacks.lambdaCallback({
    onEpochEnd: async () => {
      for (let i = 0; i < 18; i++) during.push(model.predictOnBatch(x).then(() => {}))
      await compare()
    },
  })
  await model.fit(x, y, { epochs: 3, verbose: 0, callbacks: [looking] })
  await Promise.all(during)
})

test("'at once' packs before the first call, and after a change as late as others", async () => {
  const engine = await createEngine()
  const own = watched(engine)
  const w = new Variable(fill(1, 300), { name: 'w' })
  const predict = compile((x: Tensor) => x.matmul(w.value), { packsWeights: 'at once', engine })
  const x = fill(1, 300, 2)
  const first = async () => ((await (await predict(x)).data()) as Float32Array)[0]
  expect(await first()).toBe(300)
  expect([own.seen.made, own.seen.runs]).toEqual([1, 1])
  expect(predict.packing()[0]?.state).toBe('packed')
  w.assign(fill(2, 300))
  expect(await first()).toBe(600)
  expect(own.seen.runs).toBe(1)
  for (let i = 0; i < callsUntilMade; i++) await predict(x)
  expect(await first()).toBe(600)
  expect(own.seen.made).toBe(2)
  expect(own.seen.runs).toBeGreaterThan(1)
})
