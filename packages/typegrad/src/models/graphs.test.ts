import { describe, expect, test } from 'vitest'
import { readKeras, readKerasH5, writeKeras, writeKerasH5 } from '../index.ts'
import {
  expectOutputs,
  one,
  type Saved,
  type SavedCase,
  savedModels,
  toTensor,
} from '../testing/saved-models.ts'

interface GraphCase extends SavedCase {
  readonly layers: number
  readonly calls: number
  /** Names and shapes in Keras's order. */
  readonly weights: readonly (readonly [name: string, shape: readonly number[]])[]
  readonly labels: Saved[]
  readonly loss: number
  readonly after: Saved[]
}

/** Statistics over three samples make large numbers in some: of the largest of the output, at least of 1. */
const near = (outputs: readonly Saved[]): number =>
  1e-5 * Math.max(1, ...outputs.flatMap(({ data }) => data.map(Math.abs)))

const { bytesOf, content } = savedModels<{ readonly cases: Record<string, GraphCase> }>('graphs')
const cases = Object.entries(content.cases)

test('there are a few dozen graphs of several hundred calls', () => {
  expect(cases.length).toBeGreaterThanOrEqual(36)
  expect(cases.reduce((sum, [, { calls }]) => sum + calls, 0)).toBeGreaterThan(400)
})

describe.each(cases)('%s, as Keras saved it', (name, saved) => {
  test('has its layers and weights in their order', async () => {
    const model = await readKeras(bytesOf(`${name}.keras`))
    expect(model.layers).toHaveLength(saved.layers)
    expect(model.weights.map(({ shape }) => shape)).toEqual(saved.weights.map(([, shape]) => shape))
  })

  test('predicts the same, also out of our own files', async () => {
    const model = await readKeras(bytesOf(`${name}.keras`))
    await expectOutputs(model, saved, saved.outputs, near(saved.outputs))
    await expectOutputs(await readKeras(await writeKeras(model)), saved, saved.outputs, near(saved.outputs))
    await expectOutputs(
      await readKerasH5(await writeKerasH5(model)),
      saved,
      saved.outputs,
      near(saved.outputs),
    )
  })

  test('learns the same', async () => {
    const model = await readKeras(bytesOf(`${name}.keras`))
    const logs = await model.trainOnBatch(one(saved.inputs.map(toTensor)), one(saved.labels.map(toTensor)))
    expect(Math.abs((logs.loss ?? Number.NaN) - saved.loss)).toBeLessThan(1e-4 * Math.abs(saved.loss))
    await expectOutputs(model, saved, saved.after, near(saved.after))
  })

  test.runIf(Number(name.slice(-2)) % 4 === 0)('is the same out of the older format', async () => {
    await expectOutputs(await readKerasH5(bytesOf(`${name}.h5`)), saved, saved.outputs, near(saved.outputs))
  })
})
