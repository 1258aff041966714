// Magika, a network that others trained and exported to ONNX, is taught three file types that it does not know, and forgets none of
// those that it does.
//
//   npx tsx examples/magika-types.ts

import { layers, model, onnxModel, type SymbolicTensor, setRandomSeed, type Tensor, tensor } from 'typegrad'
import { newTypes, type Sample, splitFiles } from './magika-types/files.ts'
import { nearestHistogram } from './magika-types/histograms.ts'
import { magikaFiles } from './magika-types/magika.ts'
import { programOptions } from './options.ts'
import { table } from './table.ts'
import { percent } from './text.ts'

const { perType, epochs, packages } = programOptions(
  { perType: 40, epochs: 30, packages: 'node_modules' },
  'packages',
)
const {
  onnx,
  types: known,
  zones,
} = await magikaFiles().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
setRandomSeed(1)
const { train, test } = splitFiles({ packages, zones }, perType)
const types = [...known, ...newTypes]
console.log(`${train.length} files to learn from and ${test.length} others to be judged by`)

const bytesOf = (samples: readonly Sample[]): Tensor =>
  tensor(Int32Array.from(samples.flatMap(({ features }) => [...features])), { shape: [samples.length, 2048] })
const labelsOf = (samples: readonly Sample[]): Tensor =>
  tensor(Int32Array.from(samples, ({ type }) => types.indexOf(type)))

const net = await onnxModel(onnx)
const before = await chosen(net, test)

// The network up to the product that makes a score of each type: 512 features of a file. Their weights stay as they are, and so do
// the scores of the old types; what is learnt is a column of scores for each new one.
const within = 'jax2tf_get_logits_/pjit_get_logits_/MagikaV2'
const [features, oldScores] = [`${within}/LayerNorm_1/AddV2_1:0`, `${within}/Dense_1/AddV2:0`]
const body = net.cut<Record<string, Tensor>>({ outputs: [features, oldScores] })
const places = body.output as Readonly<Record<string, SymbolicTensor>>
const newScores = layers
  .dense({ units: newTypes.length, name: 'new_types' })
  .apply(places[features] as SymbolicTensor)
const scores = layers.concatenate().apply([places[oldScores] as SymbolicTensor, newScores])
const taught = model({ inputs: body.input, outputs: layers.softmax().apply(scores) })
taught.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
await taught.fit(bytesOf(train), labelsOf(train), { epochs, batchSize: 16, verbose: 0 })

async function chosen(
  by: { predict(x: Tensor): Promise<Tensor> },
  samples: readonly Sample[],
): Promise<readonly string[]> {
  const probabilities = await by.predict(bytesOf(samples))
  const found = await probabilities.argMax(-1).data()
  return Array.from(found, (type) => types[Number(type)] as string)
}
const ways = {
  'Magika as it is': before,
  'byte histograms': nearestHistogram(train, test),
  'Magika, taught': await chosen(taught, test),
}
const isNew = ({ type }: Sample): boolean => (newTypes as readonly string[]).includes(type)
const share = (found: readonly string[], fits: (sample: Sample) => boolean): string => {
  const judged = test.map((sample, i) => ({ sample, found: found[i] })).filter(({ sample }) => fits(sample))
  return percent(judged.filter((one) => one.found === one.sample.type).length / judged.length, 1)
}
const rows = Object.entries(ways).map(([way, found]) => [
  way,
  share(found, isNew),
  share(found, (sample) => !isNew(sample)),
  ...newTypes.map((type) => share(found, (sample) => sample.type === type)),
])
console.log(`\n${table(['', 'new types', 'old types', ...newTypes], rows)}`)
