import { logSumExp } from './choice.ts'
import type { Decoder } from './decoder.ts'
import { type Draft, mostDrafted } from './draft.ts'
import type { LogitsProcessor } from './logits-processor.ts'
import { draw, greedy, seedOfKeys, uniform } from './sampling/sampler.ts'
import type { Sequences } from './sequences.ts'

/** Why an answer ended: a stop token, as many tokens as were asked for, or the end of the model's context. */
export type Finish = 'stop' | 'length' | 'context'

/** A token of an answer. */
export interface Token {
  readonly id: number
  /** Its log-probability by the model's own scores, before processors, where it was asked for. */
  readonly logProb?: number
}

/** What ends answers and chooses their tokens. */
export interface ChoiceRules {
  readonly stopIds: ReadonlySet<number>
  readonly processors: readonly LogitsProcessor[]
  readonly sample: boolean
  readonly logProbs: boolean
  /** How many tokens an answer may have, and what ends it then. */
  readonly limit: { readonly tokens: number; readonly finish: Finish }
}

/** One answer in the making. */
export class Answer {
  /** Prompt and answer. */
  readonly history: number[]
  readonly tokens: Token[] = []
  finish: Finish | undefined
  readonly #rules: ChoiceRules
  readonly #random: () => number

  /** @param keys what its draws are a function of. */
  constructor(prompt: readonly number[], rules: ChoiceRules, keys: readonly number[]) {
    this.history = [...prompt]
    this.#rules = rules
    this.#random = uniform(seedOfKeys(keys))
  }

  /**
   * Chooses the next token.
   *
   * @param logits (words); it is not changed.
   */
  choose(logits: Float32Array): Token {
    const { processors, stopIds, limit, logProbs } = this.#rules
    const scores = processors.length === 0 ? logits : logits.slice()
    for (const processor of processors) processor.process(scores, this.history)
    const id = this.#rules.sample ? draw(scores, this.#random()) : greedy(scores)
    const logProb = logProbs ? (logits[id] as number) - logSumExp(logits) : undefined
    const token: Token = { id, ...(logProb !== undefined && { logProb }) }
    this.history.push(id)
    this.tokens.push(token)
    if (stopIds.has(id)) this.finish = 'stop'
    else if (this.tokens.length >= limit.tokens) this.finish = limit.finish
    return token
  }
}

/**
 * Continues sequences token by token until all answers have ended.
 *
 * @param answers one for each row.
 * @param logits scores of each row's next word.
 */
export async function continueRows(
  decoder: Decoder,
  sequences: Sequences,
  answers: readonly Answer[],
  logits: readonly Float32Array[],
  signal: AbortSignal | undefined,
): Promise<void> {
  let scores = logits
  for (;;) {
    signal?.throwIfAborted()
    // Rows that have ended go on with any token, and nothing looks at them.
    const next = answers.map((answer, row) =>
      answer.finish === undefined ? answer.choose(scores[row] as Float32Array).id : 0,
    )
    if (answers.every(({ finish }) => finish !== undefined)) return
    scores = await decoder.read(
      sequences,
      next.map((id) => [id]),
    )
  }
}

/**
 * Continues one sequence, and gives each token when it is chosen.
 *
 * With a draft, some of its tokens are read together with the one that was chosen last. Each is right as long as the model
 * chooses the same from the scores in front of it; what was read behind the first that is not is written over.
 */
export async function* continueOne(
  decoder: Decoder,
  sequences: Sequences,
  answer: Answer,
  logits: Float32Array,
  { draft, signal }: { readonly draft?: Draft | undefined; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Token, void> {
  signal?.throwIfAborted()
  let token = answer.choose(logits)
  yield token
  while (answer.finish === undefined) {
    signal?.throwIfAborted()
    const { length } = sequences
    const proposed =
      draft !== undefined && decoder.hasRoomForDraft(length)
        ? known(await draft.propose(answer.history), decoder.words())
        : []
    if (proposed.length === 0) {
      const [scores] = await decoder.read(sequences, [[token.id]])
      token = answer.choose(scores as Float32Array)
      yield token
      continue
    }
    const scores = await decoder.readEach(sequences, [token.id, ...proposed])
    for (const [i, each] of scores.entries()) {
      token = answer.choose(each)
      sequences.length = length + i + 1
      yield token
      if (answer.finish !== undefined || token.id !== proposed[i]) break
    }
  }
}

/** A draft up to the first id that the model has no word for. */
function known(ids: readonly number[], words: number): readonly number[] {
  const end = ids.findIndex((id) => !(Number.isInteger(id) && id >= 0 && id < words))
  return ids.slice(0, Math.min(mostDrafted, end === -1 ? ids.length : end))
}
