import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine, Executable } from '../engine/engine.ts'
import { createEngine, getEngine, setEngine } from '../engine/select.ts'
import { type Tensor, tensor, Variable } from '../index.ts'
import { compile } from './compile.ts'
import { programBytes } from './program-cache.ts'

/** An engine that counts the programs that are loaded. */
function counting(engine: Engine) {
  const counts = { loaded: 0, disposed: 0 }
  const load: Engine['load'] = async (...args) => {
    const executable = await engine.load(...args)
    counts.loaded += 1
    const counted: Executable = {
      inputs: executable.inputs,
      outputs: executable.outputs,
      run: (inputs, outputs) => executable.run(inputs, outputs),
      dispose: () => {
        counts.disposed += 1
        executable.dispose()
      },
    }
    return counted
  }
  // Whatever is not replaced is the engine's own.
  const wrapped = new Proxy(engine, {
    get: (target, key) => {
      if (key === 'load') return load
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { engine: wrapped, counts }
}

let before: Engine | undefined
beforeAll(() => {
  before = getEngine()
})
afterAll(() => before !== undefined && setEngine(before))

/** Of models of few nodes. */
const small = programBytes(1000)

test('programs go that were used longest ago, and come back with the same numbers', {
  timeout: 120_000,
}, async () => {
  const { engine, counts } = counting(await createEngine({ programBytes: 20 * small }))
  setEngine(engine)
  const weight = new Variable(tensor([2]))
  const double = compile((x: Tensor) => x.mul(weight.value).sum())
  const sizes = Array.from({ length: 60 }, (_, i) => i + 1)
  const sums = async () => {
    const results = []
    for (const size of sizes) results.push(await double(tensor(new Float32Array(size).fill(1))))
    return Promise.all(results.map((result) => result.item()))
  }
  expect(await sums()).toEqual(sizes.map((size) => 2 * size))
  const kept = counts.loaded - counts.disposed
  expect(counts.loaded).toBeGreaterThanOrEqual(60)
  expect(kept).toBeLessThan(30)
  expect(kept).toBeGreaterThanOrEqual(16)
  // Those used last are there still; those used first are compiled again.
  const { loaded } = counts
  await double(tensor(new Float32Array(60).fill(1)))
  expect(counts.loaded).toBe(loaded)
  await double(tensor(new Float32Array(1).fill(1)))
  expect(counts.loaded).toBe(loaded + 1)
  // Calls that are begun together, far more than are kept.
  const together = await Promise.all(sizes.map((size) => double(tensor(new Float32Array(size).fill(3)))))
  expect(await Promise.all(together.map((result) => result.item()))).toEqual(sizes.map((size) => 6 * size))
})

test('a bound below that of a few programs does not make a loop over them compile again', async () => {
  const { engine, counts } = counting(await createEngine({ programBytes: 1 }))
  setEngine(engine)
  const functions = Array.from({ length: 8 }, (_, i) => compile((x: Tensor) => x.add(i)))
  const x = tensor([1, 2])
  for (const fn of functions) await fn(x)
  const { loaded } = counts
  for (let round = 0; round < 3; round++) for (const fn of functions) await fn(x)
  expect(counts).toEqual({ loaded, disposed: 0 })
})
