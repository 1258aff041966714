/**
 * Prints the megabytes that 12 sessions of products with one matrix of 16 MB take beside it: those that share what is
 * packed, and those that do not. It has a process of its own, since tests share theirs.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Engine, type Executable, encodeModel, type Storage } from 'typegrad/engine'
import { createNodeEngine } from '../engine.ts'

const n = 2048

/** The least of some measurements: memory goes back to the system beside the event loop. */
async function residentMegabytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    await wait(100)
    least = Math.min(least, process.memoryUsage.rss() / 2 ** 20)
  }
  return least
}

/** x (rows, n) · w (n, n), run once. */
async function session(engine: Engine, w: Storage, rows: number, sharing: object | undefined) {
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
  const executable = await engine.loadWithConstants?.(model, new Map([['w', w]]), { sharing })
  if (executable === undefined) throw new Error('this engine takes no constants')
  const y = engine.allocate('float32', [rows, n])
  await executable.run([engine.upload(new Float32Array(rows * n).fill(2), 'float32', [rows, n])], [y])
  if (!(y.host as Float32Array).every((value) => value === 2 * n)) throw new Error('a wrong product')
  return executable
}

async function taken(engine: Engine, w: Storage, sharing: object | undefined): Promise<number> {
  const sessions: Executable[] = []
  const before = await residentMegabytes()
  for (let rows = 1; rows <= 12; rows++) sessions.push(await session(engine, w, rows, sharing))
  const megabytes = (await residentMegabytes()) - before
  for (const executable of sessions) executable.dispose()
  return megabytes
}

const engine = await createNodeEngine({ kernels: false })
const w = engine.upload(new Float32Array(n * n).fill(1), 'float32', [n, n])
const shared = await taken(engine, w, {})
console.log(JSON.stringify({ shared, apart: await taken(engine, w, undefined) }))
