// Trains a model that reads messages and says what they are about, and keeps it in models/.
import { readTable } from '@typegrad/data'
import { input, layers, model, optimizers, sequential, setRandomSeed } from 'typegrad'
import { classes } from './classes.ts'
import { path } from './paths.ts'

setRandomSeed(1)
const table = await readTable<{ text: string; label: string }>(path('data/messages.csv'))
// A quarter is held back: nothing is learned from it, not even which words there are.
const { train, test } = await table.split({ train: 0.75, test: 0.25 }, { seed: 1, stratify: 'label' })
const [known, held] = [await train.columns(), await test.columns()]
const numbersOf = (labels: readonly string[]): number[] => labels.map((label) => classes.indexOf(label))

const vectorize = layers.textVectorization({ maxTokens: 5000, outputSequenceLength: 40 })
await vectorize.adapt(known.text)

const text = input({ shape: [1], dtype: 'string' })
const network = sequential([
  layers.embedding({ inputDim: 5000, outputDim: 16, maskZero: true, inputShape: [40] }), // a vector for each word
  layers.globalAveragePooling1d(), // their mean
  layers.dense({ units: classes.length, activation: 'softmax' }),
])
const reader = model({ inputs: text, outputs: network.apply(vectorize.apply(text)) })
reader.compile({
  optimizer: optimizers.adam({ learningRate: 0.01 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
})
await reader.fit(known.text, numbersOf(known.label), {
  epochs: 20,
  validationData: [held.text, numbersOf(held.label)],
})
await reader.save(path('models/messages.keras'))
