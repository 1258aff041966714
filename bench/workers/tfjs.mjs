// The workloads in TensorFlow.js on its WebAssembly backend (SIMD; threads where Node gives them), with the layers
// API and optimizer.minimize, as its users train in Node without a native addon.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { Absent, batchesOf, firstFive, serve } from './wire.mjs'

const require = createRequire(import.meta.url)
setWasmPaths(`${join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist')}/`)
await tf.setBackend('wasm')
await tf.ready()

const toTensor = ({ data, shape }) =>
  tf.tensor(data, shape, data instanceof Float32Array ? 'float32' : 'int32')

const mlp = () => [
  tf.layers.dense({ units: 256, activation: 'relu', inputShape: [784], name: 'dense0' }),
  tf.layers.dense({ units: 128, activation: 'relu', name: 'dense1' }),
  tf.layers.dense({ units: 10, name: 'dense2' }),
]
const convnet = () => [
  tf.layers.conv2d({
    filters: 32,
    kernelSize: 3,
    activation: 'relu',
    inputShape: [28, 28, 1],
    name: 'conv0',
  }),
  tf.layers.maxPooling2d({ poolSize: 2 }),
  tf.layers.conv2d({ filters: 64, kernelSize: 3, activation: 'relu', name: 'conv1' }),
  tf.layers.maxPooling2d({ poolSize: 2 }),
  tf.layers.flatten(),
  tf.layers.dense({ units: 128, activation: 'relu', name: 'dense0' }),
  tf.layers.dense({ units: 10, name: 'dense1' }),
]
const recurrent =
  (kind) =>
  ({ vocabulary, features, units, steps }) => [
    tf.layers.embedding({ inputDim: vocabulary, outputDim: features, inputLength: steps, name: 'embedding' }),
    tf.layers[kind]({ units, recurrentActivation: 'sigmoid', name: kind }),
    tf.layers.dense({ units: 2, name: 'classes' }),
  ]
const recommender = ({ rows, features, fields }) => [
  tf.layers.embedding({ inputDim: rows, outputDim: features, inputLength: fields, name: 'embedding' }),
  tf.layers.flatten(),
  tf.layers.dense({ units: 128, activation: 'relu', name: 'dense0' }),
  tf.layers.dense({ units: 64, activation: 'relu', name: 'dense1' }),
  tf.layers.dense({ units: 1, name: 'dense2' }),
]
const models = { mlp, convnet, lstm: recurrent('lstm'), recommender }

const adam = () => tf.train.adam(1e-3, 0.9, 0.999, 1e-10)
const crossentropy = (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits)
const training = {
  mlp: [adam, crossentropy, 10],
  convnet: [adam, crossentropy, 10],
  lstm: [adam, crossentropy, 2],
  recommender: [() => tf.train.sgd(0.1), (labels, logits) => tf.losses.sigmoidCrossEntropy(labels, logits)],
}

function build({ kind, params }, weights) {
  const make = models[kind]
  if (make === undefined)
    throw new Absent(
      kind === 'gru'
        ? 'its GRU has no resetAfter, so it is another one than everybody else’s'
        : 'no program for it: its layers lack attention, and blocks of one’s own would not be what its users run',
    )
  const model = tf.sequential({ layers: make(params) })
  model.setWeights(
    model.weights.map(({ originalName, name }) => {
      const found = weights[name] ?? weights[originalName]
      if (found === undefined) throw new Error(`no weight '${name}' among ${Object.keys(weights)}`)
      return toTensor(found)
    }),
  )
  return model
}

function labelsOf(y, classes) {
  const tensor = toTensor(y)
  return classes === undefined ? tensor.toFloat() : tf.oneHot(tensor, classes).toFloat()
}

function train(workload, weights, data) {
  const model = build(workload, weights)
  const [make, lossOf, classes] = training[workload.kind]
  const optimizer = make()
  const variables = model.trainableWeights.map((weight) => weight.read())
  const x = batchesOf(data.x).map(toTensor)
  const y = batchesOf(data.y).map((labels) => labelsOf(labels, classes))
  let next = 0
  const step = () => {
    const i = next++ % x.length
    return optimizer.minimize(() => lossOf(y[i], model.apply(x[i], { training: true })), true, variables)
  }
  const run = () => {
    const loss = step()
    // Reading the loss waits for the step.
    const [value] = loss.dataSync()
    loss.dispose()
    return value
  }
  return { run, losses: () => firstFive(run) }
}

function epoch(workload, weights, data) {
  const model = build(workload, weights)
  const [make, lossOf, classes] = training[workload.kind]
  model.compile({ optimizer: make(), loss: lossOf })
  const [x] = batchesOf(data.x).map(toTensor)
  const y = labelsOf(batchesOf(data.y)[0], classes)
  const losses = async () => {
    const values = []
    for (let i = 0; i < 5; i++) {
      const [rows, labels] = [x, y].map((all) => all.slice(i * 128, 128))
      values.push(await model.trainOnBatch(rows, labels))
    }
    return values
  }
  return { run: () => model.fit(x, y, { batchSize: 128, epochs: 1, verbose: 0 }), losses }
}

function predict(workload, weights, data) {
  const model = build(workload, weights)
  const x = batchesOf(data.x)
  let next = 0
  const run = async () => {
    const output = tf.tidy(() => model.apply(toTensor(x[next++ % x.length])))
    const values = await output.data()
    output.dispose()
    return values
  }
  return { run, losses: async () => (await run()).subarray(0, 5) }
}

function matmul(_, __, data) {
  const [a, b] = [toTensor(data.a), toTensor(data.b)]
  const run = () => {
    const c = tf.matMul(a, b)
    const values = c.dataSync()
    c.dispose()
    return values
  }
  return { run, losses: () => run().subarray(0, 5) }
}

function oneWeight(_, __, data) {
  const [x, y] = [toTensor(data.x), toTensor(data.y)]
  const w = tf.variable(tf.zeros([1, 1]))
  const optimizer = tf.train.sgd(0.1)
  const run = () => {
    const loss = optimizer.minimize(() => x.matMul(w).sub(y).square().mean(), true, [w])
    const [value] = loss.dataSync()
    loss.dispose()
    return value
  }
  return { run, losses: () => firstFive(run) }
}

function pipeline({ params }, _, data) {
  const [images, labels] = [toTensor(data.x), toTensor(data.y)]
  const count = data.x.shape[0]
  const run = () => {
    const rows = Int32Array.from(tf.util.createShuffledIndices(count))
    let read = 0
    for (let from = 0; from < count; from += params.batch) {
      tf.tidy(() => {
        const batch = tf.tensor1d(rows.subarray(from, from + params.batch), 'int32')
        read += images.gather(batch).toFloat().div(255).shape[0]
        labels.gather(batch)
      })
    }
    return read
  }
  return { run, losses: () => [run()] }
}

const special = { matmul, 'one-weight': oneWeight, pipeline }
const modes = { step: train, epoch, predict }

await serve(`${tf.version.tfjs}`, async (workload, weights, data) => {
  if (['text-vectorization', 'pictures', 'augmentation'].includes(workload.kind))
    throw new Absent('no program for it: the library has few such layers, and no threads that decode')
  if (workload.kind === 'save' || workload.kind === 'load')
    throw new Absent('it stores files in Node only with its native addon')
  return (special[workload.kind] ?? modes[workload.mode])(workload, weights, data)
})
