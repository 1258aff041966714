import { type Tensor, tensor } from 'typegrad'
import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { runChecks } from './batched.ts'
import { longestText, type TextParts } from './parts.ts'
import type { Row, RunOptions } from './rows.ts'
import { type TextPipeline, textPipeline } from './text-pipeline.ts'

export interface FeatureExtractionOptions extends RunOptions {
  /**
   * What is made of the tokens' states: nothing, their mean, or the first one's. Default `'none'`; a sentence encoder pools
   * by itself, as its folder says.
   */
  readonly pooling?: 'none' | 'mean' | 'cls'
  /** Whether vectors are scaled to length 1. Default false; a sentence encoder does what its folder says. */
  readonly normalize?: boolean
  /** Whether texts that are too long are cut off; else they are refused. Default true for sentence encoders, else false. */
  readonly truncation?: boolean
}

const optionChecks = optionsOf<FeatureExtractionOptions>()({
  pooling: checks.oneOf('none', 'mean', 'cls'),
  normalize: checks.boolean,
  truncation: checks.boolean,
  ...runChecks,
})

/** Vectors of texts: for each text (width), or (tokens, width) without pooling. */
export type FeatureExtractor = TextPipeline<string, FeatureExtractionOptions, Tensor>

export function featureExtraction(parts: TextParts): FeatureExtractor {
  const isSentenceEncoder = parts.model instanceof SentenceEncoder
  const longest = longestText(parts)
  return textPipeline<string, FeatureExtractionOptions, Tensor>({
    task: 'feature-extraction',
    parts,
    checks: isSentenceEncoder ? { ...optionChecks, pooling: ownPooling } : optionChecks,
    expected: 'texts',
    texts: (text) => [text],
    encode: (text, { truncation = isSentenceEncoder }) => [
      parts.tokenizer.encode(text, undefined, {
        truncation,
        ...(longest !== undefined && { maxLength: longest }),
      }),
    ],
    decode([row], _, { pooling = 'none', normalize = false }) {
      const vectors = isSentenceEncoder
        ? [(row as Row).whole('sentence_embedding')]
        : pooled[pooling]((row as Row).tokens('last_hidden_state'))
      const made = normalize ? vectors.map(ofLength1) : vectors
      const width = made[0]?.length ?? 0
      const data = new Float32Array(made.length * width)
      for (const [i, vector] of made.entries()) data.set(vector, i * width)
      const isOne = isSentenceEncoder || pooling !== 'none'
      return tensor(data, { shape: isOne ? [width] : [made.length, width] })
    },
  })
}

type Vectors = readonly Float32Array[]

const pooled: Readonly<Record<'none' | 'mean' | 'cls', (states: Vectors) => Vectors>> = {
  none: (states) => states,
  mean: (states) => [mean(states)],
  cls: (states) => states.slice(0, 1),
}

function mean(vectors: Vectors): Float32Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0)
  for (const vector of vectors) for (const [i, value] of vector.entries()) sum[i] = (sum[i] as number) + value
  return Float32Array.from(sum, (value) => value / vectors.length)
}

function ofLength1(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map((value) => value / length)
}

const ownPooling: checks.Check<'none' | 'mean' | 'cls'> = {
  expected: 'none: a sentence encoder pools as its folder says',
  accepts: () => false,
}
