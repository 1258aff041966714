/**
 * `embeddings/evaluation/`: how good a sentence encoder is on texts whose likeness is known. It knows `embeddings/`,
 * `pipelines/`, `metrics/` and `tokenizers/`.
 */
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { longestText } from '../../pipelines/parts.ts'
import { predictRows } from '../../pipelines/rows.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { SentenceEncoder } from '../sentence-encoder.ts'

/** A sentence encoder with its tokenizer. */
export interface SentenceParts {
  readonly model: SentenceEncoder
  readonly tokenizer: Tokenizer
}

export interface EmbedTextsOptions {
  /** What each text begins with, such as `'query: '`. Default `''`. */
  readonly prompt?: string | undefined
  /** Texts that run at once. Default 16. */
  readonly batchSize?: number | undefined
  /** Ends the work after the batch that runs: its reason is thrown. Default none. */
  readonly signal?: AbortSignal | undefined
}

const embedChecks = optionsOf<EmbedTextsOptions>()({
  prompt: checks.string,
  batchSize: checks.count,
  signal: checks.abortSignal,
})

/**
 * The vectors of texts, (width) each; texts that are too long lose their ends. Texts of like lengths are embedded together.
 *
 * @example
 * const [vector] = await embedTexts({ model: encoder, tokenizer }, ['How do I load a model?'])
 */
export async function embedTexts(
  { model, tokenizer }: SentenceParts,
  texts: readonly string[],
  options: EmbedTextsOptions = {},
): Promise<readonly Float32Array[]> {
  checkOptions('embedTexts', options, embedChecks)
  const { prompt = '', batchSize = 16, signal } = options
  const longest = longestText({ model, tokenizer })
  const encodings = texts.map((text) =>
    tokenizer.encode(prompt + text, undefined, {
      truncation: true,
      ...(longest !== undefined && { maxLength: longest }),
    }),
  )
  const rows = await predictRows({ model, tokenizer }, encodings, { batchSize, signal }, longest)
  return rows.map((row) => row.whole('sentence_embedding').slice())
}

/** The cosine of the angle between two vectors; 0 where one is 0. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let [product, first, second] = [0, 0, 0]
  for (const [i, x] of a.entries()) {
    const y = b[i] as number
    product += x * y
    first += x * x
    second += y * y
  }
  return first === 0 || second === 0 ? 0 : product / Math.sqrt(first * second)
}
