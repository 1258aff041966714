import { createWebEngine } from '@typegrad/web'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import {
  compile,
  createEngine,
  defaultEngine,
  ops,
  setEngine,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from '../index.ts'
import { callsUntilUsed } from './constant-form.ts'
import { currentContext } from './engine-context.ts'

let before: Engine
beforeEach(async () => {
  before = await defaultEngine()
})
afterEach(() => {
  setEngine(before)
})

const filled = (value: number, ...shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value), { shape })
const count = (rows: number, columns: number): Tensor =>
  tensor(
    Float32Array.from({ length: rows * columns }, (_, i) => (i % 7) - 3),
    { shape: [rows, columns] },
  )
const first = async (t: Tensor): Promise<number> => (await t.data())[0] as number
const stateOf = (fn: { packing(): readonly { variable: Variable; state: string }[] }, variable: Variable) =>
  fn.packing().find((row) => row.variable === variable)

/**
 * A step as generation has it: x (1, d) is projected to a key, which is written into a cache (length, d) at a traced
 * position, and compared with all of the cache. All numbers are whole and small, so that sums are exact in any order.
 */
function cacheStep(d: number, packsWeights: boolean) {
  const w = new Variable(count(d, d), { name: 'w' })
  const cache = new Variable(zeros([32, d]), { name: 'cache' })
  const step = compile(
    (x: Tensor, position: Tensor) => {
      const key = x.matmul(w.value)
      cache.assign(ops.dynamicUpdateSlice(cache.value, key, [position, 0]))
      return cache.value.matmul(key.transpose())
    },
    { packsWeights },
  )
  return { w, cache, step }
}

const engines: [string, () => Promise<Engine>][] = [
  ['node', () => createEngine()],
  ['node without kernels', () => createEngine({ kernels: false })],
  ['web', () => createWebEngine()],
]

describe.each(engines)('%s', (_, create) => {
  test('a step that updates a cache has packed weights, and the same results', async () => {
    setEngine(await create())
    const d = 64
    const [packed, plain] = [cacheStep(d, true), cacheStep(d, false)]
    for (let i = 0; i < 40; i++) {
      // A change in the midst: of the weight, and of the cache.
      if (i === 28) for (const { w } of [packed, plain]) w.assign(w.value.mul(-1).add(1))
      if (i === 22) for (const { cache } of [packed, plain]) cache.assign(cache.value.add(2))
      const x = count(1, d).add(i % 3)
      const position = tensor(i % 32, { dtype: 'int32' })
      const [y, expected] = [await packed.step(x, position), await plain.step(x, position)]
      expect(await y.data()).toEqual(await expected.data())
      expect(await packed.cache.value.data()).toEqual(await plain.cache.value.data())
      if (i === 27)
        expect(stateOf(packed.step, packed.w)).toMatchObject({ state: 'packed', reason: undefined })
      if (i === 28) expect(stateOf(packed.step, packed.w)).toMatchObject({ state: 'input', bytes: 0 })
    }
    expect(stateOf(packed.step, packed.cache)).toMatchObject({
      state: 'input',
      bytes: 0,
      reason: 'the function assigns it',
    })
  })

  test('any order of steps, changes and calls that are not awaited', async () => {
    setEngine(await create())
    const actions = fc.array(
      fc.oneof(
        {
          weight: 8,
          arbitrary: fc.record({ kind: fc.constant('step'), times: fc.integer({ min: 1, max: 20 }) }),
        },
        {
          weight: 3,
          arbitrary: fc.record({
            kind: fc.constantFrom('assign', 'add', 'train', 'bias', 'reset'),
            times: fc.constant(1),
          }),
        },
      ),
      { maxLength: 14 },
    )
    // y = x·w + bias, total += y, all elements alike: four numbers say everything.
    const d = 24
    const w = new Variable(filled(1, d, d), { name: 'w' })
    const bias = new Variable(filled(0, d), { name: 'bias' })
    const total = new Variable(filled(0, 1, d), { name: 'total' })
    const step = compile(
      (x: Tensor) => {
        const y = x.matmul(w.value).add(bias.value)
        total.assign(total.value.add(y))
        return y
      },
      { packsWeights: true },
    )
    const train = compile((by: Tensor) => w.assign(w.value.add(by)))
    const one = filled(1, 1, d)
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const now = { w: 1, bias: 0, total: 0 }
        w.assign(filled(1, d, d))
        bias.assign(filled(0, d))
        total.assign(filled(0, 1, d))
        const seen: Promise<number>[] = []
        const training: Promise<void>[] = []
        const expected: number[] = []
        for (const { kind, times } of list) {
          if (kind === 'step') {
            for (let i = 0; i < times; i++) {
              seen.push(step(one).then(first))
              now.total += d * now.w + now.bias
              expected.push(d * now.w + now.bias)
            }
          } else if (kind === 'train') {
            training.push(train(filled(1, d, d)))
            now.w += 1
          } else {
            // What is assigned outside of a step takes effect at once: for calls that have begun it is too late.
            await Promise.all([...seen, ...training])
            if (kind === 'add') {
              w.assign(w.value.add(1))
              now.w += 1
            } else {
              Object.assign(now, { assign: { w: 3 }, bias: { bias: 2 }, reset: { total: 0 } }[kind])
              if (kind === 'assign') w.assign(filled(now.w, d, d))
              else if (kind === 'bias') bias.assign(filled(now.bias, d))
              else total.assign(filled(now.total, 1, d))
            }
          }
        }
        expect(await Promise.all(seen)).toEqual(expected)
        await Promise.all(training)
        expect(await first(total.value)).toBe(now.total)
      }),
      { numRuns: 25 },
    )
  })
})

/** Of products of few rows, which the runtime packs, and of many, whose panels are kernels' where there are any. */
test.each([
  [2, 3],
  [160, 200],
])('batches of %i and of %i samples share the packed weights', async (small, large) => {
  setEngine(await createEngine())
  const on = await currentContext()
  const d = 256
  const [w, v] = [new Variable(count(d, d), { name: 'w' }), new Variable(count(d, d), { name: 'v' })]
  const project = compile((x: Tensor) => x.matmul(w.value).matmul(v.value), { packsWeights: true })
  const sumOf = async (rows: number, sign = 1) => first(await (await project(count(rows, d))).mul(sign).sum())
  const sums: number[] = []
  for (const rows of [small, large]) {
    const sum = await sumOf(rows)
    for (let i = 0; i <= callsUntilUsed; i++) expect(await sumOf(rows)).toBe(sum)
    sums.push(sum)
    expect(on.packed.bytes).toBe(2 * 4 * d * d)
  }
  expect(project.packing().map(({ state, bytes }) => ({ state, bytes }))).toEqual([
    { state: 'packed', bytes: 4 * d * d },
    { state: 'packed', bytes: 4 * d * d },
  ])
  // Neither has an old value, and what has not changed is packed again before what has.
  w.assign(w.value.neg())
  expect(on.packed.bytes).toBe(0)
  for (const [i, rows] of [small, large].entries()) expect(await sumOf(rows, -1)).toBe(sums[i])
  for (let i = 0; i < 9; i++) for (const rows of [small, large]) await sumOf(rows)
  expect(project.packing().map(({ state }) => state)).toEqual(['input', 'packed'])
  expect(on.packed.bytes).toBe(4 * d * d)
})

describe('the budget', () => {
  const d = 64
  const one = 4 * d * d

  test('is shared by all functions, and those go that have served longest ago', async () => {
    setEngine(await createEngine({ packedBytes: 2.5 * one }))
    const on = await currentContext()
    const functions = [1, 2, 3].map((scale) => {
      const w = new Variable(count(d, d).mul(scale), { name: `w${scale}` })
      return { w, project: compile((x: Tensor) => x.matmul(w.value), { packsWeights: true }) }
    })
    const x = count(2, d)
    const states = () => functions.map(({ w, project }) => stateOf(project, w)?.state)
    const sums: number[][] = []
    for (const { project } of functions) {
      const seen: number[] = []
      for (let i = 0; i <= callsUntilUsed; i++) seen.push(await first(await project(x)))
      sums.push([...new Set(seen)])
    }
    expect(sums).toEqual([sums[0], [2 * (sums[0]?.[0] ?? 0)], [3 * (sums[0]?.[0] ?? 0)]])
    expect(states()).toEqual(['input', 'packed', 'packed'])
    expect(on.packed.bytes).toBe(2 * one)
    const [oldest] = functions as [(typeof functions)[0]]
    expect(oldest.project.packing()[0]?.reason).toBe(
      `over the budget of ${2.5 * one} bytes, which others use`,
    )
    // It comes back when it goes on being called, in the place of the one that was used longest ago.
    for (let i = 0; i < 40; i++) expect(await first(await oldest.project(x))).toBe(sums[0]?.[0])
    expect(states()).toEqual(['packed', 'input', 'packed'])
    expect(on.packed.bytes).toBe(2 * one)
  })

  test('leaves out what would not fit, and packs the rest', async () => {
    setEngine(await createEngine({ packedBytes: 1.5 * one }))
    const on = await currentContext()
    const [w, wide] = [
      new Variable(count(d, d), { name: 'w' }),
      new Variable(count(d, 4 * d), { name: 'wide' }),
    ]
    const project = compile((x: Tensor) => x.matmul(w.value).matmul(wide.value), { packsWeights: true })
    const x = count(2, d)
    const expected = await (await project(x)).data()
    for (let i = 0; i <= callsUntilUsed; i++) expect(await (await project(x)).data()).toEqual(expected)
    expect(project.packing()).toEqual([
      { variable: w, state: 'packed', bytes: one, reason: undefined },
      { variable: wide, state: 'input', bytes: 0, reason: `over the budget of ${1.5 * one} bytes` },
    ])
    expect(on.packed.bytes).toBe(one)
  })

  test('of 0 packs nothing', async () => {
    setEngine(await createEngine({ packedBytes: 0 }))
    const w = new Variable(count(d, d), { name: 'w' })
    const project = compile((x: Tensor) => x.matmul(w.value), { packsWeights: true })
    for (let i = 0; i < 20; i++) await project(count(2, d))
    expect(project.packing()).toEqual([
      { variable: w, state: 'input', bytes: 0, reason: 'over the budget of 0 bytes' },
    ])
  })
})

describe('what is not packed', () => {
  const d = 32
  const x = count(2, d)

  test('and why: no product reads it, its dtype, no calls yet', async () => {
    setEngine(await createEngine())
    const w = new Variable(count(d, d), { name: 'w' })
    const bias = new Variable(filled(1, d), { name: 'bias' })
    const double = new Variable(count(d, d).cast('float64'), { name: 'double' })
    const project = compile(
      (t: Tensor) => t.matmul(w.value).add(bias.value).cast('float64').matmul(double.value),
      { packsWeights: true },
    )
    expect(project.packing()).toEqual([])
    const expected = await (await project(x)).data()
    const reasons = () =>
      project.packing().map(({ variable, state, reason }) => [variable.name, state, reason])
    const waiting = 'unchanged for 1 calls, it takes 16 without a change'
    expect(reasons()).toEqual(['w', 'bias', 'double'].map((name) => [name, 'input', waiting]))
    for (let i = 0; i < callsUntilUsed; i++) expect(await (await project(x)).data()).toEqual(expected)
    expect(reasons()).toEqual([
      ['w', 'packed', undefined],
      ['bias', 'constant', 'no product reads it'],
      ['double', 'constant', 'products of float64 are not packed'],
    ])
  })

  test('a variable that keeps changing does not keep the others from it', async () => {
    setEngine(await createEngine())
    const w = new Variable(count(d, d), { name: 'w' })
    const adapter = new Variable(count(d, d), { name: 'adapter' })
    const project = compile((t: Tensor) => t.matmul(w.value).add(t.matmul(adapter.value)), {
      packsWeights: true,
    })
    const packed: string[] = []
    let isLate = false
    for (let i = 1; i <= 200; i++) {
      const y = await (await project(x)).data()
      const expected = await x.matmul(w.value).add(x.matmul(adapter.value)).data()
      expect(y).toEqual(expected)
      // Each time a form with the adapter serves it is changed, sooner than one would be worth while.
      if (i % 20 === 0) adapter.assign(adapter.value.add(1))
      packed.push(stateOf(project, w)?.state === 'packed' ? 'w' : '-')
      isLate ||= /^changes too often/.test(project.packing()[1]?.reason ?? '')
    }
    expect(isLate).toBe(true)
    expect(packed.slice(100).filter((state) => state === 'w').length).toBeGreaterThan(90)
  })

  test('on an engine that cannot', async () => {
    const engine = await createEngine()
    const { loadWithConstants: _, ...others } = { ...bound(engine) }
    setEngine(others)
    const w = new Variable(count(d, d), { name: 'w' })
    const project = compile((t: Tensor) => t.matmul(w.value), { packsWeights: true })
    await project(x)
    expect(project.packing()[0]?.reason).toBe("the engine 'node' packs nothing on cpu")
  })
})

const bound = (engine: Engine): Engine => ({
  name: engine.name,
  device: engine.device,
  language: engine.language,
  kernelSupport: engine.kernelSupport,
  allocate: engine.allocate.bind(engine),
  upload: engine.upload.bind(engine),
  write: engine.write.bind(engine),
  read: engine.read.bind(engine),
  load: engine.load.bind(engine),
})
