import { expect, test } from 'vitest'
import { pythonJson } from '../formats/python-json.ts'
import { layers, losses, metrics, ones, readKerasH5, sequential, writeKerasH5 } from '../index.ts'
import { kerasCompileConfig } from './keras-writing.ts'

test('losses and metrics stand in files as Keras writes them: floats are floats, and options of typegrad alone are left out', () => {
  const model = sequential([layers.dense({ units: 2, inputShape: [3] })])
  model.compile({
    optimizer: 'sgd',
    loss: losses.categoricalCrossentropy({ allowZeroRows: true }),
    metrics: [metrics.auc({ exact: true }), metrics.binaryCrossentropy()],
  })
  const {
    loss: [loss],
    metrics: written,
  } = JSON.parse(
    // A float that is whole, as Python writes it, is marked here: JSON.parse would lose the point.
    pythonJson(kerasCompileConfig(model)).replace(/(\d+)\.0\b/g, '"$1.0"'),
  )
  // keras.losses.CategoricalCrossentropy().get_config()
  expect(loss.config).toEqual({
    name: 'categorical_crossentropy',
    reduction: 'sum_over_batch_size',
    from_logits: false,
    label_smoothing: '0.0',
    axis: -1,
  })
  const [auc, entropy] = written
  expect(auc.config).not.toHaveProperty('exact')
  // keras.metrics.BinaryCrossentropy().get_config(), but for the dtype, whose default it is
  expect(entropy.config).toEqual({
    name: 'binary_crossentropy',
    from_logits: false,
    label_smoothing: '0.0',
  })
})

test('a .h5 file has a state of the optimizer once there is one: Keras trains only those without', async () => {
  const model = sequential([layers.dense({ units: 2, inputShape: [3] })])
  model.compile({ optimizer: 'adam', loss: 'mse' })
  const hasState = async () => Buffer.from(await writeKerasH5(model)).includes('optimizer_weights')
  expect(await hasState()).toBe(false)
  const [x, y] = [ones([2, 3]), ones([2, 2])]
  await model.trainOnBatch(x, y)
  expect(await hasState()).toBe(true)
  const again = await readKerasH5(await writeKerasH5(model))
  expect(await again.trainOnBatch(x, y)).toEqual(await model.trainOnBatch(x, y))
})
