// Operations on symbolic tensors as Keras has saved them: predictions, gradients of every weight, a training step.
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  cloneModel,
  type Model,
  type Prediction,
  readKeras,
  readKerasH5,
  type Tensor,
  valueAndGrad,
  writeKeras,
  writeKerasH5,
} from '../index.ts'
import { symbolicNames } from '../layers/operations/calls.ts'
import { operations } from '../layers/operations/table.ts'
import { one, type Saved, type SavedCase, savedModels, toTensor } from '../testing/saved-models.ts'

interface OperationCase extends SavedCase {
  readonly classes: readonly string[]
  readonly labels: Saved[]
  readonly gradients: Saved[]
  readonly loss?: number
}

const { bytesOf, content } = savedModels<{ readonly cases: Record<string, OperationCase> }>('operations')
const cases = Object.entries(content.cases)

/** Single precision: relative to the largest of the tensor, at least to 1. */
async function expectNear(given: readonly Tensor[], wanted: readonly Saved[], within = 1e-5): Promise<void> {
  expect(given.map(({ shape }) => shape)).toEqual(wanted.map(({ shape }) => shape))
  for (const [i, { data }] of wanted.entries()) {
    const values = Array.from(await (given[i] as Tensor).data(), Number)
    const scale = Math.max(1, ...data.map(Math.abs))
    const error = Math.max(0, ...data.map((value, k) => Math.abs(value - (values[k] as number)) / scale))
    expect(error, `output ${i}`).toBeLessThan(within)
  }
}

/** All samples at once, as a call: some outputs have no row for each sample. */
const outputsOf = (model: Model<Prediction>, { inputs }: SavedCase): readonly Tensor[] =>
  model.apply(one(inputs.map(toTensor))) as unknown as readonly Tensor[]

test('every operation of the table is in one of the models', () => {
  const saved = new Set(cases.flatMap(([, { classes }]) => classes))
  expect(Object.keys(operations).filter((name) => !saved.has(name))).toEqual([])
  expect(symbolicNames.length).toBeGreaterThan(90)
})

describe.each(cases)('%s', (name, saved) => {
  const load = {
    keras: () => readKeras<Prediction>(bytesOf(`${name}.keras`)),
    h5: () => readKerasH5<Prediction>(gunzipSync(bytesOf(`${name}.h5.gz`))),
    'keras written again': async () => readKeras<Prediction>(await writeKeras(await load.keras())),
    'h5 written again': async () => readKerasH5<Prediction>(await writeKerasH5(await load.keras())),
    clone: async () => {
      const model = await load.keras()
      const clone = cloneModel(model)
      clone.setWeights(model.getWeights())
      return clone
    },
  }

  test.each(Object.entries(load))('predicts the same: %s', async (_, read) => {
    await expectNear(outputsOf(await read(), saved), saved.outputs)
  })

  test('passes the same gradients', async () => {
    const model = await load.keras()
    const labels = saved.labels.map(toTensor)
    const weights = model.trainableWeights
    const { grads } = valueAndGrad(
      () =>
        outputsOf(model, saved)
          .map((output, i) => output.mul(labels[i] as Tensor).sum() as Tensor)
          .reduce((a, b) => a.add(b)),
      weights,
    )
    await expectNear(grads, saved.gradients, 1e-4)
  })

  test.runIf(saved.after !== undefined)('learns the same', async () => {
    const model = await load.keras()
    const logs = await model.trainOnBatch(one(saved.inputs.map(toTensor)), one(saved.labels.map(toTensor)))
    const loss = saved.loss as number
    expect(Math.abs((logs.loss ?? Number.NaN) - loss)).toBeLessThan(1e-6 * loss)
    await expectNear(outputsOf(model, saved), saved.after as Saved[])
  })
})
