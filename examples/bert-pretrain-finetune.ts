// What reading without labels is worth: a small BERT learns to fill in the words of mails, and then from few labels what spam is.
//
//   npx tsx examples/bert-pretrain-finetune.ts                 into runs/bert
//   npx tsx examples/bert-pretrain-finetune.ts --steps 200 --seeds 2
//
// Both nets see the same labelled mails, in the same order, with the same seeds; the one has read all mails that it may learn
// from before, without their labels. Mails of one thread and near-duplicates are on one side (see spam.ts).
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fromPretrained, PretrainedModel, pretrain, Tokenizer, trainTokenizer } from '@typegrad/transformers'
import { groupKFold, losses, optimizers, setRandomSeed, tensor } from 'typegrad'
import { nearDuplicates } from './near-duplicates.ts'
import { programOptions } from './options.ts'
import { loadMails, type Mail } from './spam-data.ts'
import { spreadOf } from './statistics.ts'
import { table } from './table.ts'

const options = programOptions({
  mails: 6046, // fewer for a quick look
  labelled: 200, // of those that are learned from
  tokens: 128, // of each mail, from its beginning
  steps: 3000, // of pre-training
  epochs: 12, // of fine-tuning
  seeds: 5, // each another choice of labelled mails
  output: 'runs/bert',
})

const mails = await loadMails(options.mails)
const groups = nearDuplicates(mails.map(({ text }) => text))
const folds = []
for await (const fold of groupKFold(groups, { folds: 5 })) folds.push(fold)
const pick = (positions: Iterable<number>): Mail[] => Array.from(positions, (i) => mails[i] as Mail)
const [learned, heldOut] = [pick(folds[0]?.train ?? []), pick(folds[0]?.test ?? [])]
console.log(`${learned.length} mails to read, ${heldOut.length} held out`)

const json = await trainTokenizer(
  { kind: 'wordpiece', vocabSize: 4000, alphabetLimit: 200 },
  learned.map(({ text }) => text.slice(0, 4000)),
)
const tokenizer = Tokenizer.fromFiles({
  tokenizer: json,
  config: {
    cls_token: '[CLS]',
    sep_token: '[SEP]',
    pad_token: '[PAD]',
    mask_token: '[MASK]',
    unk_token: '[UNK]',
  },
})
const config = {
  model_type: 'bert',
  architectures: ['BertForMaskedLM'],
  vocab_size: tokenizer.vocabularySize,
  hidden_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  intermediate_size: 256,
  max_position_embeddings: options.tokens,
  type_vocab_size: 1,
  pad_token_id: tokenizer.padId,
  num_labels: 2,
}

setRandomSeed(1)
const reader = new PretrainedModel(config)
const { history } = await pretrain(
  reader,
  learned.map(({ text }) => text.slice(0, 4000)),
  {
    tokenizer,
    length: options.tokens,
    batchSize: 16,
    steps: options.steps,
    masking: { wholeWords: true },
    learningRate: 1e-3,
    validation: heldOut.map(({ text }) => text.slice(0, 4000)),
    validationBatches: 20,
    every: Math.max(1, Math.floor(options.steps / 10)),
    verbose: 2,
  },
)
const folder = join(options.output, 'pretrained')
await mkdir(options.output, { recursive: true })
await reader.savePretrained(folder)

const inputsOf = (part: readonly Mail[]) =>
  tokenizer
    .encodeBatch(
      part.map(({ text }) => text.slice(0, 4000)),
      { truncation: true, maxLength: options.tokens, padding: 'max_length' },
    )
    .tensors(['input_ids', 'attention_mask'])
const labelsOf = (part: readonly Mail[]) => tensor(Int32Array.from(part, ({ spam }) => spam))
const [judged, answers] = [inputsOf(heldOut), labelsOf(heldOut)]

/** The share of held-out mails that a net tells right after it was tuned. */
async function tuned(isPretrained: boolean, seed: number): Promise<number> {
  setRandomSeed(seed)
  const model = isPretrained
    ? await fromPretrained(folder, { className: 'BertForSequenceClassification', strict: false })
    : new PretrainedModel(config, 'BertForSequenceClassification')
  model.compile({
    optimizer: optimizers.adamw({ learningRate: 5e-4, weightDecay: 0.01, globalClipnorm: 1 }),
    loss: { logits: losses.sparseCategoricalCrossentropy({ fromLogits: true }) },
    metrics: { logits: ['accuracy'] },
  })
  const chosen = Array.from(
    { length: Math.min(options.labelled, learned.length) },
    (_, i, count = Math.min(options.labelled, learned.length)) =>
      learned[(Math.floor((i * learned.length) / count) + seed) % learned.length] as Mail,
  )
  await model.fit(
    inputsOf(chosen),
    { logits: labelsOf(chosen) },
    { epochs: options.epochs, batchSize: 16, verbose: 0 },
  )
  const scores = await model.evaluate(judged, { logits: answers }, { batchSize: 32, verbose: 0 })
  return scores.accuracy ?? Number.NaN
}

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`
const figures = (values: readonly number[]): readonly string[] => {
  const { mean, deviation } = spreadOf(values)
  return [percent(mean), percent(deviation)]
}

const results: Record<string, number[]> = { 'from scratch': [], 'pre-trained': [] }
for (let seed = 1; seed <= options.seeds; seed++) {
  for (const [name, isPretrained] of [
    ['from scratch', false],
    ['pre-trained', true],
  ] as const)
    results[name]?.push(await tuned(isPretrained, seed))
  console.log(
    `seed ${seed}: ${Object.entries(results)
      .map(([name, values]) => `${name} ${percent(values.at(-1) ?? 0)}`)
      .join(', ')}`,
  )
}
const gains = (results['pre-trained'] ?? []).map((value, i) => value - (results['from scratch']?.[i] ?? 0))
const wanted = heldOut.filter(({ spam }) => spam === 0).length / heldOut.length
const rows = [
  ...Object.entries(results).map(([name, values]) => [name, ...figures(values)]),
  ['gain', ...figures(gains)],
  ['"nothing is spam"', percent(wanted), '–'],
]
const held = history.history.val_loss ?? []
console.log(
  `\nfilling in words, held out: ${held[0]?.toFixed(3)} nats after a tenth, ${held.at(-1)?.toFixed(3)} at the end`,
)
console.log(`${options.labelled} labelled mails, ${options.seeds} seeds\n`)
console.log(table(['held-out mails', 'accuracy', 'spread'], rows))
await writeFile(join(options.output, 'scores.csv'), `${rows.map((row) => row.join(',')).join('\n')}\n`)
