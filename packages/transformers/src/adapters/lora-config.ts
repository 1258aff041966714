import { ArgumentError, checkOptions, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { ConfigReader, RawConfig } from '../base/config.ts'
import { checkPattern, type Targets, targetChecks, targetsFromPeft, targetsToPeft } from './targets.ts'

export interface LoraOptions extends Targets {
  /** Rank of the updates: the columns of A and the rows of B. Default 8. */
  readonly rank?: number
  /** Updates are multiplied with alpha / rank. Default: the rank, which is a scale of 1. */
  readonly alpha?: number
  /** The share of what A gets that training drops. Default 0. */
  readonly dropout?: number
  /** Multiplies with alpha / √rank, so that larger ranks learn as fast (Kalajdzievski 2023, https://arxiv.org/abs/2312.03732). Default false. */
  readonly rankStabilized?: boolean
  /** Trains the lengths of the weights' columns apart from their directions (Liu et al. 2024, https://arxiv.org/abs/2402.09353). Default false. */
  readonly dora?: boolean
  /**
   * What A and B begin as: `'default'`, A as PyTorch's Linear and B as zeros; `'gaussian'`, A of normal numbers of deviation
   * 1 / rank; `'pissa'`, the weight's largest singular values, which are taken off the weight (Meng et al. 2024,
   * https://arxiv.org/abs/2404.02948), or `'pissa_niter_4'`, the same by four rounds of randomised subspace iteration.
   */
  readonly initializer?: 'default' | 'gaussian' | 'pissa' | `pissa_niter_${number}`
  /** Ranks of modules that differ, by regular expressions of the ends of their names. Default none. */
  readonly rankPattern?: Readonly<Record<string, number>>
  /** Alphas of modules that differ. Default none. */
  readonly alphaPattern?: Readonly<Record<string, number>>
  /** Which biases are trained: none, all of the model, or those of adapted modules. Default `'none'`. */
  readonly bias?: 'none' | 'all' | 'lora_only'
  /**
   * LoRA+: the learning rate of B is so many times that of A (Hayou et al. 2024, https://arxiv.org/abs/2402.12354, where 16 is
   * recommended). For `adapterMethod`. Default 1.
   */
  readonly plusRatio?: number
}

/** What {@link lora} makes: every option as it holds. */
export interface LoraConfig extends Targets, Required<Omit<LoraOptions, keyof Targets>> {
  readonly kind: 'lora'
}

const isNumbers = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === 'number' && one > 0)

const numbersByPattern = {
  expected: 'positive numbers by patterns, such as { c_attn: 4 }',
  accepts: isNumbers,
}

const pissaRounds = /^pissa_niter_([1-9]\d*)$/

const loraChecks = optionsOf<LoraOptions>()({
  rank: checks.count,
  alpha: checks.positive,
  dropout: {
    expected: 'a number from 0 up to, but not including, 1',
    accepts: (value: unknown) => typeof value === 'number' && value >= 0 && value < 1,
  },
  rankStabilized: checks.boolean,
  dora: checks.boolean,
  initializer: {
    expected: "'default', 'gaussian', 'pissa', or 'pissa_niter_' and a number",
    accepts: (value: unknown) =>
      ['default', 'gaussian', 'pissa'].includes(value as string) || pissaRounds.test(String(value)),
  },
  rankPattern: numbersByPattern,
  alphaPattern: numbersByPattern,
  bias: checks.oneOf('none', 'all', 'lora_only'),
  plusRatio: checks.positive,
  ...targetChecks,
})

/**
 * LoRA: weights stay, and updates of low rank are learnt beside them, W + alpha / rank · A · B. A description for `addAdapter`,
 * in PEFT's terms.
 *
 * Hu et al. 2021, https://arxiv.org/abs/2106.09685
 *
 * @throws ArgumentError for options that are none.
 * @example
 * addAdapter(model, lora({ rank: 8, alpha: 16, targets: ['query', 'value'] }))
 */
export function lora(options: LoraOptions = {}): LoraConfig {
  checkOptions('lora', options, loraChecks)
  const { rank = 8, rankPattern = {}, alphaPattern = {}, ...given } = options
  for (const pattern of [...Object.keys(rankPattern), ...Object.keys(alphaPattern)])
    checkPattern('lora', pattern)
  for (const own of Object.values(rankPattern)) {
    if (Number.isInteger(own)) continue
    throw new ArgumentError({
      where: 'lora: rankPattern',
      expected: 'whole numbers',
      received: String(own),
    })
  }
  return {
    kind: 'lora',
    alpha: rank,
    dropout: 0,
    rankStabilized: false,
    dora: false,
    initializer: 'default',
    bias: 'none',
    plusRatio: 1,
    ...given,
    rank,
    rankPattern,
    alphaPattern,
  }
}

/** Rounds of subspace iteration that a PiSSA initializer asks for; undefined for the exact one, and for others. */
export const pissaRoundsOf = ({ initializer }: LoraConfig): number | undefined => {
  const found = pissaRounds.exec(initializer)
  return found === null ? undefined : Number(found[1])
}

export const isPissa = ({ initializer }: LoraConfig): boolean => initializer.startsWith('pissa')

/** The number that the first fitting pattern has for a module. @param names what the module goes by. */
export const byPattern = (
  patterns: Readonly<Record<string, number>>,
  names: readonly string[],
): number | undefined =>
  Object.entries(patterns).find(([pattern]) =>
    names.some((name) => new RegExp(`^(?:.*\\.)?(?:${pattern})$`).test(name)),
  )?.[1]

/** Rank and scale of a module's update. @param names what the module goes by. */
export function sizesOf(
  config: LoraConfig,
  names: readonly string[],
): { readonly rank: number; readonly scale: number } {
  const rank = byPattern(config.rankPattern, names) ?? config.rank
  const alpha = byPattern(config.alphaPattern, names) ?? config.alpha
  return { rank, scale: alpha / (config.rankStabilized ? Math.sqrt(rank) : rank) }
}

/** PEFT's words for it. */
export const loraToPeft = (config: LoraConfig): RawConfig => ({
  peft_type: 'LORA',
  r: config.rank,
  lora_alpha: config.alpha,
  lora_dropout: config.dropout,
  use_rslora: config.rankStabilized,
  use_dora: config.dora,
  // What A and B begin as tells what is taken off the base.
  init_lora_weights: config.initializer === 'default' ? true : config.initializer,
  rank_pattern: config.rankPattern,
  alpha_pattern: config.alphaPattern,
  bias: config.bias,
  ...targetsToPeft(config),
})

/** Entries of PEFT's that change what is computed, and are not known here: what each has to be. */
const unknown: Readonly<Record<string, readonly unknown[]>> = {
  alora_invocation_tokens: [null],
  arrow_config: [null],
  kasa_config: [null],
  layer_replication: [null],
  lora_bias: [false],
  monteclora_config: [null],
  target_parameters: [null],
  trainable_token_indices: [null],
  use_bdlora: [null, false],
  use_qalora: [false],
  velora_config: [null],
}

/** Initializations of PEFT's after which the base is what it was. */
const plainInitializers: readonly unknown[] = [true, false, 'gaussian', 'eva', 'orthogonal', 'mica']

/** @throws FormatError for what is not known here. */
export function loraFromPeft(reader: ConfigReader): LoraConfig {
  for (const [name, values] of Object.entries(unknown)) {
    const value = reader.raw[name]
    if (value === undefined || values.includes(value)) continue
    throw new FormatError({
      where: reader.at(name),
      expected: values.map((one) => JSON.stringify(one)).join(' or '),
      received: JSON.stringify(value),
      fix: 'This variant of LoRA is not read.',
    })
  }
  const begun = reader.raw.init_lora_weights ?? true
  const isKnownPissa = begun === 'pissa' || (typeof begun === 'string' && pissaRounds.test(begun))
  if (!isKnownPissa && !plainInitializers.includes(begun)) {
    throw new FormatError({
      where: reader.at('init_lora_weights'),
      expected: "true, false, 'gaussian', 'pissa', 'pissa_niter_…', 'eva' or 'orthogonal'",
      received: JSON.stringify(begun),
      fix: 'It has changed the base. In Python, save the adapter as plain LoRA: save_pretrained(folder, path_initial_model_for_weight_conversion=…).',
    })
  }
  const patterns = (name: string): Readonly<Record<string, number>> => {
    const raw = reader.within(name)?.raw ?? {}
    if (isNumbers(raw)) return raw as Readonly<Record<string, number>>
    throw new FormatError({
      where: reader.at(name),
      expected: numbersByPattern.expected,
      received: JSON.stringify(raw),
    })
  }
  return lora({
    rank: reader.count('r', 8),
    alpha: reader.number('lora_alpha', 8),
    dropout: reader.number('lora_dropout', 0),
    rankStabilized: reader.boolean('use_rslora', false),
    dora: reader.boolean('use_dora', false),
    initializer: isKnownPissa ? (begun as 'pissa') : begun === 'gaussian' ? 'gaussian' : 'default',
    rankPattern: patterns('rank_pattern'),
    alphaPattern: patterns('alpha_pattern'),
    bias: reader.oneOf('bias', ['none', 'all', 'lora_only'] as const, 'none'),
    ...targetsFromPeft(reader),
  })
}
