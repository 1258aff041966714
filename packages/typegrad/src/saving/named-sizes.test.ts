import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { model as functional, input, layers, loadModel, sequential } from '../index.ts'
import { kerasConfig } from './keras-writing.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-sizes-'))
})
afterAll(() => rm(folder, { recursive: true }))

const branches = () => {
  const x = input({ shape: ['length', 3], name: 'x' })
  return functional({ inputs: x, outputs: layers.lstm({ units: 2, returnSequences: true }).apply(x) })
}
const words = () =>
  sequential([
    layers.embedding({ inputDim: 5, outputDim: 2, inputShape: ['length'] }),
    layers.dense({ units: 2 }),
  ])

test.each([
  ['functional', branches],
  ['sequential', words],
])('names of sizes are kept in a folder and dropped in a .keras file: %s', async (name, make) => {
  const made = make()
  await made.save(join(folder, name))
  await made.save(join(folder, `${name}.keras`))
  const [own, theirs] = [await loadModel(join(folder, name)), await loadModel(join(folder, `${name}.keras`))]
  expect(own.modelInputs[0]?.sizes).toEqual(made.modelInputs[0]?.sizes)
  expect(own.modelOutputs[0]?.sizes).toEqual([null, 'length', 2])
  expect(theirs.modelInputs[0]?.sizes).toEqual(made.modelInputs[0]?.shape)
  expect(theirs.modelOutputs[0]?.shape).toEqual([null, null, 2])
  expect(JSON.stringify(kerasConfig(made))).not.toContain('length')
})
