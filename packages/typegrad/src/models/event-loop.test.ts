import { existsSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Data, layers, loadModel, type Sequential, sequential } from '../index.ts'

/**
 * Milliseconds of the processor's time that one turn of the event loop may take. On a quiet machine that is how long
 * the loop is held up, and the library's own aim is 20; here other tests take the processor away in between, and the
 * code is cold.
 */
const bound = 60

/** A thread's processor time so far, in milliseconds; undefined where the system does not tell. */
function processorClock(): (() => number) | undefined {
  if (!existsSync('/proc/thread-self/schedstat')) return undefined
  const file = openSync('/proc/thread-self/schedstat', 'r')
  const text = Buffer.alloc(64)
  return () => {
    readSync(file, text, 0, text.length, 0)
    return Number.parseInt(text.toString('latin1'), 10) / 1e6
  }
}

/** What the longest turn took of the processor's time while `work` ran, and the longest delay. */
async function longestTurn(work: () => Promise<unknown>): Promise<{ turn: number; delay: number }> {
  const clock = processorClock() ?? (() => performance.now())
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await wait(20)
  delay.reset()
  let turn = 0
  let last = clock()
  let isRunning = true
  const tick = () => {
    turn = Math.max(turn, clock() - last)
    last = clock()
    if (isRunning) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  isRunning = false
  await wait(5)
  delay.disable()
  return { turn, delay: delay.max / 1e6 }
}

async function staysResponsive(name: string, work: () => Promise<unknown>): Promise<void> {
  const { turn, delay } = await longestTurn(work)
  console.log(`event loop, ${name}: ${turn.toFixed(1)} ms of work in a turn, ${delay.toFixed(1)} ms of delay`)
  expect(turn).toBeLessThan(bound)
}

const train = (model: Sequential, x: Data, y: Data, batchSize: number) =>
  model.fit(x, y, { verbose: 0, batchSize, validationSplit: 0.25 })

test('a small model', async () => {
  await staysResponsive('small model', async () => {
    const model = sequential([
      layers.dense({ units: 64, activation: 'relu', inputShape: [1] }),
      layers.dense({ units: 1 }),
    ])
    model.compile({ optimizer: 'adam', loss: 'mse' })
    const x = Array.from({ length: 100 }, (_, i) => i / 100)
    await model.fit(x, x, { verbose: 0, epochs: 300 })
  })
})

test('60,000 samples of 784 features', async () => {
  const model = sequential([layers.dense({ units: 10, activation: 'softmax', inputShape: [784] })])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const x = new Float32Array(60_000 * 784).fill(0.5)
  const y = Uint8Array.from({ length: 60_000 }, (_, i) => i % 10)
  await staysResponsive('60,000 × 784', () => train(model, x, y, 512))
})

test('nested arrays', async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [100] })])
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const x = Array.from({ length: 20_000 }, (_, i) => Array.from({ length: 100 }, (_, j) => (i * j) % 7))
  await staysResponsive('20,000 nested rows', () => train(model, x, new Float32Array(20_000), 5000))
})

test('three million samples of one feature', async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const x = new Float32Array(3_000_000)
  await staysResponsive('3,000,000 samples', () => train(model, x, x, 100_000))
})

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-loop-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

// A full garbage collection beside other tests can take a turn of its own: what counts is that it need not.
test('a large model, from its first weights to its last save', { timeout: 60_000, retry: 2 }, async () => {
  const [x, y] = [new Float32Array(512 * 2048).fill(0.1), new Float32Array(512 * 2048)]
  let model: Sequential | undefined
  await staysResponsive('three layers of 2048 × 2048', async () => {
    model = sequential(
      [0, 1, 2].map((i) => layers.dense({ units: 2048, ...(i === 0 && { inputShape: [2048] }) })),
    )
    model.compile({ optimizer: 'adam', loss: 'mse' })
    await train(model, x, y, 256)
  })
  await staysResponsive('saving it', async () => model?.save(join(folder, 'model')))
  await staysResponsive('loading it', () => loadModel(join(folder, 'model')))
  await staysResponsive('exporting it', async () => model?.toOnnx())
})
