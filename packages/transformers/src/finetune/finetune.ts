/**
 * `finetune/`: a model that is trained further on rows of one's own: data, method, optimizer and schedule around typegrad's
 * `fit`. It knows `tasks/` and all that they know, `quantize/`, and `embeddings/`.
 */
import {
  type BatchStream,
  type CompileOptions,
  Dataset,
  type FitOptions,
  type History,
  type Optimizer,
  optimizers,
  type schedules,
} from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PromptedModel } from '../adapters/prompted-model.ts'
import { identifyBackups } from '../checkpoint/model-identity.ts'
import type { EncodedSample, PreparedTask, Scores, Task, TrainableModel } from '../tasks/task.ts'
import { methodOf } from './choose-method.ts'
import { encodeRow, encodeRows } from './encode-rows.ts'
import { identityOfTraining } from './identity.ts'
import { lengthGroups } from './length-groups.ts'
import type { Method, MethodChoice } from './method.ts'
import type { PlacedRow } from './placed-row.ts'
import { type Columns, placedRows, type RowData } from './rows.ts'
import { type ScheduleName, scheduleOf } from './schedule.ts'

/** What `fit` and `compile` take, but for what the task says: their options mean here what they mean there. */
type Inherited = Omit<FitOptions, 'validationData' | 'sampleWeight' | 'padLengths' | 'allowNaN'> &
  Pick<CompileOptions, 'metrics' | 'gradients' | 'exchange'>

export interface FinetuneOptions<Row, Example, M extends TrainableModel> extends Inherited {
  /** What the model is to learn, such as `tasks.sequenceClassification({ tokenizer })`. */
  readonly task: Task<Row, Example, M>
  /**
   * Which weights learn: `'full'`, all that are not frozen; `'frozen'`, the head alone, on a body that stays frozen; few beside a
   * body that stays, by `lora()`, `qlora()`, `ia3()`, `promptTuning()` or `prefixTuning()`, or by their names, with their
   * defaults; or a method of your own such as `adapted({ targets, adapter })`. Default `'full'`.
   */
  readonly method?: MethodChoice
  /** Rows that the model is evaluated on. Takes precedence over `validationSplit`. Streams are read into memory. */
  readonly validationData?: RowData<NoInfer<Row>>
  /** Which columns of the data are what the task calls them: `{ text: 'review' }`. Default: those of these names. */
  readonly columns?: Columns
  /** A number, or a schedule over the steps. Default: the method's: 2e-5 for `'full'`, 1e-3 for `'frozen'`, 2e-4 for LoRA. */
  readonly learningRate?: number | ReturnType<typeof schedules.getSchedule>
  /** How a learning rate that is a number goes on behind its warm-up. Default `'linear'`, down to 0. */
  readonly schedule?: ScheduleName
  /** Steps in which the learning rate rises from 0; below 1 their share of all steps. Default 0. */
  readonly warmup?: number
  /** The share that each step takes off matrices, times the learning rate; vectors keep theirs. Default 0.01. */
  readonly weightDecay?: number
  /** The length that the gradient of all weights is cut to. Default 1, as in transformers. */
  readonly globalClipnorm?: number
  /** Batches whose gradients are averaged before the weights change. Default: each batch changes them. */
  readonly gradientAccumulationSteps?: number
  /** AdamW's momenta and epsilon. Default 0.9, 0.999 and 1e-8. */
  readonly adam?: Pick<optimizers.AdamWOptions, 'beta1' | 'beta2' | 'epsilon'>
  /**
   * Whether batches are made of examples of similar lengths, which leaves less to fill up where lengths differ much. For rows in
   * memory, and tasks of texts whose examples are independent of each other. Default false.
   */
  readonly groupByLength?: boolean
  /** In the place of AdamW by the options above. */
  readonly optimizer?: Optimizer
  /** Whether the model is scored on the validation's rows before and after the training. Default true. */
  readonly scores?: boolean
}

/** What a fine-tuning has brought. */
export interface Finetuned<M extends TrainableModel = TrainableModel> {
  /** What was trained: the given model, or, where a prompt was learnt, the one behind it. */
  readonly model: M | PromptedModel
  /** The logs of every epoch, as `fit` gives them. */
  readonly history: History
  /** Scores of the validation's rows; undefined where there are none. */
  readonly before: Scores | undefined
  readonly after: Scores | undefined
  /** How many rows of the data were cut off, where the task allows it. */
  readonly truncated: number
  /** How many numbers were trained, and how many the model has. */
  readonly parameters: { readonly trained: number; readonly all: number }
}

const numberOrSchedule = checks.either(checks.positive, checks.named)

const methods: checks.Check<MethodChoice> = {
  expected: "a method, such as 'full', 'lora' or lora({ rank: 8 })",
  accepts: (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
}

const optionChecks = optionsOf<FinetuneOptions<never, never, never>>()({
  task: checks.needed(checks.named),
  method: methods,
  validationData: checks.anything,
  columns: checks.named,
  learningRate: numberOrSchedule,
  schedule: checks.oneOf('constant', 'linear', 'cosine'),
  warmup: checks.notNegative,
  weightDecay: checks.notNegative,
  globalClipnorm: checks.positive,
  gradientAccumulationSteps: checks.count,
  adam: checks.named,
  groupByLength: checks.boolean,
  optimizer: checks.named,
  scores: checks.boolean,
  // Those of fit and compile, which check them again.
  epochs: checks.count,
  batchSize: checks.count,
  verbose: checks.oneOf(0, 1, 2),
  callbacks: checks.list,
  signal: checks.abortSignal,
  initialEpoch: checks.wholeFrom(0),
  validationSplit: checks.share,
  shuffle: checks.boolean,
  classWeight: checks.anything,
  stepsPerEpoch: checks.count,
  validationBatchSize: checks.count,
  validationSteps: checks.count,
  metrics: checks.anything,
  gradients: checks.func,
  exchange: checks.func,
})

/**
 * Trains a model further on rows of one's own, by typegrad's `fit`: everything that `fit` takes is taken here, and the model
 * is trained in place.
 *
 * Rows in memory and files are encoded and checked before the first step; streams as they come. Batches are shuffled anew in
 * each epoch, by the model's random numbers. A training that goes on by `callbacks.backupAndRestore` is refused where its model,
 * method, data, batch or optimizer are others than those of the one that was interrupted.
 *
 * @param model with the head that the task needs, such as `fromPretrained(folder, { className: 'BertForSequenceClassification', strict: false })`.
 * @param data rows as the task has them: in memory, a path of a `.jsonl` or `.csv` file, or a stream.
 * @throws ArgumentError for options that are none and a model that cannot do the task; DataError for rows that are broken or
 * too long, all of them at once, before anything is changed; what `fit` throws.
 * @example
 * const { before, after } = await finetune(model, 'reviews.jsonl', {
 *   task: tasks.sequenceClassification({ tokenizer, truncation: true }),
 *   method: lora({ rank: 8 }),
 *   validationSplit: 0.1,
 *   epochs: 3,
 * })
 * await saveAdapter(model, 'runs/reviews')
 */
export async function finetune<Row, Example, M extends TrainableModel>(
  model: M,
  data: RowData<NoInfer<Row>>,
  options: FinetuneOptions<Row, Example, M>,
): Promise<Finetuned<M>> {
  checkOptions('finetune', options, optionChecks)
  const { batchSize = 32, epochs = 1, signal, callbacks, verbose = 1, shuffle = true } = options
  const method = methodOf(options.method ?? 'full')
  method.check?.(model)
  const learner = (method.learner?.(model) ?? model) as M | PromptedModel
  // Tasks check what they are given.
  const task = options.task.prepare(learner as M)
  const { trained } = task

  const grouped = options.groupByLength === true ? groupedByLength(task, options.task.name) : task
  const read = await completed(task, await readData(task, data, options), batchSize)
  if (options.groupByLength === true && read.training === undefined) {
    throw inMemoryOnly('groupByLength')
  }
  const { training, validation } = read
  const stepsPerEpoch =
    options.stepsPerEpoch ?? (training === undefined ? undefined : Math.ceil(training.length / batchSize))
  const steps = stepsPerEpoch === undefined ? undefined : stepsPerEpoch * epochs

  // What can be refused was: from here on the model changes.
  const makeOptimizer = optimizerMaker(method, steps, options)
  await method.prepare(learner)
  const optimizer = options.optimizer ?? method.optimizer?.(learner, makeOptimizer) ?? makeOptimizer()
  if (options.optimizer === undefined) {
    // Biases, and what normalizations scale and shift by.
    optimizer.excludeFromWeightDecay(trained.trainableWeights.filter(({ shape }) => shape.length < 2))
  }
  const { gradients, exchange, metrics = task.compile.metrics } = options
  trained.compile({
    ...task.compile,
    optimizer,
    ...(metrics !== undefined && { metrics }),
    ...(gradients !== undefined && { gradients }),
    ...(exchange !== undefined && { exchange }),
  })

  await identifyBackups(callbacks, () =>
    identityOfTraining({
      ...{ model: trained, method: options.method ?? 'full', training, batchSize, shuffle, optimizer },
      ...{ task: { ...task, name: options.task.name }, grouped: options.groupByLength === true },
    }),
  )

  const scored = async (): Promise<Scores | undefined> =>
    validation === undefined || options.scores === false
      ? undefined
      : await scoresOf(task, validation, { batchSize: options.validationBatchSize ?? batchSize, signal })
  const before = await scored()
  const seed = Number((await trained.seedGenerator.state.value.data())[0])
  const batches =
    training === undefined
      ? streamedBatches(task, read.stream, batchSize)
      : batchesOf(grouped, training, { batchSize, ...(shuffle && { seed }) })
  const history = await trained.fit(batches, {
    ...{ epochs, verbose },
    ...fitOptionsOf(options),
    ...(stepsPerEpoch !== undefined && { stepsPerEpoch }),
    ...(validation !== undefined && {
      validationData: batchesOf(task, examplesOf(validation), {
        batchSize: options.validationBatchSize ?? batchSize,
      }),
    }),
    ...(signal !== undefined && { signal }),
    ...(callbacks !== undefined && { callbacks }),
  })
  const count = (weights: readonly { readonly shape: readonly number[] }[]): number =>
    weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  return {
    model: learner,
    history,
    before,
    after: await scored(),
    truncated: read.truncated,
    parameters: { trained: count(trained.trainableWeights), all: count(trained.weights) },
  }
}

/** Options of `fit` that go to it as they are. */
function fitOptionsOf({ initialEpoch, classWeight, validationSteps }: Inherited): FitOptions {
  return {
    ...(initialEpoch !== undefined && { initialEpoch }),
    ...(classWeight !== undefined && { classWeight }),
    ...(validationSteps !== undefined && { validationSteps }),
  }
}

/** The data of a training: `training` where it is in memory, `stream` where it is not. */
interface ReadData<Row, Example> {
  readonly training: readonly Example[] | undefined
  readonly stream: () => AsyncIterable<PlacedRow>
  readonly validation: readonly EncodedSample<Row, Example>[] | undefined
  readonly truncated: number
}

async function readData<Row, Example>(
  task: PreparedTask<Row, Example>,
  data: RowData<Row>,
  {
    columns,
    validationData,
    validationSplit = 0,
  }: Pick<FinetuneOptions<Row, Example, never>, 'columns' | 'validationData' | 'validationSplit'>,
): Promise<ReadData<Row, Example>> {
  const given = await placedRows('data', data, columns)
  const held =
    validationData === undefined
      ? undefined
      : await encodeRows(
          'validationData',
          await allRows(await placedRows('validationData', validationData, columns)),
          task,
        )
  if (given.kind === 'stream') {
    if (validationSplit > 0) {
      throw inMemoryOnly('validationSplit', 'Give validationData.')
    }
    return { training: undefined, stream: given.rows, validation: held?.samples, truncated: 0 }
  }
  const { samples, truncated } = await encodeRows('data', given.rows, task)
  // The last rows, as in fit.
  const kept = held === undefined ? Math.floor(samples.length * (1 - validationSplit)) : samples.length
  if (kept === 0) {
    throw new ArgumentError({
      where: 'finetune: validationSplit',
      expected: `a share that leaves rows on both sides of ${samples.length}`,
      received: String(validationSplit),
    })
  }
  return {
    training: packed(task, examplesOf(samples.slice(0, kept))),
    stream: async function* () {},
    validation: held?.samples ?? (kept < samples.length ? samples.slice(kept) : undefined),
    truncated,
  }
}

/** With what is known of examples only once all of them are. @throws ArgumentError for a stream. */
async function completed<Row, Example>(
  task: PreparedTask<Row, Example>,
  read: ReadData<Row, Example>,
  batchSize: number,
): Promise<ReadData<Row, Example>> {
  if (task.complete === undefined) return read
  if (read.training === undefined) {
    throw new ArgumentError({
      where: 'finetune: data',
      expected: 'rows in memory, all of which the task has to see before the first step',
      received: 'a stream',
      fix: 'Read them first: await Array.fromAsync(stream).',
    })
  }
  const training = await task.complete(read.training, batchSize)
  if (read.validation === undefined) return { ...read, training }
  const rest = [...(await task.complete(examplesOf(read.validation), batchSize))]
  const validation = read.validation.map((sample) => ({
    ...sample,
    examples: rest.splice(0, sample.examples.length),
  }))
  return { ...read, training, validation }
}

async function allRows(rows: Awaited<ReturnType<typeof placedRows>>): Promise<readonly PlacedRow[]> {
  if (rows.kind === 'memory') return rows.rows
  const all: PlacedRow[] = []
  for await (const row of rows.rows()) all.push(row)
  return all
}

const examplesOf = <Example>(samples: readonly EncodedSample<unknown, Example>[]): readonly Example[] =>
  samples.flatMap(({ examples }) => examples)

const packed = <Example>(
  task: Pick<PreparedTask<never, Example>, 'pack'>,
  examples: readonly Example[],
): readonly Example[] => task.pack?.(examples) ?? examples

/** @param seed of an order that is another one in each epoch. Default: their own order. */
function batchesOf<Example>(
  task: Pick<PreparedTask<never, Example>, 'collate' | 'batches'>,
  examples: readonly Example[],
  { batchSize, seed }: { readonly batchSize: number; readonly seed?: number },
): BatchStream {
  const all = Dataset.fromAsyncIterable(examples)
  const ordered = seed === undefined ? all : all.shuffle(examples.length, { seed })
  const { batches } = task
  const chosen =
    batches === undefined
      ? ordered.chunk(batchSize)
      : ordered
          .chunk(examples.length)
          .interleave((all) => Dataset.fromAsyncIterable(batches(all, batchSize)), { cycleLength: 1 })
  return chosen.map((batch) => task.collate(batch))
}

/** How many batches of a stream are packed together. */
const packedBatches = 16

function streamedBatches<Row, Example>(
  task: PreparedTask<Row, Example>,
  rows: () => AsyncIterable<PlacedRow>,
  batchSize: number,
): BatchStream {
  const rowsToPack = task.pack === undefined ? 1 : packedBatches * batchSize
  return Dataset.fromGenerator(rows)
    .map((row) => encodeRow('data', row, task).examples)
    .chunk(rowsToPack)
    .interleave((examples) => Dataset.fromAsyncIterable(packed(task, examples.flat())), { cycleLength: 1 })
    .chunk(batchSize)
    .map((chosen) => task.collate(chosen))
}

const inMemoryOnly = (
  option: string,
  fix = 'Read them first: await Array.fromAsync(stream).',
): ArgumentError =>
  new ArgumentError({ where: `finetune: ${option}`, expected: 'rows in memory', received: 'a stream', fix })

/** A task whose batches are of examples of similar lengths. @throws ArgumentError for one whose examples do not go together so. */
function groupedByLength<Row, Example>(
  task: PreparedTask<Row, Example>,
  name: string,
): Pick<PreparedTask<Row, Example>, 'collate' | 'batches'> {
  const { lengthOf } = task
  if (lengthOf === undefined || task.batches !== undefined) {
    throw new ArgumentError({
      where: 'finetune: groupByLength',
      expected: 'a task whose examples have lengths and are independent of each other',
      received: `${name}, ${task.batches === undefined ? 'whose examples have none' : 'which has batches of its own'}`,
      fix: 'Leave it out.',
    })
  }
  return {
    collate: (examples) => task.collate(examples),
    batches: (examples, batchSize) => lengthGroups(examples, batchSize, lengthOf),
  }
}

async function scoresOf<Row, Example>(
  task: PreparedTask<Row, Example>,
  samples: readonly EncodedSample<Row, Example>[],
  { batchSize, signal }: { readonly batchSize: number; readonly signal: AbortSignal | undefined },
): Promise<Scores> {
  if (task.evaluate !== undefined) return await task.evaluate(samples, { batchSize, signal })
  const batches = batchesOf(task, examplesOf(samples), { batchSize })
  return await task.trained.evaluate(batches, { verbose: 0, ...(signal !== undefined && { signal }) })
}

type OptimizerOptions<Row, Example, M extends TrainableModel> = Pick<
  FinetuneOptions<Row, Example, M>,
  | 'optimizer'
  | 'learningRate'
  | 'schedule'
  | 'warmup'
  | 'weightDecay'
  | 'globalClipnorm'
  | 'gradientAccumulationSteps'
  | 'adam'
>

/**
 * AdamW by the options; its epsilon is as small as PyTorch's.
 *
 * @returns a function that makes one with the learning rate times a factor.
 */
function optimizerMaker(
  method: Method,
  steps: number | undefined,
  options: OptimizerOptions<never, never, never>,
): (rateFactor?: number) => Optimizer {
  const { learningRate = method.learningRate, schedule, warmup = 0, weightDecay = 0.01 } = options
  const { globalClipnorm = 1, gradientAccumulationSteps } = options
  if (options.optimizer !== undefined) {
    const beside = (
      [
        'learningRate',
        'schedule',
        'warmup',
        'weightDecay',
        'globalClipnorm',
        'gradientAccumulationSteps',
        'adam',
      ] as const
    ).filter((name) => options[name] !== undefined)
    if (beside.length > 0) throw besideEachOther('optimizer', beside, 'Say it to the optimizer.')
  } else if (typeof learningRate !== 'number') {
    const beside = (['schedule', 'warmup'] as const).filter((name) => options[name] !== undefined)
    if (beside.length > 0) throw besideEachOther('learningRate', beside, 'A schedule says it all.')
  }
  // Made at once: what is wrong with it is said before the model changes.
  const rateOf = (factor: number) =>
    typeof learningRate === 'number'
      ? scheduleOf(schedule ?? 'linear', { rate: learningRate * factor, warmup, steps })
      : learningRate
  if (options.optimizer === undefined) rateOf(1)
  return (factor = 1) => {
    if (typeof learningRate !== 'number' && factor !== 1) {
      throw besideEachOther('learningRate', ['a method with several rates'], 'Give a number.')
    }
    return optimizers.adamw({
      ...{ learningRate: rateOf(factor), weightDecay, globalClipnorm, epsilon: 1e-8, ...options.adam },
      ...(gradientAccumulationSteps !== undefined && { gradientAccumulationSteps }),
    })
  }
}

const besideEachOther = (option: string, others: readonly string[], fix: string): ArgumentError =>
  new ArgumentError({
    where: `finetune: ${option}`,
    expected: `${option} alone`,
    received: `${others.join(', ')} beside it`,
    fix,
  })
