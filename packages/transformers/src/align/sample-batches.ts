import { Dataset } from 'typegrad'
import { optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { Tokenizer } from '../tokenizers/tokenizer.ts'

/** How samples become batches. */
export interface AlignmentDataOptions {
  /** For prompts and answers that are texts. */
  readonly tokenizer?: Tokenizer
  /** Samples a batch. Default 8. */
  readonly batchSize?: number
  /** Whether each reading has an order of its own. Default true. */
  readonly shuffle?: boolean
  /** What the orders are a function of, together with how often the data was read. Default 0. */
  readonly seed?: number
}

export const dataChecks = optionsOf<AlignmentDataOptions>()({
  tokenizer: { expected: 'a Tokenizer', accepts: (value) => value instanceof Tokenizer },
  batchSize: checks.count,
  shuffle: checks.boolean,
  seed: checks.integer,
})

/** Batches that a function makes of so many samples at a time; reading can be gone on with where it stood. */
export function batchesOf<S, B>(
  samples: readonly S[],
  { batchSize = 8, shuffle = true, seed = 0 }: AlignmentDataOptions,
  collate: (batch: readonly S[]) => B,
): Dataset<B> {
  const places = Dataset.fromTensors([Int32Array.from(samples.keys())])
  const ordered = shuffle ? places.shuffle(samples.length, { seed }) : places
  return ordered
    .batch(batchSize)
    .map(async ([chosen]) => collate([...(await chosen.data())].map((place) => samples[Number(place)] as S)))
}
