/**
 * Writes models for open_in_keras.py: those of golden/saved again, and one of nearly every layer.
 * Usage: npx tsx tools/golden/write_for_keras.ts FOLDER
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  input,
  layers,
  loadModel,
  type Model,
  model,
  optimizers,
  type Prediction,
  sequential,
  type Tensor,
  tensor,
} from 'typegrad'

const folder = process.argv[2] ?? 'for-keras'
const golden = new URL('../../packages/typegrad/golden/saved/', import.meta.url)

interface Saved {
  readonly shape: readonly number[]
  readonly dtype: string
  readonly data: readonly number[]
}

const written: unknown[] = []
const endings = ['keras', 'h5']

const json = async (t: Tensor): Promise<Saved> => ({
  shape: t.shape,
  dtype: t.dtype,
  data: Array.from(await t.data(), Number),
})

async function write(name: string, made: Model<Prediction>, inputs: readonly Tensor[]): Promise<void> {
  const given = inputs.length > 1 ? inputs : (inputs[0] as Tensor)
  const outputs = await made.predict(given)
  const list = Array.isArray(outputs) ? outputs : [outputs as Tensor]
  for (const ending of endings) {
    const file = `${name}.${ending}`
    await made.save(join(folder, file))
    written.push({
      file,
      inputs: await Promise.all(inputs.map(json)),
      outputs: await Promise.all(list.map(json)),
    })
  }
}

const wave = (...shape: number[]): Tensor =>
  tensor(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 1.7))).reshape(shape)

mkdirSync(folder, { recursive: true })
const { cases } = JSON.parse(readFileSync(new URL('cases.json', golden), 'utf8'))
for (const name of Object.keys(cases)) {
  const { inputs, outputs, labels, after } = cases[name]
  const made = await loadModel(new URL(`${name}.keras`, golden).pathname)
  for (const ending of endings) {
    const file = `${name}.${ending}`
    await made.save(join(folder, file))
    // Keras 3.15 does not restore the optimizer's state from an .h5 file, its own neither, and cannot train on with it.
    const trains = ending === 'keras' && after !== undefined
    written.push({ file, inputs, outputs, ...(trains ? { labels, after } : {}) })
  }
}

const images = sequential([
  layers.conv2dTranspose({
    filters: 3,
    kernelSize: 2,
    strides: 2,
    inputShape: [4, 4, 2],
    kernelRegularizer: 'l2',
  }),
  layers.depthwiseConv2d({ kernelSize: 2, depthwiseConstraint: 'maxNorm' }),
  layers.groupNormalization({ groups: 3 }),
  layers.leakyReLU(),
  layers.pReLU(),
  layers.upSampling2d({ size: 2 }),
  layers.zeroPadding2d({ padding: 1 }),
  layers.cropping2d({ cropping: 1 }),
  layers.averagePooling2d({ poolSize: 2 }),
  layers.spatialDropout2d({ rate: 0.2 }),
  layers.gaussianNoise({ stddev: 0.1 }),
  layers.activation('hardSigmoid'),
  layers.permute({ dims: [2, 1, 3] }),
  layers.reshape({ targetShape: [49, 3] }),
  layers.conv1d({ filters: 4, kernelSize: 3, padding: 'causal', activation: 'logSoftmax' }),
  layers.rmsNormalization(),
  layers.unitNormalization(),
  layers.einsumDense({ equation: 'abc,cd->abd', outputShape: [null, 3], biasAxes: 'd' }),
  layers.globalMaxPooling1d(),
  layers.repeatVector({ n: 3 }),
  layers.flatten(),
  layers.dense({ units: 4, activityRegularizer: 'l1', kernelInitializer: 'heNormal' }),
])
images.compile({
  optimizer: optimizers.adamw({ learningRate: 1e-3, clipnorm: 1 }),
  loss: 'meanSquaredError',
  metrics: ['meanAbsoluteError'],
})
await write('images', images, [wave(2, 4, 4, 2)])

const words = sequential([
  layers.masking({ inputShape: [5, 3] }),
  layers.bidirectional({
    layer: layers.gru({ units: 3, returnSequences: true, dropout: 0.1 }),
    mergeMode: 'sum',
  }),
  layers.rnn({ cell: layers.simpleRNNCell({ units: 3 }), goBackwards: true, returnSequences: true }),
  layers.lstm({ units: 2 }),
])
await write('words', words, [wave(2, 5, 3)])

const a = input({ shape: [4, 6] })
const b = input({ shape: [4, 6] })
const merged = [
  layers.add().apply([a, b]),
  layers.multiply().apply([a, b]),
  layers.maximum().apply([a, b]),
  layers.average().apply([a, b]),
  layers.subtract().apply([a, b]),
  layers.attention({ useScale: true }).apply([a, b]),
  layers.additiveAttention().apply([a, b]),
  layers.groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 }).apply([a, b]),
  layers.multiHeadAttention({ numHeads: 2, keyDim: 3, useCausalMask: true }).apply([a, b]),
]
const [sequences, last, state] = layers
  .lstm({ units: 3, returnSequences: true, returnState: true })
  .apply(layers.concatenate().apply(merged)) as unknown as Tensor[]
const decoded = layers.lstm({ units: 3 }).apply([a, last, state] as never)
const dotted = layers.dot({ axes: 2 }).apply([a, b])
await write('merges', model({ inputs: [a, b], outputs: [sequences as never, decoded, dotted] }), [
  wave(2, 4, 6),
  wave(2, 4, 6).cos(),
])

// Configuration and lists of names beyond the 64 KB that an HDF5 header holds.
const deep = sequential([
  layers.dense({ units: 2, inputShape: [2], name: 'first'.padEnd(400, '_') }),
  ...Array.from({ length: 170 }, (_, i) => layers.dense({ units: 2, name: `${i}`.padEnd(400, '_') })),
])
await write('deep', deep, [wave(2, 2)])

writeFileSync(join(folder, 'cases.json'), JSON.stringify(written))
