import { readFileSync } from 'node:fs'
import { type Executable, encodeModel } from 'typegrad/engine'
import { expect, test } from 'vitest'
import { createNodeEngine } from '../engine.ts'
import { returnFreedMemory } from './trim.ts'

/** Bytes of this process in memory; on other systems there is no such file. */
const residentBytes = (): number =>
  1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])

/** Memory that sessions of x (rows, n) · w (n, n) take beside w, one for each number of rows. */
async function taken(sharing: object | undefined): Promise<number> {
  const n = 2048
  const engine = await createNodeEngine({ kernels: false })
  const w = engine.upload(new Float32Array(n * n).fill(1), 'float32', [n, n])
  const sessions: Executable[] = []
  const before = residentBytes()
  for (let rows = 1; rows <= 12; rows++) {
    const model = encodeModel({
      opset: 21,
      graph: {
        name: 'product',
        nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
        inputs: [{ name: 'x', dtype: 'float32', shape: [rows, n] }],
        outputs: [{ name: 'y', dtype: 'float32', shape: [rows, n] }],
        initializers: [],
      },
    })
    const session = await engine.loadWithConstants?.(model, new Map([['w', w]]), { sharing })
    if (session === undefined) throw new Error('this engine takes no constants')
    const x = engine.upload(new Float32Array(rows * n).fill(2), 'float32', [rows, n])
    const y = engine.allocate('float32', [rows, n])
    await session.run([x], [y])
    expect((y.host as Float32Array).every((value) => value === 2 * n)).toBe(true)
    sessions.push(session)
  }
  returnFreedMemory()
  await new Promise((resolve) => setTimeout(resolve, 200))
  const bytes = residentBytes() - before
  for (const session of sessions) session.dispose()
  return bytes
}

test.skipIf(process.platform !== 'linux')('sessions that share hold what is packed once', async () => {
  const packed = 4 * 2048 ** 2
  // While a session is loaded it has a copy of its own.
  expect(await taken({})).toBeLessThan(5 * packed)
  expect(await taken(undefined)).toBeGreaterThan(9 * packed)
})
