import {
  type Callback,
  callbacks,
  type Dataset,
  type History,
  losses,
  type Optimizer,
  optimizers,
  type Variable,
  type WeightFilter,
} from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { Checksum } from '../base/checksum.ts'
import { identityOf } from '../checkpoint/model-identity.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { ignoredLabel } from '../layers/labels.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { LanguageSample } from './causal.ts'
import { flopsPerToken } from './flops.ts'
import { type Decay, decays, learningRateOf } from './learning-rate.ts'
import type { MaskingOptions } from './masked.ts'
import { type Objective, objectiveOf } from './objective.ts'
import type { TextRow } from './rows.ts'
import type { SpanCorruptionOptions } from './span-corruption.ts'
import { type Packing, type TextBlock, textBlocks } from './text-blocks.ts'
import { throughput } from './throughput.ts'
import { type WriteSamplesOptions, writeSamples } from './write-samples.ts'

/** Documents that can be read again and again. */
export type Documents =
  | Dataset<TextRow>
  | AsyncIterable<TextRow>
  | Iterable<TextRow>
  | (() => AsyncIterable<TextRow> | Iterable<TextRow>)

export interface PretrainOptions {
  readonly tokenizer: Tokenizer
  /** Tokens that the network reads of each row. */
  readonly length: number
  /** Rows of a batch. */
  readonly batchSize: number
  /** How often the weights change. */
  readonly steps: number
  /** How documents fill rows, as `textBlocks` has it. Default `'documents'`; `'contiguous'` for encoder–decoders. */
  readonly packing?: Packing
  /** Rows that are held to mix them. Default 1,000; 0 leaves them in their order. */
  readonly shuffleBuffer?: number
  /** Which field of a row of a table has the text. Default `'text'`. */
  readonly field?: string
  /** Order, masks and spans are functions of it. Default 0. */
  readonly seed?: number
  /** What a masked language model is asked for: see `masking`. */
  readonly masking?: Omit<MaskingOptions, 'seed'>
  /** What an encoder–decoder is asked for: see `spanCorruption`. */
  readonly spans?: Omit<SpanCorruptionOptions, 'seed'>
  /** The highest learning rate. Default 6e-4. */
  readonly learningRate?: number
  /** Steps in which it rises from 0. Default a hundredth of all. */
  readonly warmupSteps?: number
  /** How it falls: along half a cosine, a line, with the root of the steps, in the last tenth, or not. Default `'cosine'`. */
  readonly decay?: Decay
  /** What is left of it at the end, as a share. Default 0.1. */
  readonly finalShare?: number
  /** The share of a weight, times the learning rate, that each step takes off. Default 0.1. */
  readonly weightDecay?: number
  /** Which weights it leaves alone. Default: those of one axis or none, which are biases and scales of normalizations. */
  readonly noDecay?: WeightFilter
  /** Of AdamW. Default 0.9. */
  readonly beta1?: number
  /** Of AdamW. Default 0.95. */
  readonly beta2?: number
  /** The norm that all gradients together are scaled down to. Default 1; null for none. */
  readonly clip?: number | null
  /** Batches whose gradients are averaged for a step. Default 1. */
  readonly accumulation?: number
  /**
   * How much of a moving average of the weights each step keeps, spread over its batches. The model is evaluated, writes samples
   * and ends with the averages. Default: none.
   */
  readonly ema?: number
  /** What AdamW keeps its means as between steps: see `optimizers.adam`. Default float32. */
  readonly stateDType?: 'float32' | 'float16' | 'bfloat16'
  /** An optimizer instead of AdamW with all of these options, which then cannot be given. Default none. */
  readonly optimizer?: Optimizer
  /** Whether blocks are computed again for the gradients. Default: as the model says (`recomputeBlocks`). */
  readonly recompute?: boolean
  /** Documents that the model is evaluated on; masks and spans are the same each time. Default none. */
  readonly validation?: Documents
  /** Batches of them. Default: all. */
  readonly validationBatches?: number
  /** After how many steps the model is evaluated, writes samples, and its logs are kept: an epoch. Default a tenth of all. */
  readonly every?: number
  /** What a causal model goes on with then: see `writeSamples`. Default nothing. */
  readonly samples?: WriteSamplesOptions
  /** Where the training is kept while it lasts, and after how many batches. A training that finds itself there goes on. */
  readonly checkpoint?: { readonly folder: string; readonly every?: number; readonly keep?: boolean }
  /** Whether tokens a second, utilisation and energy are told: see `throughput`. Default true. */
  readonly throughput?: boolean
  /** Whether the model goes back where the loss leaps, and how: see `callbacks.rollbackOnSpike`. Default true. */
  readonly rollback?: boolean | callbacks.RollbackOnSpikeOptions
  /** What else happens at each moment. Default nothing. */
  readonly callbacks?: readonly Callback[]
  /** As in `fit`. Default 1. */
  readonly verbose?: 0 | 1 | 2
  /** Ends the training after the current batch. */
  readonly signal?: AbortSignal
}

const { abortSignal, anything, boolean, count, either, integer, list, needed, notNegative, oneOf } = checks
const { orNull, positive, share, string, wholeFrom } = checks
const pretrainChecks = optionsOf<PretrainOptions>()({
  tokenizer: needed(anything),
  length: needed(count),
  batchSize: needed(count),
  steps: needed(count),
  packing: oneOf('contiguous', 'documents', 'random', 'single'),
  shuffleBuffer: wholeFrom(0),
  field: string,
  seed: integer,
  masking: anything,
  spans: anything,
  learningRate: positive,
  warmupSteps: wholeFrom(0),
  decay: oneOf(...decays),
  finalShare: share,
  weightDecay: notNegative,
  noDecay: anything,
  beta1: share,
  beta2: share,
  clip: orNull(positive),
  accumulation: count,
  ema: share,
  stateDType: oneOf('float32', 'float16', 'bfloat16'),
  optimizer: anything,
  recompute: boolean,
  validation: anything,
  validationBatches: count,
  every: count,
  samples: anything,
  checkpoint: anything,
  throughput: boolean,
  rollback: either(boolean, anything),
  callbacks: list,
  verbose: oneOf(0, 1, 2),
  signal: abortSignal,
})
const checkpointChecks = optionsOf<NonNullable<PretrainOptions['checkpoint']>>()({
  folder: needed(string),
  every: count,
  keep: boolean,
})

/** What AdamW is made by. */
const adamOptions = [
  ...(['learningRate', 'warmupSteps', 'decay', 'finalShare', 'weightDecay', 'noDecay'] as const),
  ...(['beta1', 'beta2', 'clip', 'ema', 'stateDType'] as const),
]

/** What a training has told. */
export interface Pretrained {
  /** Logs of each epoch, which is `every` steps. */
  readonly history: History
  /** Where the loss leapt, and the model went back. */
  readonly rollbacks: readonly callbacks.Rollback[]
}

/**
 * Teaches a language model to predict running text: a decoder its next tokens, an encoder those that are hidden, an
 * encoder–decoder the spans that were taken out. It is `fit` over `textBlocks`, with AdamW, a warm-up and a decay of the
 * learning rate; what `fit` can do it can do as well, by `callbacks`.
 *
 * Killed and started again with the same options and documents, it goes on from its checkpoint and ends with the same bits,
 * even within an accumulation. A checkpoint of another model, other documents or another batch is refused, with all that
 * differs.
 *
 * @param model learns in place.
 * @param documents texts or rows with a field of text, that can be read again and again: a file's, by `textFiles`.
 * @throws ArgumentError, before anything runs, for options that are none or do not go together, and lengths that the model
 * cannot tell apart; DataError for documents that are none; StateError for a checkpoint of another training.
 * @example
 * const { history } = await pretrain(model, textFiles(['corpus']), {
 *   tokenizer,
 *   length: 256,
 *   batchSize: 16,
 *   steps: 10_000,
 *   validation: textFiles(['held-out.txt']),
 *   samples: { prompts: ['Once upon'] },
 *   checkpoint: { folder: 'runs/tiny', every: 500 },
 * })
 */
export async function pretrain(
  model: PretrainedModel,
  documents: Documents,
  options: PretrainOptions,
): Promise<Pretrained> {
  const where = 'pretrain'
  checkOptions(where, options, pretrainChecks)
  const {
    tokenizer,
    length,
    batchSize,
    steps,
    accumulation = 1,
    seed = 0,
    verbose,
    signal,
    checkpoint,
  } = options
  if (checkpoint !== undefined) checkOptions(`${where}: checkpoint`, checkpoint, checkpointChecks)
  const isSequenceToSequence = 'decode' in model.network
  const packing = options.packing ?? (isSequenceToSequence ? 'contiguous' : 'documents')
  const objective = objectiveOf(model, tokenizer, {
    length,
    packing,
    masking: { ...options.masking, seed },
    spans: { ...options.spans, seed },
  })
  checkTogether(model, packing, objective, options)

  const view = new PretrainedModel(model.config, undefined, {
    network: model.network,
    inputs: objective.inputs,
  })
  if (options.recompute !== undefined) model.recomputeBlocks = options.recompute
  const optimizer = options.optimizer ?? optimizerOf(options)
  if (options.optimizer === undefined) {
    const kept = options.noDecay ?? ((_path: string, weight: Variable) => weight.shape.length < 2)
    optimizer.excludeFromWeightDecay(view.weightsWhere(kept))
  }
  view.compile({
    optimizer,
    loss: { logits: losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: ignoredLabel }) },
  })

  const { field = 'text', shuffleBuffer = 1000, validation, validationBatches } = options
  const layout = { length: objective.length, lookahead: objective.lookahead, field }
  const buffered = shuffleBuffer > 0 && packing !== 'random' ? { buffer: shuffleBuffer } : {}
  // Made anew for each use: a data set that was read once has another order the next time.
  const blocksOf = () =>
    textBlocks(documents, tokenizer, { ...layout, packing, shuffle: { seed, ...buffered } })
  const batches = batched(blocksOf().repeat(), objective, batchSize)
    .take(steps * accumulation)
    .prefetch(2)
  const held =
    validation &&
    textBlocks(validation, tokenizer, { ...layout, packing: packing === 'random' ? 'contiguous' : packing })

  const guard =
    options.rollback === false ? undefined : callbacks.rollbackOnSpike(guardOptions(options.rollback))
  const every = (options.every ?? Math.max(1, Math.floor(steps / 10))) * accumulation
  const tokensPerBatch = batchSize * length
  const speed =
    options.throughput === false
      ? undefined
      : throughput({
          tokensPerBatch,
          flopsPerToken: objective.name === 'spans' ? undefined : flopsPerToken(model, length),
        })
  const backup =
    checkpoint &&
    callbacks.backupAndRestore({
      backupDir: checkpoint.folder,
      saveFreq: checkpoint.every ?? 'epoch',
      deleteCheckpoint: checkpoint.keep !== true,
      identity: {
        model: identityOf(model),
        data: await checksumOf(batched(blocksOf(), objective, batchSize)),
        batch: `${batchSize} rows of ${length} tokens, ${accumulation} a step`,
        steps,
        packing,
        every: every / accumulation,
        optimizer: optimizer.getConfig(),
      },
    })
  const history = await view.fit(batches, {
    epochs: Math.ceil((steps * accumulation) / every),
    stepsPerEpoch: every,
    ...(held !== undefined && { validationData: batched(held, objective, batchSize, false) }),
    ...(validationBatches !== undefined && { validationSteps: validationBatches }),
    ...(verbose !== undefined && { verbose }),
    ...(signal !== undefined && { signal }),
    padLengths: false,
    callbacks: [
      ...(guard === undefined ? [] : [guard]),
      ...(speed === undefined ? [] : [speed]),
      // Evaluations, samples and what else happens at the end of an epoch see the averages.
      ...(optimizer.useEma ? [callbacks.swapEMAWeights({ swapOnEpoch: true })] : []),
      ...(options.samples === undefined ? [] : [writeSamples(model, tokenizer, options.samples)]),
      ...(options.callbacks ?? []),
      ...(backup === undefined ? [] : [backup]),
    ],
  })
  if (speed?.energyMissing !== undefined && (verbose ?? 1) > 0)
    console.log(`typegrad: the energy is not told: ${speed.energyMissing}.`)
  return { history, rollbacks: guard?.rollbacks ?? [] }
}

/** Batches `[x, y]` of samples, as `fit` takes them. */
function batched(
  blocks: Dataset<TextBlock>,
  { sampleOf }: Objective,
  batchSize: number,
  dropRemainder = true,
) {
  const pair = ({ inputs, labels }: LanguageSample) => [inputs, { logits: labels }] as const
  return blocks.map((block, index) => pair(sampleOf(block, index))).batch(batchSize, { dropRemainder })
}

/** A number of the first batch: another one for other documents, tokenizers, seeds and ways to cut. */
async function checksumOf(batches: ReturnType<typeof batched>): Promise<string> {
  const unread = batches.getState()
  for await (const [inputs, { logits }] of batches) {
    const sum = new Checksum()
    for (const part of [...Object.values(inputs), logits]) sum.add(await part.data())
    // As if nothing had been read: the orders of shuffled documents go on with each reading.
    batches.iterate(unread)
    return `${sum}`
  }
  return 'none'
}

const guardOptions = (rollback: PretrainOptions['rollback']): callbacks.RollbackOnSpikeOptions =>
  typeof rollback === 'object' ? rollback : {}

function optimizerOf(options: PretrainOptions): Optimizer {
  const { learningRate = 6e-4, steps, warmupSteps = Math.ceil(steps / 100), decay = 'cosine' } = options
  const {
    finalShare = 0.1,
    weightDecay = 0.1,
    beta1 = 0.9,
    beta2 = 0.95,
    clip = 1,
    accumulation = 1,
    ema,
  } = options
  return optimizers.adamw({
    learningRate: learningRateOf({ learningRate, warmupSteps, decay, finalShare, steps, accumulation }),
    weightDecay,
    beta1,
    beta2,
    epsilon: 1e-8,
    ...(clip !== null && { globalClipnorm: clip }),
    ...(accumulation > 1 && { gradientAccumulationSteps: accumulation }),
    ...(ema !== undefined && { useEma: true, emaMomentum: ema ** (1 / accumulation) }),
    ...(options.stateDType !== undefined && { stateDType: options.stateDType }),
  })
}

/** @throws ArgumentError for what does not go together. */
function checkTogether(
  model: PretrainedModel,
  packing: Packing,
  objective: Objective,
  options: PretrainOptions,
): void {
  const refuse = (name: string, expected: string, received: string, fix?: string): never => {
    throw new ArgumentError({
      where: `pretrain: ${name}`,
      expected,
      received,
      ...(fix !== undefined && { fix }),
    })
  }
  const { network } = model
  const most = 'maxPositions' in network ? Number(network.maxPositions) : Number.POSITIVE_INFINITY
  if (options.length > most)
    refuse(
      'length',
      `at most ${most} tokens, which are all that ${network.className} can tell apart`,
      String(options.length),
    )
  if (!objective.packings.includes(packing))
    refuse('packing', `one of ${objective.packings.join(', ')} for ${network.className}`, `'${packing}'`)
  const words = Number(model.config.vocab_size)
  if (options.tokenizer.largestId >= words) {
    const fix = `Make the model with vocab_size: ${options.tokenizer.largestId + 1}.`
    refuse(
      'tokenizer',
      `ids below the model's vocab_size ${words}`,
      `ids up to ${options.tokenizer.largestId}`,
      fix,
    )
  }
  const { optimizer, accumulation = 1 } = options
  if (optimizer !== undefined) {
    const beside = adamOptions.filter((name) => options[name] !== undefined)
    if (beside.length > 0)
      refuse(beside.join(', '), 'none beside an optimizer', 'both', 'Give them to the optimizer.')
    const own = optimizer.gradientAccumulationSteps ?? 1
    if (own !== accumulation)
      refuse(
        'accumulation',
        `${own}, as the optimizer has it (gradientAccumulationSteps)`,
        String(accumulation),
      )
  }
  if (options.samples !== undefined && objective.name !== 'causal')
    refuse('samples', 'none for a model that does not go on with texts', `some for ${network.className}`)
  if ((options.warmupSteps ?? 0) >= options.steps)
    refuse('warmupSteps', `fewer than all ${options.steps} steps`, String(options.warmupSteps))
}
