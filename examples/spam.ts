// Which mails are spam? An LSTM and a bidirectional GRU read the first words of 6,046 real ones.
//
//   npx tsx examples/spam.ts                       both nets, into runs/spam
//   npx tsx examples/spam.ts --net gru --epochs 3
//
// 2026-11-26, on the held-out fifth: LSTM 98.10 % right (precision 98.18 %, recall 95.94 %), bidirectional GRU 98.26 %
// (99.21 %, 95.43 %). This fifth had been looked at once before the nets were changed; on one that never was (--fold 2)
// they read 95.70 % and 98.01 % right, on that with which they were chosen (--fold 1) 97.68 % and 98.10 %. A training
// that sums in another order, as one the day before did, ends up to 1.8 % away: 97.52 % and 96.86 % on that untouched
// fifth. The corpus is easier than a mailbox of today: most of the wanted mails come from the mailing lists of a few people.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Fold,
  groupKFold,
  layers,
  metrics,
  optimizers,
  type Sequential,
  sequential,
  setRandomSeed,
  tensor,
} from 'typegrad'
import { nearDuplicates } from './near-duplicates.ts'
import { programOptions } from './options.ts'
import { loadMails, type Mail, topicOf } from './spam-data.ts'
import { table } from './table.ts'
import { Vocabulary } from './vocabulary.ts'

const options = programOptions({
  net: 'both', // lstm, gru or both
  epochs: 6,
  words: 200, // of each mail, from its beginning
  mails: 6046, // fewer for a quick look
  fold: 0, // which fifth is held out
  output: 'runs/spam',
})
const { words } = options

// Mails of one thread quote each other, and spam is sent again and again with a word changed. What belongs together
// stays together: a mail that the nets are judged on has no copy among those that they learn from.
const mails = await loadMails(options.mails)
const groups = nearDuplicates(
  mails.map(({ text }) => text),
  mails.map(({ subject }, i) => topicOf(subject) || `mail ${i}`),
)
const folds: Fold[] = []
for await (const fold of groupKFold(groups, { folds: 5 })) folds.push(fold)
const { train, test } = folds[options.fold] as Fold
const pick = (positions: Uint32Array): Mail[] => Array.from(positions, (i) => mails[i] as Mail)
const learned = pick(train)
const heldOut = pick(test)

const vocabulary = new Vocabulary(
  learned.map(({ text }) => text),
  { size: 10_000 },
)
const numbers = (part: readonly Mail[]) =>
  tensor(
    vocabulary.encodeAll(
      part.map(({ text }) => text),
      words,
    ),
    { shape: [part.length, words] }, // (mails, words)
  )
const labels = (part: readonly Mail[]) => Float32Array.from(part, ({ spam }) => spam) // (mails)

const spamShare = (part: readonly Mail[]): number =>
  part.filter(({ spam }) => spam === 1).length / part.length
const percent = (value: number): string => `${(100 * value).toFixed(2)} %`
console.log(`${mails.length} mails in ${new Set(groups).size} groups of threads and near-duplicates`)
console.log(`to learn from: ${learned.length}, of which ${percent(spamShare(learned))} are spam`)
console.log(`held out:      ${heldOut.length}, of which ${percent(spamShare(heldOut))} are spam`)

/** Two ways to read: from the first word to the last, or from both ends at once. */
const every = { returnSequences: true, dropout: 0.2, recurrentDropout: 0.2 } as const
const readers = {
  lstm: () => layers.lstm({ units: 64, ...every }),
  gru: () => layers.bidirectional({ layer: layers.gru({ units: 32, ...every }) }),
}
const titles = { lstm: 'LSTM', gru: 'bidirectional GRU' }

function buildModel(net: keyof typeof readers): Sequential {
  setRandomSeed(42)
  const model = sequential([
    // (mails, words) → (mails, words, 32). What fills short mails up is masked: the readers skip it.
    layers.embedding({ inputDim: vocabulary.size, outputDim: 32, maskZero: true, inputShape: [words] }),
    layers.spatialDropout1d({ rate: 0.3 }),
    readers[net](), // (mails, words, 64)
    layers.globalMaxPooling1d(), // (mails, 64): the strongest sign of each kind, wherever it stands
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 1, activation: 'sigmoid' }), // (mails, 1): the probability of spam
  ])
  // Two wanted mails for each spam are no imbalance that needs weights, but accuracy alone would hide it: who calls
  // everything wanted is right in two of three. So precision and recall stand beside it.
  model.compile({
    optimizer: optimizers.adam({ learningRate: 0.002, clipnorm: 1 }),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy', metrics.precision(), metrics.recall(), metrics.auc()],
  })
  return model
}

await mkdir(options.output, { recursive: true })
const rows: string[][] = []
const chosen = options.net === 'both' ? (['lstm', 'gru'] as const) : [options.net as keyof typeof readers]
for (const net of chosen) {
  const model = buildModel(net)
  console.log(`\n${titles[net]}, ${model.countParams().toLocaleString('en-US')} weights`)
  await model.fit(numbers(learned), labels(learned), { epochs: options.epochs, batchSize: 64 })
  const scores = await model.evaluate(numbers(heldOut), labels(heldOut), { batchSize: 64, verbose: 0 })
  const { accuracy = 0, precision = 0, recall = 0, auc = 0 } = scores
  rows.push([titles[net], percent(accuracy), percent(precision), percent(recall), auc.toFixed(4)])
  await model.save(join(options.output, net))
  if (net === chosen.at(-1)) await showMistakes(model)
}
rows.push(['"nothing is spam"', percent(1 - spamShare(heldOut)), '–', percent(0), '0.5000'])
console.log(`\n${table(['held-out mails', 'accuracy', 'precision', 'recall', 'AUC'], rows)}`)
await writeFile(join(options.output, 'scores.csv'), `${rows.map((row) => row.join(',')).join('\n')}\n`)
console.log(`wrote ${options.output}`)

/** The mails that a net was surest of and wrong about. */
async function showMistakes(model: Sequential): Promise<void> {
  const probabilities = await (await model.predict(numbers(heldOut), { batchSize: 64 })).data()
  const wrong = heldOut
    .map(({ spam, subject }, i) => ({ spam, subject, probability: Number(probabilities[i]) }))
    .filter(({ spam, probability }) => Math.round(probability) !== spam)
    .sort((a, b) => Math.abs(b.probability - 0.5) - Math.abs(a.probability - 0.5))
  console.log(`\nthe surest of ${wrong.length} mistakes:`)
  for (const { spam, subject, probability } of wrong.slice(0, 8)) {
    const title = subject.replace(/\s+/g, ' ').slice(0, 70) || '(no subject)'
    console.log(`  ${spam === 1 ? 'spam  ' : 'wanted'}  ${probability.toFixed(3)}  ${title}`)
  }
}
