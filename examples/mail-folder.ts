// A folder of texts whose folders are classes, from files to a trained model: which mails are spam?
//
//   npx tsx examples/mail-folder.ts                          into runs/mail-folder
//   npx tsx examples/mail-folder.ts --mails 1000 --epochs 4  a quick look
//
// SpamAssassin's 6,046 mails of 2002, written to files: a fifth is held out, with all that is almost the same. Their words become
// numbers by `textVectorization`, vectors by `embedding`, and the mean of these decides.
//
// 2026-11-30, on 1,210 held-out mails, three seeds: 98.26 % ± 0.08 right (precision 97.38 % ± 0.37, recall 97.29 % ± 0.15); naive
// Bayes over the same words 96.36 % (95.34 %, 93.40 %). Always to say "wanted" is right in 67.4 %. These mails are easier than
// those of today: most of the wanted ones come from the mailing lists of a few people.
import { join } from 'node:path'
import { textDatasetFromDirectory } from '@typegrad/data'
import {
  input,
  layers,
  type Model,
  model,
  optimizers,
  type Sequential,
  sequential,
  setRandomSeed,
} from 'typegrad'
import { mailFolder } from './mail-folder/folder.ts'
import { NaiveBayes } from './mail-folder/naive-bayes.ts'
import { programOptions } from './options.ts'
import { percentSpread } from './statistics.ts'
import { table } from './table.ts'

const options = programOptions({
  mails: 6046, // fewer for a quick look
  words: 10_000, // of the vocabulary
  length: 300, // words of a mail that are read, from its beginning
  units: 32,
  epochs: 12,
  rate: 0.3, // of dropout
  seeds: 3,
  cache: 'runs/data', // where the folder of mails is kept
  output: 'runs/mail-folder',
})

const folder = await mailFolder(options.mails, options.cache)
const reading = { labelMode: 'binary', maxLength: 20_000, batchSize: 64 } as const
const train = await textDatasetFromDirectory(join(folder, 'train'), { ...reading, seed: 1 })
const test = await textDatasetFromDirectory(join(folder, 'test'), { ...reading, shuffle: false })

// The vocabulary is that of the mails to learn from: those that are judged have no say in it.
const vectorize = layers.textVectorization({ maxTokens: options.words, outputSequenceLength: options.length })
await vectorize.adapt(train.map(([texts]) => texts))

// Texts become numbers once, and not in each of the epochs: (mails, words) and (mails, 1).
const learned = train.map(([texts, y]) => [vectorize.apply(texts), y] as const).cache()
const judged = test.map(([texts, y]) => [vectorize.apply(texts), y] as const).cache()
const [known, held] = [await rowsOf(learned), await rowsOf(judged)]
console.log(
  `${known.length} mails to learn from (${spamIn(known)} spam), ${held.length} held out (${spamIn(held)} spam), ` +
    `${vectorize.getVocabulary().length} words`,
)

const bayes = new NaiveBayes(vectorize.getVocabulary().length, 2)
for (const { words, spam } of known) bayes.learn(words, spam)
const rows = [scores('naive Bayes', [held.map(({ words }) => bayes.classOf(words))])]

const said: number[][] = []
for (let seed = 1; seed <= options.seeds; seed++) {
  setRandomSeed(seed)
  const network = classifier()
  await network.fit(learned, { epochs: options.epochs, verbose: 0 })
  const probabilities = await (await network.predict(judged.map(([x]) => x))).data()
  said.push(Array.from(probabilities, (probability) => Math.round(Number(probability))))
  if (seed === options.seeds) await withStrings(network).save(join(options.output, 'model'))
}
rows.push(scores(`network, ${options.seeds} seeds`, said))
console.log(`\n${table(['held-out mails', 'accuracy', 'precision', 'recall'], rows)}`)
console.log(`wrote ${options.output}`)

function classifier(): Sequential {
  const net = sequential([
    // (mails, words) → (mails, words, units): a vector for each word. What fills short mails up is masked.
    layers.embedding({
      inputDim: options.words,
      outputDim: options.units,
      maskZero: true,
      inputShape: [options.length],
    }),
    layers.globalAveragePooling1d(), // (mails, units): the mean of the words that there are
    layers.dropout({ rate: options.rate }),
    layers.dense({ units: options.units, activation: 'relu' }),
    layers.dense({ units: 1, activation: 'sigmoid' }), // (mails, 1): the probability of spam
  ])
  net.compile({ optimizer: optimizers.adam({ learningRate: 3e-3 }), loss: 'binaryCrossentropy' })
  return net
}

/** The network behind its vocabulary: what is saved takes texts as they are. */
function withStrings(network: Sequential): Model {
  const text = input({ shape: [1], dtype: 'string' })
  return model({ inputs: text, outputs: network.apply(vectorize.apply(text)) })
}

interface Row {
  readonly words: readonly number[]
  readonly spam: number
}

async function rowsOf(batches: typeof learned): Promise<Row[]> {
  const all: Row[] = []
  for await (const [x, y] of batches) {
    const [words, labels] = [(await x.toArray()) as number[][], (await y.toArray()) as number[][]]
    all.push(...words.map((row, i) => ({ words: row, spam: labels[i]?.[0] as number })))
  }
  return all
}

function spamIn(part: readonly Row[]): number {
  return part.filter(({ spam }) => spam === 1).length
}

/** Of one or several trainings: the mean, and how far they spread about it. */
function scores(name: string, runs: readonly (readonly number[])[]): string[] {
  const share = (of: (said: readonly number[]) => number): string => percentSpread(runs.map(of), 2)
  const both = (found: readonly number[]): number =>
    held.filter(({ spam }, i) => spam === 1 && found[i] === 1).length
  return [
    name,
    share((found) => held.filter(({ spam }, i) => found[i] === spam).length / held.length),
    share((found) => both(found) / Math.max(1, found.filter((one) => one === 1).length)),
    share((found) => both(found) / Math.max(1, spamIn(held))),
  ]
}
