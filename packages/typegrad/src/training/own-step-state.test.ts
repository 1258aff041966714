import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { registerLayer } from '../doors/layers.ts'
import {
  layers,
  loadModel,
  Model,
  optimizers,
  type StepBatch,
  setRandomSeed,
  type Tensor,
  valueAndGrad,
} from '../index.ts'
import { interruptedFit } from '../testing/interrupted-fit.ts'

const x = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(2 * i + 1)])
const y = x.map(([a = 0, b = 0]) => [a - 2 * b])

/** A model whose own step trains its head alone; the body has weights that could be trained. */
class HeadLearner extends Model {
  readonly className: string = 'HeadLearner'
  readonly body = layers.dense({ units: 5, activation: 'tanh', name: 'body' })
  readonly head = layers.dense({ units: 1, name: 'head' })
  override call(inputs: Tensor) {
    return this.head.apply(this.body.apply(inputs))
  }
  override trainStep({ x, y }: StepBatch) {
    const weights = this.head.trainableWeights
    const { value: loss, grads } = valueAndGrad(
      () => this.computeLoss({ y, yPred: this.apply(x, { training: true }) }),
      weights,
    )
    this.optimizer.apply(grads, weights)
    return { loss }
  }
}
registerLayer('HeadLearner', (config) => new HeadLearner(config) as never)

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-own-state-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Weights and what the optimizer keeps of them, to the bit. */
const bitsOf = async (model: HeadLearner | Model): Promise<readonly string[]> =>
  await Promise.all(
    [...model.weights, ...model.optimizer.variables].map(async ({ value }) => (await value.data()).join()),
  )

async function begun(): Promise<HeadLearner> {
  setRandomSeed(6)
  const model = new HeadLearner({ name: 'learner' })
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: 'mse' })
  await model.predict(x)
  return model
}

test('a step that trains some of the weights: a training that was interrupted goes on to the same bits', async () => {
  const train = async (name: string, stopAfter?: number) =>
    interruptedFit(await begun(), x, y, { backupDir: join(folder, name), stopAfter })
  const whole = await train('whole')
  // Iterations and the rate, and two means of the head's kernel and bias.
  expect(whole.optimizer.weights.map(({ shape }) => shape)).toEqual([[5, 1], [1]])
  await train('parts', 4)
  expect(await bitsOf(await train('parts'))).toEqual(await bitsOf(whole))
})

test('a step that trains some of the weights: a folder keeps its state, and the copy learns on as if it were the model', async () => {
  const model = await begun()
  const learn = async (one: HeadLearner | Model) =>
    await one.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0, shuffle: false })
  await learn(model)
  await model.save(join(folder, 'kept'))
  const copy = await loadModel(join(folder, 'kept'))
  expect(await bitsOf(copy as Model)).toEqual(await bitsOf(model))
  await learn(copy as Model)
  await learn(model)
  expect(await bitsOf(copy as Model)).toEqual(await bitsOf(model))
})

test("a step that trains some of the weights: Keras's files cannot say which, so that they have a fresh optimizer, and are told to", async () => {
  const model = await begun()
  await model.fit(x, y, { epochs: 1, batchSize: 4, verbose: 0 })
  const path = join(folder, 'model.keras')
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
  try {
    await model.save(path)
    expect(warned.mock.calls.flat().join()).toMatch(/'learner' train 2 of its 4 weights.*a folder keeps it/)
  } finally {
    warned.mockRestore()
  }
  const copy = await loadModel(path)
  expect(Number(await copy.optimizer.iterations.value.item())).toBe(0)
  expect(await (await copy.predict(x)).toArray()).toEqual(await (await model.predict(x)).toArray())
  await copy.fit(x, y, { epochs: 1, batchSize: 4, verbose: 0 })
})
