import { ArgumentError, checkOptions, hostRandom, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { LanguageSample } from './causal.ts'
import type { TextBlock } from './text-blocks.ts'

/** How much of a text is taken out, and in which pieces. */
export interface NoiseOptions {
  /** The share of tokens that are taken out. Default 0.15. */
  readonly noiseDensity?: number
  /** How many tokens a piece has on average. Default 3. */
  readonly meanSpanLength?: number
}

export interface SpanCorruptionOptions extends NoiseOptions {
  /** What is taken out is a function of this number and of the sample's. Default 0. */
  readonly seed?: number
  /** What the decoder begins with: `decoder_start_token_id` of `config.json`. Default: the padding token. */
  readonly decoderStartTokenId?: number
}

const { integer, positive, share, wholeFrom } = checks
const noiseChecks = optionsOf<NoiseOptions>()({ noiseDensity: share, meanSpanLength: positive })
export const spanCorruptionChecks = optionsOf<SpanCorruptionOptions>()({
  ...noiseChecks,
  seed: integer,
  decoderStartTokenId: wholeFrom(0),
})

/** Python's rounding: halves go to the even number. */
const round = (x: number): number => {
  const below = Math.floor(x)
  const isHalf = x - below === 0.5
  return isHalf ? below + (below % 2) : Math.round(x)
}

/** How many tokens of a text are taken out, in how many spans. */
export function noiseCounts(length: number, { noiseDensity = 0.15, meanSpanLength = 3 }: NoiseOptions) {
  // At least one token is taken out, and one is left.
  const tokens = Math.min(Math.max(round(length * noiseDensity), 1), length - 1)
  const wanted = Math.max(round(tokens / meanSpanLength), 1)
  return { tokens, spans: Math.min(wanted, length - tokens) }
}

/** What a block of so many tokens becomes. */
export interface CorruptedLengths {
  /** Of the blocks. */
  readonly tokens: number
  readonly inputs: number
  readonly labels: number
}

/**
 * The blocks whose inputs have the length that is wanted, or just less, once spans are taken out, and the length of the labels
 * (T5's `random_spans_helper`).
 *
 * @example
 * corruptedLengths(512) // { tokens: 568, inputs: 512, labels: 114 }
 */
export function corruptedLengths(inputs: number, options: NoiseOptions = {}): CorruptedLengths {
  checkOptions('corruptedLengths', options, noiseChecks)
  const of = (tokens: number): CorruptedLengths => {
    const noise = noiseCounts(tokens, options)
    // What is left, a sentinel for each span, and the end; what is taken out, the same sentinels, and the end.
    return { tokens, inputs: tokens - noise.tokens + noise.spans + 1, labels: noise.tokens + noise.spans + 1 }
  }
  let tokens = inputs
  while (of(tokens + 1).inputs <= inputs) tokens += 1
  const found = of(tokens)
  // Labels no longer than inputs, whose length is the round number.
  return options.noiseDensity === 0.5 && found.labels > found.inputs
    ? { ...found, tokens: tokens - 1, labels: found.labels - 1 }
    : found
}

/**
 * Which tokens of a text are taken out: spans of them, between which something is left, with the text's beginning. All masks
 * of these counts are equally likely.
 *
 * @param below a random whole number below a bound.
 */
export function noiseMask(
  length: number,
  options: NoiseOptions,
  below: (bound: number) => number,
): readonly boolean[] {
  const { tokens, spans } = noiseCounts(length, options)
  const noise = segmentLengths(tokens, spans, below)
  const left = segmentLengths(length - tokens, spans, below)
  return left.flatMap((count, i) => [
    ...new Array<boolean>(count).fill(false),
    ...new Array<boolean>(noise[i] as number).fill(true),
  ])
}

/** Cuts so many items into segments of at least one, all ways equally likely: places of cuts are drawn without return. */
function segmentLengths(items: number, segments: number, below: (bound: number) => number): number[] {
  const places = Array.from({ length: items - 1 }, (_, i) => i + 1)
  for (let i = 0; i < segments - 1; i++) {
    const j = i + below(places.length - i)
    const kept = places[i] as number
    places[i] = places[j] as number
    places[j] = kept
  }
  const cuts = [0, ...places.slice(0, segments - 1).sort((a, b) => a - b), items]
  return cuts.slice(1).map((cut, i) => cut - (cuts[i] as number))
}

/**
 * A text with a sentinel in the place of each span of a mask, and the end.
 *
 * @param sentinels the ids of the first, second, … span.
 */
export function withSentinels(
  ids: Int32Array,
  mask: readonly boolean[],
  sentinels: readonly number[],
  end: number,
): Int32Array {
  const kept: number[] = []
  let span = 0
  for (const [i, id] of ids.entries()) {
    if (mask[i] !== true) kept.push(id)
    else if (mask[i - 1] !== true) kept.push(sentinels[span++] as number)
  }
  return Int32Array.from([...kept, end])
}

/**
 * Makes of blocks what T5 learns: spans of tokens are taken out, a sentinel in the place of each, and the decoder writes them,
 * each behind its sentinel. Blocks of `corruptedLengths(inputs).tokens` give inputs of the wanted length.
 *
 * Raffel et al. 2019, section 3.1.4, https://arxiv.org/abs/1910.10683
 *
 * @param sentinel the token of the span with a number, counted from 0. Default T5's: `<extra_id_0>`, …
 * @returns a function of a block and its number in the training, which gives the same for the same.
 * @throws ArgumentError for a tokenizer without an end or without sentinels; while it works, for more spans than there are.
 * @example
 * const { tokens } = corruptedLengths(512)
 * const samples = textBlocks(documents, tokenizer, { length: tokens }).repeat().map(spanCorruption(tokenizer, { seed: 1 }))
 */
export function spanCorruption(
  tokenizer: Tokenizer,
  options: SpanCorruptionOptions = {},
  sentinel: (span: number) => string = (span) => `<extra_id_${span}>`,
): (block: TextBlock, index: number) => LanguageSample {
  const where = 'spanCorruption'
  checkOptions(where, options, spanCorruptionChecks)
  const { seed = 0, decoderStartTokenId = tokenizer.padId ?? 0 } = options
  const end = tokenizer.specialId('eos_token')
  const sentinels: number[] = []
  for (
    let id = tokenizer.tokenToId(sentinel(0));
    id !== undefined;
    id = tokenizer.tokenToId(sentinel(sentinels.length))
  )
    sentinels.push(id)
  if (end === undefined || sentinels.length === 0) {
    throw new ArgumentError({
      where,
      expected: `a tokenizer with an end (eos_token) and sentinels (${sentinel(0)}, ${sentinel(1)}, …)`,
      received: end === undefined ? 'none with an end' : 'none with sentinels',
      fix: 'Add them when the tokenizer is trained: specialTokens.',
    })
  }
  return ({ ids }, index) => {
    const { spans } = noiseCounts(ids.length, options)
    if (spans > sentinels.length) {
      throw new ArgumentError({
        where,
        expected: `at most ${sentinels.length} spans in a block, as many as the tokenizer has sentinels`,
        received: `${spans} in ${ids.length} tokens`,
        fix: 'Take shorter blocks, or a larger meanSpanLength.',
      })
    }
    const mask = noiseMask(ids.length, options, hostRandom(seed, index))
    const inputs = withSentinels(ids, mask, sentinels, end)
    const others = mask.map((isNoise) => !isNoise)
    const labels = withSentinels(ids, others, sentinels, end)
    const decoder = Int32Array.of(decoderStartTokenId, ...labels.subarray(0, -1))
    return { inputs: { input_ids: inputs, decoder_input_ids: decoder }, labels }
  }
}
