import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FuzzTarget, fuzz, fuzzFolder, fuzzTargets } from '../testing/fuzz-targets.ts'

/** Of each kind; `npm run fuzz` takes any number, watches time and memory, and counts. */
const cases = 60

const { folder, remove } = fuzzFolder()
let targets: Readonly<Record<string, FuzzTarget>>
beforeAll(async () => {
  targets = await fuzzTargets(folder)
})
afterAll(remove)

const kinds = [
  '.h5',
  '.keras',
  'the weights of a .keras file',
  'the configuration of a .keras file',
  'model.json',
  'shards of a model.json',
  'a saved folder',
  'the configuration of a saved folder',
  '.safetensors',
  'the header of .safetensors',
  '.onnx',
  'idx',
]

test('all kinds are tried', () => {
  expect(Object.keys(targets)).toEqual(kinds)
})

test.each(kinds)('damaged: %s', { timeout: 300_000 }, async (kind) => {
  const { refused, failures } = await fuzz(
    targets[kind] as FuzzTarget,
    Array.from({ length: cases }, (_, seed) => seed),
  )
  expect(failures).toEqual([])
  expect(refused).toBeGreaterThan(0)
})
