import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { callbacks, FormatError, layers, random, StateError, sequential } from '../index.ts'

const root = mkdtempSync(join(tmpdir(), 'typegrad-backup-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const folder = join(root, 'backup')

const train = (stopAfter = Number.POSITIVE_INFINITY) => {
  const model = sequential([layers.dense({ units: 1, inputShape: [2], name: 'only' })])
  model.compile({ optimizer: 'adam', loss: 'mse' })
  const stop = new AbortController()
  let batches = 0
  const counting = callbacks.lambdaCallback({
    onTrainBatchEnd: () => {
      if (++batches > stopAfter) stop.abort()
    },
  })
  const backup = callbacks.backupAndRestore({ backupDir: folder, saveFreq: 1 })
  return model.fit(random.normal([8, 2]), random.normal([8, 1]), {
    epochs: 3,
    batchSize: 4,
    verbose: 0,
    signal: stop.signal,
    callbacks: [counting, backup],
  })
}

interface Training {
  crc32?: string
  extra: { epoch: unknown; position: { order: unknown; labels: unknown; train: unknown } | null }
}

beforeEach(async () => {
  rmSync(folder, { recursive: true, force: true })
  await train(2)
})

test.each<[string, (training: Training) => void, RegExp]>([
  [
    'an order of one number',
    ({ extra }) => Object.assign(extra.position ?? {}, { order: [0] }),
    /order: expected a list of 2/,
  ],
  [
    'an order that is null',
    ({ extra }) => Object.assign(extra.position ?? {}, { order: null }),
    /order: expected a list/,
  ],
  [
    'labels of other shapes',
    ({ extra }) => Object.assign(extra.position ?? {}, { labels: [[7, 7]] }),
    /labels of \[1\] a sample, received \[7\]/,
  ],
  [
    "a stream's position",
    ({ extra }) => Object.assign(extra.position ?? {}, { train: { delivered: 3 } }),
    /position of the data: expected null/,
  ],
  ['an epoch beyond the last', ({ extra }) => Object.assign(extra, { epoch: 99 }), /at most 3 epochs/],
])('a training does not go on from %s', async (_, change, message) => {
  const path = join(folder, 'training.json')
  const training = JSON.parse(readFileSync(path, 'utf8')) as Training
  // A file without its checksum is believed as far as it makes sense.
  delete training.crc32
  change(training)
  writeFileSync(path, JSON.stringify(training))
  const failing = train()
  await expect(failing).rejects.toThrow(message)
  const error: unknown = await failing.catch((thrown) => thrown)
  expect(error instanceof FormatError || error instanceof StateError).toBe(true)
})

test('and goes on from what is as it was', async () => {
  expect((await train()).epoch).toEqual([0, 1, 2])
})
