import { createNodeEngine } from '@typegrad/node'
import { createWebEngine } from '@typegrad/web'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gate } from '../base/gate.ts'
import {
  compile,
  type Engine,
  evaluateAll,
  getEngine,
  ones,
  setEngine,
  type Tensor,
  tensor,
  Variable,
  withEngine,
  zeros,
} from '../index.ts'
import { deviceEngine } from '../testing/device-engine.ts'
import { contextOf, ownerOf } from './engine-context.ts'

let [first, second, web, device] = [] as unknown as [Engine, Engine, Engine, ReturnType<typeof deviceEngine>]
beforeAll(async () => {
  ;[first, second, web] = await Promise.all([createNodeEngine(), createNodeEngine(), createWebEngine()])
  device = deviceEngine(await createNodeEngine())
  setEngine(first)
})
afterAll(() => setEngine(first))

/** An engine whose runs wait until a gate is opened. */
function held(inner: Engine): { engine: Engine; open: () => void } {
  const { opened, open } = gate()
  const engine: Engine = {
    name: 'held',
    device: 'cpu',
    language: inner.language,
    kernelSupport: inner.kernelSupport,
    allocate: inner.allocate.bind(inner),
    upload: inner.upload.bind(inner),
    write: inner.write.bind(inner),
    read: inner.read.bind(inner),
    async load(...model) {
      const executable = await inner.load(...model)
      return {
        inputs: executable.inputs,
        outputs: executable.outputs,
        run: async (...memory) => {
          await opened
          await executable.run(...memory)
        },
        dispose: () => executable.dispose(),
      }
    },
  }
  return { engine, open }
}

/** Counts the models that an engine loads. */
function counting(inner: Engine): { engine: Engine; loads: () => number } {
  let loads = 0
  const load: Engine['load'] = (...model) => {
    loads++
    return inner.load(...model)
  }
  const engine = Object.create(inner, { load: { value: load } }) as Engine
  for (const name of ['allocate', 'upload', 'write', 'read'] as const)
    Object.defineProperty(engine, name, { value: inner[name].bind(inner) })
  return { engine, loads: () => loads }
}

describe('an engine is chosen', () => {
  it('for the extent of a function', async () => {
    const before = getEngine()
    const nested = withEngine(second, () => [getEngine(), withEngine(web, () => getEngine()), getEngine()])
    expect(nested).toEqual([second, web, second])
    expect(getEngine()).toBe(before)
    expect(() =>
      withEngine(second, () => {
        throw new RangeError('own')
      }),
    ).toThrow(RangeError)
    expect(getEngine()).toBe(before)
  })

  it('not for an async function, which goes on after it', () => {
    const call = () => withEngine(second, async () => {})
    expect(call).toThrow(
      /^withEngine: expected a plain function.*received an async function.*await withEngine/s,
    )
  })

  it('for a value that is asked for, and no longer', async () => {
    const x = ones([64, 64])
    const before = device.runs
    const squared = x.matmul(x)
    await withEngine(device, () => squared.evaluate())
    expect(device.runs).toBe(before + 1)
    expect((await squared.data())[5]).toBe(64)
  })

  it("for a compiled function: its own before the call's before the default", async () => {
    const fn = (x: Tensor) => x.matmul(x)
    const x = ones([64, 64])
    const places = async (compiled: (x: Tensor) => Promise<Tensor>) => {
      const results = [await compiled(x), await withEngine(web, () => compiled(x))]
      return results.map((result) => {
        if (result.node.kind !== 'data') throw new Error('pending')
        return ownerOf(result.node.params.source)?.engine
      })
    }
    expect(await places(compile(fn))).toEqual([first, web])
    expect(await places(compile(fn, { engine: second }))).toEqual([second, second])
    let engine: Engine | undefined
    const asked = compile(fn, { engine: () => engine })
    expect(await places(asked)).toEqual([first, web])
    engine = second
    expect(await places(asked)).toEqual([second, second])
  })

  it('by what a computation is made of where that is on a device', async () => {
    const x = await withEngine(device, () => ones([3]).add(1).evaluate())
    const before = device.runs
    // One output on the device, one in main memory: each is computed where it is.
    const [a, b] = [x.mul(3), tensor([1, 2, 3]).add(1)]
    await evaluateAll([a, b])
    expect(device.runs).toBe(before + 1)
    expect(await a.toArray()).toEqual([6, 6, 6])
    expect(await b.toArray()).toEqual([2, 3, 4])
  })
})

it('an engine keeps its programs and its memory while others are used', async () => {
  const [a, b] = [counting(first), counting(second)]
  expect(contextOf(a.engine)).toBe(contextOf(a.engine))
  const count = new Variable(zeros([]))
  const step = compile(() => count.assign(count.value.add(1)))
  for (let i = 0; i < 6; i++) {
    setEngine(i % 2 === 0 ? a.engine : b.engine)
    await step()
  }
  setEngine(first)
  expect(await count.value.item()).toBe(6)
  expect([a.loads(), b.loads()]).toEqual([1, 1])
})

describe('calls', () => {
  it('on one engine do not wait for those on another', async () => {
    const { engine, open } = held(second)
    const double = (x: Tensor) => x.mul(2)
    const [blocked, free] = [compile(double, { engine }), compile(double)]
    let ended = false
    const waiting = blocked(tensor([1])).then((result) => {
      ended = true
      return result.toArray()
    })
    const eager = withEngine(engine, () => tensor([1, 2]).add(1).toArray())
    expect(await (await free(tensor([3]))).toArray()).toEqual([6])
    expect(await tensor([1]).add(1).toArray()).toEqual([2])
    expect(ended).toBe(false)
    open()
    expect(await waiting).toEqual([2])
    expect(await eager).toEqual([2, 3])
  })

  it('on each of two engines keep their order, however long each compiles', async () => {
    const order: string[] = []
    const calls: Promise<unknown>[] = []
    for (const engine of [first, second]) {
      const log = new Variable(zeros([]))
      const deep = compile(
        () => {
          let value: Tensor = log.value
          for (let i = 0; i < 40; i++) value = value.mul(1).add(0.01).sin().add(value)
          log.assign(value.mul(0).add(1))
          return log.value
        },
        { engine },
      )
      const shallow = compile(
        () => {
          log.assign(log.value.mul(10).add(2))
          return log.value
        },
        { engine },
      )
      calls.push(deep(), shallow(), deep(), shallow())
      calls.push(
        (async () => {
          await calls.at(-1)
          order.push(String(await log.value.item()))
        })(),
      )
    }
    await Promise.all(calls)
    expect(order).toEqual(['12', '12'])
  })
})

describe('a variable', () => {
  const engines = () => [first, second, web, device]

  // Element by element (in place) or by a product (two memories in turn); small values are copied with a run, large ones are not.
  it.each([1, 2000])('of %i elements has its newest value on every engine', async (size) => {
    const updates = {
      add: (a: Variable, b: Variable) => a.assign(a.value.add(b.value)),
      swap: (a: Variable, b: Variable) => {
        const [x, y] = [a.value, b.value]
        a.assign(y)
        b.assign(x.add(1))
      },
      shift: (a: Variable, _b: Variable) => a.assign(a.value.flip(0).mul(0.5)),
    }
    type Name = keyof typeof updates
    const truths: Record<Name, (a: number, b: number) => [number, number]> = {
      add: (a, b) => [a + b, b],
      swap: (a, b) => [b, a + 1],
      shift: (a, b) => [a * 0.5, b],
    }
    const names = Object.keys(updates) as Name[]
    const start = (value: number) => new Variable(ones([size]).mul(value), { name: `v${value}` })
    const [a, b] = [start(1), start(2)]
    const compiled = engines().map((engine) => ({
      add: compile(() => updates.add(a, b), { engine }),
      swap: compile(() => updates.swap(a, b), { engine }),
      shift: compile(() => updates.shift(a, b), { engine }),
    }))
    const program = fc.array(
      fc.record({
        engine: fc.nat(3),
        name: fc.constantFrom(...names),
        looks: fc.boolean(),
        assigns: fc.option(fc.integer({ min: -3, max: 3 }), { freq: 6 }),
      }),
      { minLength: 3, maxLength: 9 },
    )
    await fc.assert(
      fc.asyncProperty(program, async (steps) => {
        let truth: [number, number] = [1, 2]
        a.assign(ones([size]))
        b.assign(ones([size]).mul(2))
        for (const { engine, name, looks, assigns } of steps) {
          if (assigns !== null) {
            a.assign(b.value.mul(assigns))
            truth = [truth[1] * assigns, truth[1]]
          }
          await compiled[engine]?.[name]()
          truth = truths[name](...truth)
          if (looks) {
            for (const [variable, expected] of [
              [a, truth[0]],
              [b, truth[1]],
            ] as const) {
              const values = await variable.value.data()
              expect([values[0], values.at(-1)]).toEqual([expected, expected])
            }
          }
        }
        const [x, y] = [await a.value.data(), await b.value.data()]
        expect(new Set(x as Float32Array)).toEqual(new Set([truth[0]]))
        expect(new Set(y as Float32Array)).toEqual(new Set([truth[1]]))
      }),
      { numRuns: 25, seed: 5 },
    )
  })

  it('is read whole while another engine goes on changing it', async () => {
    const size = 5000
    const [a, b] = [new Variable(zeros([size])), new Variable(zeros([size]))]
    const step = compile(() => {
      a.assign(a.value.add(1))
      b.assign(b.value.add(1))
    })
    const difference = compile(
      () => [a.value.sub(b.value).abs().max(), a.value.max().sub(a.value.min()), a.value.max()],
      { engine: second },
    )
    await step()
    const steps: Promise<void>[] = []
    const seen: number[] = []
    for (let i = 0; i < 60; i++) {
      steps.push(step())
      const [apart, torn, value] = await difference()
      expect(await apart?.item()).toBe(0)
      expect(await torn?.item()).toBe(0)
      seen.push((await value?.item()) as number)
    }
    await Promise.all(steps)
    expect(seen).toEqual([...seen].sort((x, y) => x - y))
    expect(await a.value.max().item()).toBe(61)
  })

  it('is a constant of a packed function only as long as the other engine leaves it', async () => {
    const w = new Variable(ones([8, 8]))
    const step = compile(() => w.assign(w.value.add(1)), { engine: second })
    const apply = compile((x: Tensor) => x.matmul(w.value), { packsWeights: true })
    const x = ones([1, 8])
    const look = async () => (await (await apply(x)).data())[0]
    for (let i = 0; i < 20; i++) expect(await look()).toBe(8)
    await step()
    for (let i = 0; i < 20; i++) expect(await look()).toBe(16)
    await step()
    expect(await look()).toBe(24)
  })
})

describe('a tensor', () => {
  it('of any engine is an argument, a captured value and readable on every other', async () => {
    for (const source of [second, web, device]) {
      const t = await withEngine(source, () =>
        ones([40, 40])
          .matmul(ones([40, 40]))
          .evaluate(),
      )
      for (const target of [first, second, web, device]) {
        const compiled = compile((x: Tensor) => x.add(t).sum(), { engine: target })
        expect(await (await compiled(t)).item()).toBe(2 * 40 * 40 * 40)
        expect(await withEngine(target, () => t.mul(2).max().item())).toBe(80)
      }
      expect((await t.data())[0]).toBe(40)
    }
  })

  it('keeps its value when the variable that it was read from changes on another engine', async () => {
    const v = new Variable(ones([3000]))
    const step = compile(() => v.assign(v.value.add(1)))
    const elsewhere = compile(() => v.assign(v.value.mul(10)), { engine: second })
    await step()
    const two = v.value
    await elsewhere()
    const twenty = v.value
    await elsewhere()
    await step()
    const all = await Promise.all([two, twenty, v.value].map(async (t) => (await t.data())[2999]))
    expect(all).toEqual([2, 20, 201])
  })
})
