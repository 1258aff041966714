import { createNodeEngine } from '@typegrad/node'
import { createEngine, ops, setEngine } from 'typegrad'
import { registerEngine } from 'typegrad/engine'
import { expectClose, spread, valuesOn } from 'typegrad/testing'
import { afterAll, expect, test } from 'vitest'
import { type CountingEngine, createCountingEngine } from './counting-engine.ts'

// Other tests of this process have the engine that they expect.
afterAll(() =>
  registerEngine({
    name: 'counting',
    devices: [],
    priority: 0,
    create: createCountingEngine,
  }),
)

test('is started as the best one there is, and computes', async () => {
  const engine = (await createEngine()) as CountingEngine
  expect(engine.name).toBe('counting')
  setEngine(engine)
  const x = spread([3, 4])
  expectClose(
    await x.mul(2).data(),
    [...(await x.data())].map((v) => 2 * Number(v)),
  )
  expect(engine.runs).toBe(1)
})

test('gives what another engine gives, graph by graph', async () => {
  const [own, other] = [await createCountingEngine(), await createNodeEngine()]
  const x = spread([2, 6, 6, 3]).cast('float32')
  const y = ops.softmax(ops.maxPool(ops.relu(x), { poolSize: 2 }).reshape([2, 27]))
  const [[actual], [expected]] = [await valuesOn(own, [y.node]), await valuesOn(other, [y.node])]
  expectClose(actual as Float32Array, expected as Float32Array, { scaled: 0 })
  expect(own.runs).toBe(1)
})
