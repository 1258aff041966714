import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapters, callbacks, Dataset, setRandomSeed, type Tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { afterAll, expect, test } from 'vitest'
import { loadAdapter, saveAdapter } from '../adapters/adapter-files.ts'
import { ia3 } from '../adapters/ia3-config.ts'
import { lora } from '../adapters/lora-config.ts'
import { prefixTuning, promptTuning } from '../adapters/prompt-config.ts'
import { loadPrompted, PromptedModel } from '../adapters/prompted-model.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { causalLanguageModelling } from '../tasks/causal-language-modelling.ts'
import { type ClassificationRow, sequenceClassification } from '../tasks/sequence-classification.ts'
import type { Task } from '../tasks/task.ts'
import type { TextExample } from '../tasks/text-batches.ts'
import { modelOf, readTrainings } from '../testing/finetune-golden.ts'
import { dataOf } from '../testing/golden.ts'
import { finetune } from './finetune.ts'
import { adapted, type MethodChoice } from './method.ts'
import { qlora } from './qlora.ts'
import type { Columns, RowData } from './rows.ts'

const golden = readTrainings()
const { model, tokenizer } = await modelOf(golden, 'single')
const task = sequenceClassification({ tokenizer })
const rows = [
  { text: 'what a great film !', label: 'good' },
  { text: 'it was bad .', label: 'bad' },
  { text: 'very good', label: 'good' },
  { text: 'the house is old', label: 'neutral' },
  { text: 'not good', label: 'bad' },
  { text: 'the river', label: 1 },
]
const quiet = { verbose: 0, batchSize: 2 } as const

const folder = mkdtempSync(join(tmpdir(), 'typegrad-finetune-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const written = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const weightsOf = async (one: PretrainedModel): Promise<readonly string[]> =>
  await Promise.all(
    one.checkpointWeights.map(async ({ name, weight }) => `${name} ${(await dataOf(weight.value)).join()}`),
  )
const changed = (before: readonly string[], after: readonly string[]): readonly string[] =>
  after.filter((weight, i) => weight !== before[i]).map((weight) => weight.split(' ', 1)[0] as string)

test('frozen: the head alone learns; adapters learn beside it, and the body keeps its weights', async () => {
  const before = await weightsOf(model)
  const frozen = await finetune(model, rows, { task, method: 'frozen', ...quiet, validationSplit: 0.5 })
  expect(changed(before, await weightsOf(model))).toEqual(['classifier.weight', 'classifier.bias'])
  expect(frozen.parameters.trained).toBe(16 * 3 + 3)
  expect(Object.keys(frozen.after ?? {})).toEqual(['accuracy', 'f1'])

  const other = (await modelOf(golden, 'single')).model
  const method = adapted({ targets: '**/{query,value}/kernel', adapter: adapters.lowRank({ rank: 2 }) })
  const { parameters, history } = await finetune(other, rows, {
    task,
    method,
    ...quiet,
    epochs: 2,
    learningRate: 0.02,
  })
  expect(parameters.trained).toBe(16 * 3 + 3 + 2 * 2 * (16 * 2))
  expect(history.history.loss?.[1]).toBeLessThan(history.history.loss?.[0] ?? 0)
  const names = other.trainableWeights.map(({ name }) => name)
  expect(names.filter((name) => /low_rank/.test(name))).toHaveLength(4)
})

test.each<[string, MethodChoice]>([
  ['lora', lora({ rank: 2 })],
  ['LoRA+', lora({ rank: 2, plusRatio: 4 })],
  ['qlora', qlora({ rank: 2, blockSize: 16 })],
  ['ia3', ia3()],
  ['prompt', promptTuning({ tokens: 3 })],
  ['prefix', prefixTuning({ tokens: 2 })],
])(
  '%s: few numbers learn, the body stays to the bit, and PEFT’s files bring what was learnt',
  async (name, method) => {
    setRandomSeed(2)
    const { model: body, tokenizer: words } = await modelOf(golden, 'language')
    const before = await weightsOf(body)
    const {
      model: trained,
      parameters,
      history,
    } = await finetune(body, [{ text: 'the very old house by the river' }], {
      ...{
        task: causalLanguageModelling({ tokenizer: words }),
        method,
        ...quiet,
        epochs: 6,
        learningRate: 0.05,
      },
    })
    const { loss = [] } = history.history
    expect(loss.at(-1)).toBeLessThan((loss[0] as number) - 0.01)
    expect(parameters.trained).toBeLessThan(0.2 * parameters.all)
    const { model: fresh } = await modelOf(golden, 'language')
    if (name === 'qlora') await qlora({ blockSize: 16 }).prepare(fresh)
    else expect(await weightsOf(body)).toEqual(before)

    const saved = join(folder, name)
    await saveAdapter(trained, saved)
    const isPrompted = trained instanceof PromptedModel
    const loaded = isPrompted ? await loadPrompted(fresh, saved) : fresh
    if (!isPrompted) await loadAdapter(fresh, saved, 'learnt')
    const { ids } = words.encode('the very old house')
    const logitsOf = async (one: PretrainedModel) =>
      await dataOf(
        (await one.predict({ input_ids: [[...ids]], attention_mask: [ids.map(() => 1)] })).logits as Tensor,
      )
    // Programs that were compiled apart may add up in another order.
    expectClose(await logitsOf(loaded), await logitsOf(trained), { scaled: 1e-5 })
  },
)

test('methods by name have their defaults, and those of no use here are refused before anything is changed', async () => {
  const before = await weightsOf(model)
  const { parameters } = await finetune(model, rows, { task, method: 'lora', ...quiet })
  // The head learns beside it, in a copy that is the adapter's.
  expect(parameters.trained).toBe(16 * 3 + 3 + 2 * 2 * (16 * 8))
  expect(await weightsOf(model)).toEqual(before)
  const { model: other } = await modelOf(golden, 'single')
  const refuses = async (method: MethodChoice, message: RegExp) =>
    await expect(finetune(other, rows, { task, method, ...quiet })).rejects.toThrow(message)
  await refuses('promptTuning', /PromptedModel: expected a causal language model, received a BertForSequence/)
  await refuses(lora({ targets: ['c_attn'] }), /lora: targets/)
  await refuses({ kind: 'dora' } as never, /'qlora'.* received {"kind":"dora"}/)
  expect(() => qlora({ initializer: 'pissa' })).toThrow(/singular values/)
  expect(other.trainableWeights.length).toBe(other.weights.length)
})

test('files and streams of rows train as rows in memory do, to the same bits', async () => {
  const trained = async (data: RowData<ClassificationRow>, columns?: Columns) => {
    setRandomSeed(3)
    const { model: fresh } = await modelOf(golden, 'single')
    await finetune(fresh, data, {
      ...{ task, ...quiet, shuffle: false, stepsPerEpoch: 3 },
      ...(columns !== undefined && { columns }),
    })
    return weightsOf(fresh)
  }
  const expected = await trained(rows)
  const lines = rows.map((row) => JSON.stringify(row)).join('\n')
  expect(await trained(written('rows.jsonl', `${lines}\n\n`))).toEqual(expected)
  const table = ['review,stars', ...rows.map(({ text, label }) => `"${text}",${label}`)].join('\r\n')
  expect(await trained(written('rows.csv', table), { text: 'review', label: 'stars' })).toEqual(expected)
  expect(await trained(Dataset.fromAsyncIterable(rows))).toEqual(expected)
})

test('a training that was interrupted goes on to the same bits', async () => {
  const run = async (backupDir: string, stopAfter?: number) => {
    setRandomSeed(5)
    const { model: fresh } = await modelOf(golden, 'single')
    const stop = new AbortController()
    let batches = 0
    await finetune(fresh, rows, {
      ...{ task, ...quiet, epochs: 2, warmup: 0.2, learningRate: 0.01, signal: stop.signal },
      callbacks: [
        callbacks.backupAndRestore({ backupDir, saveFreq: 1 }),
        callbacks.lambdaCallback({
          onTrainBatchEnd: () => {
            if (++batches === stopAfter) stop.abort()
          },
        }),
      ],
    })
    return weightsOf(fresh)
  }
  const whole = await run(join(folder, 'whole'))
  await run(join(folder, 'parts'), 4)
  expect(await run(join(folder, 'parts'))).toEqual(whole)
})

test('a training that goes on with something else is refused, and says what differs', async () => {
  const backupDir = join(folder, 'other')
  const run = async (more: object, given: typeof rows = rows, stopAfter?: number) => {
    setRandomSeed(5)
    const { model: fresh } = await modelOf(golden, 'single')
    const stop = new AbortController()
    await finetune(fresh, given, {
      ...{ task, ...quiet, epochs: 2, learningRate: 0.01, signal: stop.signal, ...more },
      callbacks: [
        callbacks.backupAndRestore({ backupDir, saveFreq: 1, deleteCheckpoint: false }),
        callbacks.lambdaCallback({
          onTrainBatchEnd: (batch) => {
            if (batch + 1 === stopAfter) stop.abort()
          },
        }),
      ],
    })
  }
  await run({}, rows, 1)
  const last = rows.at(-1) as (typeof rows)[number]
  await expect(run({}, [...rows.slice(0, -1), { ...last, text: `${last.text} no` }])).rejects.toThrow(
    /expected the training that was interrupted: data .* examples, .*, received data/,
  )
  // One label within the data: as many rows, of the same lengths.
  const relabelled = rows.map((row, i) => (i === 3 ? { ...row, label: 'bad' } : row))
  await expect(run({}, relabelled)).rejects.toThrow(/interrupted: data .*, received data/)
  await expect(run({ batchSize: 3 })).rejects.toThrow(/interrupted: .*batch "\d+ examples/)
  await expect(run({ method: 'lora' })).rejects.toThrow(/interrupted: .*method "full of/)
  await expect(run({ learningRate: 0.02 })).rejects.toThrow(/interrupted: optimizer/)
  await expect(run({ shuffle: false })).rejects.toThrow(/interrupted: batch/)
  await run({})
})

test('rows that are wrong are told at once, with their places, before anything is changed', async () => {
  const before = await weightsOf(model)
  const refuses = async (data: readonly unknown[] | string, message: RegExp, more = {}) =>
    await expect(finetune(model, data as typeof rows, { task, ...quiet, ...more })).rejects.toThrow(message)
  await refuses(
    [rows[0], { text: 'x', label: 'great' }, { text: '', label: 0 }, 7, { text: 'x', label: 3 }],
    /4 of 5 that are not: data, row 1: expected a class of the model in 'label' \(bad, neutral, good, or 0 to 2\), received "great"; data, row 2: expected text in 'text', received ""; data, row 3: expected an object, received 7; data, row 4: .* received 3/,
  )
  const long = new Array(30).fill('a very old film').join(' ')
  await refuses(
    [rows[0], { text: long, label: 0 }],
    /rows of at most 48 tokens, which the model reads, received 1 of 2 that are longer, the longest data, row 1 with 122\. .*truncation: true/,
  )
  await refuses(
    written('broken.jsonl', '{"text": "a", "label": 0}\n{"text": \n'),
    /JSON in each line, received line 2 \(/,
  )
  await refuses(
    written('short.csv', 'text,label\n"a, b",0\nc\n'),
    /short.csv, line 3: expected a table.* columns length is 2, got 1/,
  )
  await refuses(
    written('open.csv', 'text,label\n"a,0\n'),
    /open.csv, line \d: expected a table.*Quote Not Closed.*line 2/,
  )
  await refuses([], /at least one row, received none/)
  await refuses(rows, /method: expected 'full', 'frozen', .*or a method/, { method: 'dora' })
  await refuses(rows, /optimizer alone, received learningRate beside it/, {
    optimizer: model,
    learningRate: 1,
  })
  await refuses(rows, /warmup: expected fewer steps than the training has, which are 3, received 5/, {
    warmup: 5,
  })
  await refuses(rows, /only options that it has.*Did you mean epochs/, { epoch: 2 })
  async function* stream() {
    yield* rows
  }
  await expect(finetune(model, stream(), { task, ...quiet })).rejects.toThrow(
    /stepsPerEpoch: expected how many batches/,
  )
  const { model: body } = await modelOf(golden, 'answers')
  await expect(finetune(body, rows, { task, ...quiet })).rejects.toThrow(
    /expected a model that gives logits, received BertForQuestionAnswering, which gives end_logits, start_logits\. Choose another head/,
  )
  expect(await weightsOf(model)).toEqual(before)
})

test('batches of similar lengths: every row once an epoch, as in any order, and not for what has no lengths', async () => {
  const { model: fresh } = await modelOf(golden, 'single')
  const told = sequenceClassification({ tokenizer })
  const batches: string[][] = []
  const watched: Task<ClassificationRow, TextExample<readonly number[]>, PretrainedModel> = {
    ...told,
    prepare(one) {
      const prepared = told.prepare(one)
      return {
        ...prepared,
        collate(examples) {
          batches.push(examples.map(({ encoding }) => encoding.ids.join()))
          return prepared.collate(examples)
        },
      }
    },
  }
  await finetune(fresh, rows, { task: watched, ...quiet, groupByLength: true })
  const ids = rows.map(({ text }) => tokenizer.encode(text).ids.join())
  expect(batches.flat().sort()).toEqual(ids.sort())
  // Six rows of 4, 4, 4, 6, 6 and 7 tokens, those around each among them.
  const lengths = batches.map((batch) => batch.map((one) => one.split(',').length).sort())
  expect(lengths.sort()).toEqual([
    [4, 4],
    [4, 6],
    [6, 7],
  ])
  async function* stream() {
    yield* rows
  }
  await expect(
    finetune(fresh, stream(), { task, ...quiet, groupByLength: true, stepsPerEpoch: 1 }),
  ).rejects.toThrow(/groupByLength: expected rows in memory, received a stream/)
  const unmeasured = { ...told, prepare: (one: PretrainedModel) => without(told.prepare(one)) }
  await expect(finetune(fresh, rows, { task: unmeasured, ...quiet, groupByLength: true })).rejects.toThrow(
    /groupByLength: expected a task whose examples have lengths.*received sequence classification, whose examples have none/,
  )
})

const without = <T extends object>(prepared: T): Omit<T, 'lengthOf'> => {
  const { lengthOf: _, ...rest } = prepared as T & { readonly lengthOf?: unknown }
  return rest
}

test('rows that are too long are cut where the task says so, and counted', async () => {
  const long = new Array(30).fill('a very old film').join(' ')
  const { truncated } = await finetune(model, [...rows, { text: long, label: 0 }], {
    ...{
      task: sequenceClassification({ tokenizer, truncation: true, maxLength: 16 }),
      ...quiet,
      method: 'frozen',
    },
  })
  expect(truncated).toBe(1)
})
