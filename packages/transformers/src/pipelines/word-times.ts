import { ArgumentError } from 'typegrad/core'
import type { ConfigReader } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type CrossHead, CrossWeights } from '../generation/cross-weights.ts'
import type { EncodedInput } from '../generation/encoded-input.ts'
import { tokenPositions } from './token-times.ts'

/** When each token was said, by heads of Whisper's decoder that look at what they write. */
export class WordTimes {
  readonly #weights: CrossWeights
  readonly #filterWidth: number

  private constructor(weights: CrossWeights, filterWidth: number) {
    this.#weights = weights
    this.#filterWidth = filterWidth
  }

  /**
   * The same for a model each time: what it compiles is kept.
   *
   * @param config with `alignment_heads` of `generation_config.json`.
   * @throws ArgumentError for a model of which nobody has said which heads these are.
   */
  static of(where: string, model: PretrainedModel, config: ConfigReader): WordTimes {
    const heads = headsOf(where, config)
    const key = JSON.stringify(heads)
    const found = known.get(model)
    if (found?.key === key) return found.times
    const filterWidth = config.count('median_filter_width', 7)
    config.refuse('median_filter_width', 'an odd number', (value) => Number(value ?? 7) % 2 !== 1)
    const weights = new CrossWeights(`${where}: alignment_heads`, model, heads)
    const times = new WordTimes(weights, filterWidth)
    known.set(model, { key, times })
    return times
  }

  /**
   * @param beginning what stood in front of the answer.
   * @param answer with the token that ended it: nothing was heard of the last one, which ends with the one before it.
   * @param frames how many of the input's are of the sound; two are a position.
   * @returns the position at which each token of the answer was said.
   */
  async of(
    input: EncodedInput,
    beginning: readonly number[],
    answer: readonly number[],
    frames: number,
  ): Promise<readonly number[]> {
    const read = answer.slice(0, -1)
    if (read.length === 0) return answer.map(() => 0)
    const weights = await this.#weights.of(input, [...beginning, ...read])
    const heard = weights.map((rows) =>
      rows.slice(beginning.length).map((row) => row.subarray(0, Math.floor(frames / 2))),
    )
    const positions = tokenPositions(heard, this.#filterWidth)
    return [...positions, positions.at(-1) as number]
  }
}

const known = new WeakMap<PretrainedModel, { readonly key: string; readonly times: WordTimes }>()

function headsOf(where: string, config: ConfigReader): readonly CrossHead[] {
  const heads = config.raw.alignment_heads
  const isHead = (head: unknown): head is CrossHead =>
    Array.isArray(head) && head.length === 2 && head.every((at) => Number.isInteger(at) && at >= 0)
  if (Array.isArray(heads) && heads.length > 0 && heads.every(isHead)) return heads
  throw new ArgumentError({
    where: `${where}: returnTimestamps`,
    expected: 'true or false: generation_config.json has no alignment_heads, pairs of a block and a head',
    received: "'word'",
    fix: 'OpenAI published those of its models; model.generationConfig = { ...model.generationConfig, alignment_heads: [[2, 2], …] } tells them.',
  })
}
