import { Tensor } from 'typegrad'
import { checkOptions } from 'typegrad/core'
import { BeamSearch } from './beam-search.ts'
import { Answer, continueOne, continueRows, type Finish, type Token } from './continuation.ts'
import type { ContinueOptions } from './continue-options.ts'
import { type Decoder, decoderOf, type GenerationModel } from './decoder.ts'
import { EncodedInput } from './encoded-input.ts'
import {
  checkTogether,
  type GenerateOptions,
  generateChecks,
  type PromptOptions,
  promptChecks,
} from './generate-options.ts'
import type { TokenIds } from './prompts.ts'
import { rulesOf, seedOf } from './rules.ts'
import type { Sequences } from './sequences.ts'
import { type Prompts, type Start, startOf } from './start.ts'

/** One answer to a prompt. */
export interface Generated {
  /** Its tokens, without the prompt; a stop token is the last one. */
  readonly ids: readonly number[]
  readonly finish: Finish
  /** The log-probability of each token by the model's own scores, before processors, where it was asked for. */
  readonly logProbs?: readonly number[]
  /** Of a beam: the sum of its tokens' scores over its length's power. */
  readonly score?: number
}

/**
 * Answers prompts of token ids. Several are continued at once, and each is answered as it is alone (but for the last digits
 * of sums; drawn tokens depend on the prompt's place as well).
 *
 * @param model a causal language model, or an encoder–decoder.
 * @param prompts lists of token ids, of any lengths; for an encoder–decoder what its encoder reads: such lists, a tensor
 * (batch, …), or what it has read ({@link EncodedInput}).
 * @returns for each prompt its answers: one, or as many as `sequences` asks for.
 * @throws ArgumentError before anything runs: prompts that are empty, longer than the context or with ids that are none of
 * the model's words, and options that are none or do not go together; the signal's reason.
 * @example
 * const [answers] = await generateIds(model, [[464, 3290]], { maxNewTokens: 20 })
 * answers?.[0]?.ids // the 20 tokens that the model takes for the most likely ones, one after another
 */
export async function generateIds(
  model: GenerationModel,
  prompts: readonly TokenIds[] | Tensor | EncodedInput,
  options: GenerateOptions = {},
): Promise<Generated[][]> {
  const where = 'generateIds'
  checkOptions(where, options, generateChecks)
  checkTogether(where, options)
  options.signal?.throwIfAborted()
  const decoder = decoderOf(model)
  const start = startOf(where, model, decoder, prompts, options)
  const seed = seedOf(options.seed)
  if (options.draft !== undefined) {
    const answers: Generated[][] = []
    for (const [i, alone] of eachAlone(prompts).entries()) {
      const one = startOf(where, model, decoder, alone, options)
      answers.push(await drafted(model, decoder, one, options, [seed, i]))
    }
    return answers
  }
  const begun = { ...(await start.read()), histories: start.histories }
  try {
    const make = (options.beams ?? 1) > 1 ? searched : chosen
    return await make(model, decoder, begun, options, seed)
  } finally {
    begun.sequences.states.release()
  }
}

/**
 * Answers one prompt, and gives each token as soon as it is chosen. Where the loop is left, nothing more is computed.
 *
 * @param prompt a list of token ids; for an encoder–decoder what its encoder reads: such a list, or a tensor (1, …).
 * @throws ArgumentError as {@link generateIds} does; the signal's reason, within a step.
 * @example
 * for await (const { id } of streamIds(model, [464, 3290], { signal: AbortSignal.timeout(1000) })) console.log(id)
 */
export async function* streamIds(
  model: GenerationModel,
  prompt: TokenIds | Tensor,
  options: ContinueOptions & PromptOptions = {},
): AsyncGenerator<Token, void> {
  const where = 'streamIds'
  checkOptions(where, options, promptChecks)
  options.signal?.throwIfAborted()
  const decoder = decoderOf(model)
  const start = startOf(where, model, decoder, prompt instanceof Tensor ? prompt : [prompt], options)
  const { sequences, logits } = await start.read()
  try {
    const answer = answerTo(model, decoder, start.histories[0] as TokenIds, options, [
      seedOf(options.seed),
      0,
      0,
    ])
    yield* continueOne(decoder, sequences, answer, logits[0] as Float32Array, options)
  } finally {
    sequences.states.release()
  }
}

/** Prompts that have been read. */
interface Begun {
  readonly sequences: Sequences
  /** Of each prompt's next word. */
  readonly logits: readonly Float32Array[]
  readonly histories: readonly TokenIds[]
}

function answerTo(
  model: GenerationModel,
  decoder: Decoder,
  history: TokenIds,
  options: ContinueOptions,
  keys: readonly number[],
): Answer {
  return new Answer(history, rulesOf(model, options, history.length, decoder.network.maxPositions), keys)
}

/** Tokens chosen one after another, for all answers at once. */
async function chosen(
  model: GenerationModel,
  decoder: Decoder,
  { sequences, logits, histories }: Begun,
  options: GenerateOptions,
  seed: number,
): Promise<Generated[][]> {
  const { sequences: count = 1, signal } = options
  const rows = histories.flatMap((_, prompt) => new Array<number>(count).fill(prompt))
  const answers = rows.map((prompt, row) =>
    answerTo(model, decoder, histories[prompt] as TokenIds, options, [seed, prompt, row % count]),
  )
  await decoder.rearrange(sequences, rows)
  const scores = rows.map((prompt) => logits[prompt] as Float32Array)
  await continueRows(decoder, sequences, answers, scores, signal)
  return histories.map((_, prompt) => answers.slice(prompt * count, (prompt + 1) * count).map(generatedOf))
}

/** Answers to one prompt, whose tokens a draft proposes. */
async function drafted(
  model: GenerationModel,
  decoder: Decoder,
  { read, histories }: Start,
  options: GenerateOptions,
  keys: readonly number[],
): Promise<Generated[]> {
  const { sequences, logits } = await read()
  const made: Generated[] = []
  for (let i = 0; i < (options.sequences ?? 1); i++) {
    const own = sequences.fork()
    const answer = answerTo(model, decoder, histories[0] as TokenIds, options, [...keys, i])
    for await (const _ of continueOne(decoder, own, answer, logits[0] as Float32Array, options));
    own.states.release()
    made.push(generatedOf(answer))
  }
  return made
}

/** The best answers of a search for each prompt. */
async function searched(
  model: GenerationModel,
  decoder: Decoder,
  { sequences, logits, histories }: Begun,
  options: GenerateOptions,
): Promise<Generated[][]> {
  const { beams = 1, sequences: count = 1, lengthPenalty = 1, earlyStopping = false, signal } = options
  const { maxPositions } = decoder.network
  const searches = histories.map((history) => {
    const rules = rulesOf(model, options, history.length, maxPositions)
    const { tokens } = rules.limit
    return {
      rules,
      search: new BeamSearch(history, { ...rules, beams, lengthPenalty, earlyStopping, tokens }),
    }
  })
  const rows = histories.flatMap((_, prompt) => new Array<number>(beams).fill(prompt))
  await decoder.rearrange(sequences, rows)
  let scores = rows.map((prompt) => logits[prompt] as Float32Array)
  for (;;) {
    signal?.throwIfAborted()
    const steps = searches.map(({ search }, prompt) => {
      const first = prompt * beams
      // Rows of a search that has ended go on with any token.
      if (search.isDone)
        return {
          parents: scores.slice(0, beams).map((_, i) => first + i),
          ids: new Array<number>(beams).fill(0),
        }
      const { parents, ids } = search.step(scores.slice(first, first + beams))
      return { parents: parents.map((parent) => first + parent), ids }
    })
    if (searches.every(({ search }) => search.isDone)) break
    await decoder.rearrange(
      sequences,
      steps.flatMap(({ parents }) => parents),
    )
    scores = await decoder.read(
      sequences,
      steps.flatMap(({ ids }) => ids).map((id) => [id]),
    )
  }
  return searches.map(({ search, rules }) =>
    search.answers.slice(0, count).map(({ ids, score, logProbs }) => ({
      ids,
      score,
      finish: rules.stopIds.has(ids.at(-1) as number) ? ('stop' as const) : rules.limit.finish,
      ...(rules.logProbs && { logProbs }),
    })),
  )
}

function generatedOf({ tokens, finish }: Answer): Generated {
  const logProbs = tokens.flatMap(({ logProb }) => logProb ?? [])
  return {
    ids: tokens.map(({ id }) => id),
    finish: finish as Finish,
    ...(logProbs.length > 0 && { logProbs }),
  }
}

/** Prompts of one each. */
function eachAlone(prompts: Prompts): Prompts[] {
  if (prompts instanceof EncodedInput) return prompts.each()
  if (!(prompts instanceof Tensor)) return prompts.map((prompt) => [prompt])
  const [batch = 0, ...shape] = prompts.shape
  const zeros = shape.map(() => 0)
  return Array.from({ length: batch }, (_, i) => prompts.slice([i, ...zeros], [1, ...shape]))
}
