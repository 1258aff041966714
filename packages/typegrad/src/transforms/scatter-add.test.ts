import { createWebEngine } from '@typegrad/web'
import { afterAll, describe, expect, test } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import { createEngine, setEngine } from '../engine/select.ts'
import { grad, ones, ops, type Tensor, tensor, zeros } from '../index.ts'

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  'node engine': () => createEngine(),
  'node engine without kernels': () => createEngine({ kernels: false }),
  'web engine': () => createWebEngine(),
}

afterAll(async () => setEngine(await createEngine()))

// Threads that add to one place at once lose what others add: few rows and many indices show it.
describe.each(Object.keys(engines))('the gradient of gather on the %s', (name) => {
  test.each([
    { rows: 2, count: 4096, columns: 64 },
    { rows: 65, count: 1024, columns: 384 },
    { rows: 1, count: 3000, columns: 7 },
  ])('counts every one of $count indices into $rows rows', async ({ rows, count, columns }) => {
    setEngine(await (engines[name] as () => Promise<Engine>)())
    const ids = tensor(Int32Array.from({ length: count }, (_, i) => i % rows))
    const table = zeros([rows, columns])
    for (let i = 0; i < 3; i++) {
      const counted = await grad((t: Tensor) =>
        ops
          .gather(t, ids, 0)
          .mul(ones([columns]))
          .sum(),
      )(table).data()
      const expected = Array.from({ length: rows * columns }, (_, at) => {
        const row = Math.floor(at / columns)
        return Math.floor(count / rows) + (row < count % rows ? 1 : 0)
      })
      expect(Array.from(counted as Float32Array)).toEqual(expected)
    }
  })
})
