import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { bundleProgram } from '../../../../tools/bundle-program.ts'
import { type Data, layers, type Sequential, sequential } from '../index.ts'
import { longestTurn, type Turns } from '../testing/longest-turn.ts'

const program = new URL('../testing/turns-of-large-model.ts', import.meta.url)

/**
 * The longest turn of the event loop may take so many milliseconds of the processor's time (on a quiet machine that is
 * how long the loop is held up, and the library's own aim is 20; in a test run the code is cold) or, however slow the
 * machine is, so much of all the work's.
 */
const bound = 60
const share = 1 / 4

async function staysResponsive(name: string, work: () => Promise<unknown>): Promise<void> {
  report(name, await longestTurn(work))
}

function report(name: string, { turn, all, delay }: Turns): void {
  const figures = [turn, all, delay].map((ms) => ms.toFixed(1))
  console.log(
    `event loop, ${name}: ${figures[0]} of ${figures[1]} ms of work in a turn, ${figures[2]} ms of delay`,
  )
  expect(turn, name).toBeLessThan(Math.max(bound, share * all))
}

const train = (model: Sequential, x: Data, y: Data, batchSize: number) =>
  model.fit(x, y, { verbose: 0, batchSize, validationSplit: 0.25 })

test('a small model', { retry: 2 }, async () => {
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

test('60,000 samples of 784 features', { retry: 2 }, async () => {
  const model = sequential([layers.dense({ units: 10, activation: 'softmax', inputShape: [784] })])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const x = new Float32Array(60_000 * 784).fill(0.5)
  const y = Uint8Array.from({ length: 60_000 }, (_, i) => i % 10)
  await staysResponsive('60,000 × 784', () => train(model, x, y, 512))
})

test('nested arrays', { retry: 2 }, async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [100] })])
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const x = Array.from({ length: 20_000 }, (_, i) => Array.from({ length: 100 }, (_, j) => (i * j) % 7))
  await staysResponsive('20,000 nested rows', () => train(model, x, new Float32Array(20_000), 5000))
})

test('three million samples of one feature', { retry: 2 }, async () => {
  const model = sequential([layers.dense({ units: 1, inputShape: [1] })])
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const x = new Float32Array(3_000_000)
  await staysResponsive('3,000,000 samples', () => train(model, x, x, 100_000))
})

// In a process of its own: other tests' memory would be collected in the middle of its turns.
test('a large model, from its first weights to its last save', { timeout: 60_000, retry: 2 }, async () => {
  const output = execFileSync(process.execPath, [await bundleProgram(program)], { encoding: 'utf8' })
  const turns = JSON.parse(output) as Readonly<Record<string, Turns>>
  expect(Object.keys(turns)).toEqual(['training', 'saving', 'loading', 'exporting'])
  for (const [name, figures] of Object.entries(turns)) report(`three layers of 2048 × 2048, ${name}`, figures)
})
