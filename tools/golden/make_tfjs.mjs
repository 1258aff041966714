/**
 * Models that TensorFlow.js has saved, with what it predicts once it has read them again:
 * packages/typegrad/golden/tfjs/.
 *
 * TensorFlow.js is no dependency of this project. Install it in a folder of its own, and run a copy of this script
 * there (made with @tensorflow/tfjs 4.22.0 on Node 22, whose own 'cpu' backend computes):
 *
 *     npm install @tensorflow/tfjs@4.22.0
 *     node make_tfjs.mjs PROJECT/packages/typegrad/golden/tfjs
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'

const folder = process.argv[2]
if (folder === undefined) throw new Error('Usage: node make_tfjs.mjs FOLDER')
await tf.setBackend('cpu')

let seed = 7
/** Numbers between -1 and 1, the same in every run. */
const next = () => {
  seed = (seed * 1103515245 + 12345) % 2 ** 31
  return (seed / 2 ** 31) * 2 - 1
}
const values = (shape) => tf.tensor(Array.from({ length: tf.util.sizeFromShape(shape) }, next), shape)

const { layers } = tf

function dense() {
  const model = tf.sequential({
    layers: [
      layers.dense({
        units: 6,
        inputShape: [4],
        activation: 'hardSigmoid',
        kernelRegularizer: 'l1l2',
        kernelConstraint: 'maxNorm',
      }),
      layers.dropout({ rate: 0.5 }),
      layers.leakyReLU({ alpha: 0.2 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  })
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
  return model
}

const convnet = () =>
  tf.sequential({
    layers: [
      layers.conv2d({
        filters: 3,
        kernelSize: 3,
        inputShape: [6, 6, 2],
        activation: 'relu',
        padding: 'same',
      }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2, padding: 'same' }),
      layers.prelu({ sharedAxes: [1, 2] }),
      layers.separableConv2d({ filters: 4, kernelSize: 2, activation: 'elu' }),
      layers.upSampling2d({ size: [2, 2] }),
      layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 2 }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 2, useBias: false }),
    ],
  })

const recurrent = () =>
  tf.sequential({
    layers: [
      layers.embedding({ inputDim: 7, outputDim: 3, inputLength: 5 }),
      layers.bidirectional({ layer: layers.lstm({ units: 3, returnSequences: true }), mergeMode: 'concat' }),
      layers.gru({ units: 4, returnSequences: true }),
      layers.timeDistributed({ layer: layers.dense({ units: 3 }) }),
      layers.rnn({
        cell: [layers.lstmCell({ units: 3 }), layers.gruCell({ units: 2 })],
        returnSequences: true,
      }),
      layers.lstm({ units: 3, recurrentActivation: 'sigmoid', goBackwards: true, returnSequences: true }),
      layers.simpleRNN({ units: 2 }),
    ],
  })

/** Two inputs, a shared layer, and nested models that are used twice. */
function functional() {
  const a = tf.input({ shape: [4, 6], name: 'a' })
  const b = tf.input({ shape: [4, 6], name: 'b' })
  const shared = layers.dense({ units: 6, activation: 'gelu' })
  const [x, y] = [shared.apply(a), shared.apply(b)]
  const sequence = tf.sequential({
    name: 'inner',
    layers: [layers.dense({ units: 3, inputShape: [4, 6] }), layers.layerNormalization()],
  })
  const inside = tf.input({ shape: [4, 6] })
  const graph = tf.model({
    name: 'graph',
    inputs: inside,
    outputs: layers.dense({ units: 3 }).apply(layers.activation({ activation: 'swish' }).apply(inside)),
  })
  const merged = [sequence.apply(x), sequence.apply(y), graph.apply(y)]
  return tf.model({
    inputs: [a, b],
    outputs: [
      layers.concatenate().apply(merged),
      layers.flatten().apply(layers.dot({ axes: 2 }).apply([x, layers.add().apply([x, y])])),
    ],
  })
}

/** Ranges as the converter takes them: the smallest value is 0, the largest the largest whole number. */
function quantized(data, dtype) {
  if (dtype === 'float16') return { bytes: float16Bytes(data), quantization: { dtype } }
  const [min, max] = [Math.min(...data), Math.max(...data)]
  const top = dtype === 'uint8' ? 255 : 65535
  const scale = (max - min) / top || 1
  const array = (dtype === 'uint8' ? Uint8Array : Uint16Array).from(data, (x) =>
    Math.round((x - min) / scale),
  )
  return {
    bytes: new Uint8Array(array.buffer),
    quantization: { dtype, min, scale, original_dtype: 'float32' },
  }
}

/** Bits of binary16, cut, which is enough here: what counts is how they are read. */
function float16Bytes(data) {
  const bits = Uint16Array.from(data, (x) => {
    const [word] = new Uint32Array(Float32Array.of(x).buffer)
    const exponent = ((word >>> 23) & 255) - 112
    if (exponent <= 0) return (word >>> 16) & 0x8000
    return ((word >>> 16) & 0x8000) | (exponent << 10) | ((word >>> 13) & 0x3ff)
  })
  return new Uint8Array(bits.buffer)
}

/** Writes the folder, the weights in `shards` files, packed as `quantization` says. */
function write(
  name,
  { modelTopology, format, generatedBy, convertedBy, weightSpecs, weightData },
  shards,
  dtype,
) {
  const path = join(folder, name)
  mkdirSync(path, { recursive: true })
  let at = 0
  const parts = weightSpecs.map(({ name, shape, dtype: original, ...rest }) => {
    const length = tf.util.sizeFromShape(shape) * (original === 'bool' ? 1 : 4)
    const bytes = new Uint8Array(weightData.slice(at, at + length))
    at += length
    const spec = { name, shape, dtype: original, ...rest }
    if (dtype === undefined || original !== 'float32') return { bytes, spec }
    const { bytes: packed, quantization } = quantized(new Float32Array(bytes.buffer), dtype)
    return { bytes: packed, spec: { ...spec, quantization } }
  })
  const all = Buffer.concat(parts.map(({ bytes }) => bytes))
  // A cut may go through a number.
  const size = Math.ceil(all.length / shards) + (shards > 1 ? 1 : 0)
  const paths = Array.from({ length: shards }, (_, i) => `group1-shard${i + 1}of${shards}.bin`)
  for (const [i, file] of paths.entries())
    writeFileSync(join(path, file), all.subarray(i * size, (i + 1) * size))
  const weightsManifest = [{ paths, weights: parts.map(({ spec }) => spec) }]
  const json = { format, generatedBy, convertedBy, modelTopology, weightsManifest }
  writeFileSync(join(path, 'model.json'), JSON.stringify(json))
}

async function artifactsOf(model) {
  let found
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      found = artifacts
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  return found
}

/** TensorFlow.js's own reader of folders, over files. */
const reader = (name) =>
  tf.io.http(`http://files/${name}/model.json`, {
    fetchFunc: async (url) => new Response(readFileSync(join(folder, url.slice('http://files/'.length)))),
  })

const json = (t) => ({
  shape: t.shape,
  dtype: t.dtype,
  data: Array.from(t.dataSync(), (x) => Number(Number(x).toPrecision(9))),
})

const cases = {}
async function add(name, made, { shards = 1, dtype } = {}) {
  const weights = made.getWeights()
  made.setWeights(
    made.weights.map(({ name: weight }, i) => {
      const value = values(weights[i].shape).mul(0.6)
      return weight.includes('variance') ? value.abs().add(0.5) : value
    }),
  )
  write(name, await artifactsOf(made), shards, dtype)
  const model = await tf.loadLayersModel(reader(name))
  const inputs = model.inputs.map(({ shape }) =>
    name === 'recurrent'
      ? tf.tensor(
          Array.from({ length: 15 }, () => Math.floor((next() + 1) * 3.5)),
          [3, 5],
          'int32',
        )
      : values([3, ...shape.slice(1)]),
  )
  const outputs = [model.predict(inputs.length > 1 ? inputs : inputs[0])].flat()
  cases[name] = { inputs: inputs.map(json), outputs: outputs.map(json) }
}

mkdirSync(folder, { recursive: true })
await add('dense', dense(), { shards: 3 })
await add('convnet', convnet(), { shards: 2 })
await add('recurrent', recurrent())
await add('functional', functional(), { shards: 2 })
for (const dtype of ['uint8', 'uint16', 'float16']) await add(`dense-${dtype}`, dense(), { dtype })

// A graph model's weights are of more types; its graph is not what is read.
const tensors = {
  'conv/kernel': values([2, 2, 1, 3]),
  'shape/dims': tf.tensor([-1, 12, 2 ** 30], [3], 'int32'),
  'switch/on': tf.tensor([true, false, true, true], [2, 2], 'bool'),
  scale: tf.scalar(0.25),
}
const { data, specs } = await tf.io.encodeWeights(tensors)
const graph = { format: 'graph-model', modelTopology: { node: [] }, weightSpecs: specs, weightData: data }
write('graph', { ...graph, generatedBy: '2.0', convertedBy: null }, 2)
const weights = Object.fromEntries(
  Object.entries(tf.io.decodeWeights(data, specs)).map(([k, t]) => [k, json(t)]),
)

const rows = Object.entries(cases).map(([name, saved]) => `${JSON.stringify(name)}: ${JSON.stringify(saved)}`)
writeFileSync(
  join(folder, 'cases.json'),
  `{"madeBy": {"tfjs": "${tf.version.tfjs}"}, "weights": ${JSON.stringify(weights)}, "cases": {\n${rows.join(',\n')}\n}}\n`,
)
