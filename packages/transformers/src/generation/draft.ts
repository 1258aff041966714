import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { argMax } from './choice.ts'
import { chunks, type Decoder, decoderOf, type GenerationModel } from './decoder.ts'
import type { Sequences } from './sequences.ts'

/**
 * Proposes how a sequence goes on, for a model that checks several tokens in the time of one (Leviathan et al. 2023,
 * https://arxiv.org/abs/2211.17192). The model chooses each token by its own scores, so that a draft changes how long an
 * answer takes, and not the answer.
 */
export interface Draft {
  /**
   * @param history the sequence so far, prompt included.
   * @returns the tokens that are likely to follow: 7 at most are checked. None where there is no guess.
   */
  propose(history: readonly number[]): readonly number[] | Promise<readonly number[]>
}

/** How many tokens are checked beside the one that was chosen last. */
export const mostDrafted = chunks.draft - 1

export interface NGramDraftOptions {
  /** The longest run of tokens that is looked up. Default 3. */
  readonly size?: number
  /** How many tokens are proposed, at most 7. Default 7. */
  readonly tokens?: number
}

const tokens: checks.Check<number> = {
  expected: `a whole number from 1 to ${mostDrafted}`,
  accepts: (value) => checks.count.accepts(value) && (value as number) <= mostDrafted,
}

const nGramChecks = optionsOf<NGramDraftOptions>()({ size: checks.count, tokens })

/**
 * A draft without a model: what followed the last time that the sequence's last tokens occurred in it. It pays where answers
 * repeat their prompts: summaries, code, corrections.
 *
 * Saxena 2023, "Prompt lookup decoding", https://github.com/apoorvumang/prompt-lookup-decoding
 *
 * @example
 * nGramDraft().propose([1, 2, 3, 4, 5, 1, 2, 3]) // [4, 5, 1, 2, 3]
 */
export function nGramDraft(options: NGramDraftOptions = {}): Draft {
  checkOptions('nGramDraft', options, nGramChecks)
  const { size = 3, tokens = mostDrafted } = options
  return {
    propose(history) {
      for (let n = Math.min(size, history.length - 1); n > 0; n--) {
        const end = history.length - n
        for (let at = end - 1; at >= 0; at--) {
          if (!matches(history, at, end, n)) continue
          return history.slice(at + n, at + n + tokens)
        }
      }
      return []
    },
  }
}

function matches(history: readonly number[], a: number, b: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (history[a + i] !== history[b + i]) return false
  return true
}

export interface ModelDraftOptions {
  /** How many tokens are proposed, at most 7. Default 4. */
  readonly tokens?: number
}

const modelDraftChecks = optionsOf<ModelDraftOptions>()({ tokens })

/**
 * A draft by a smaller model with the same tokens, which keeps what it has read from call to call.
 *
 * @throws ArgumentError for a model that does not continue texts.
 * @example
 * await generateIds(large, [[464, 3290]], { draft: modelDraft(small) })
 */
export function modelDraft(model: GenerationModel, options: ModelDraftOptions = {}): Draft {
  checkOptions('modelDraft', options, modelDraftChecks)
  const { tokens = 4 } = options
  const decoder: Decoder = decoderOf(model)
  const most = decoder.network.maxPositions
  let read: number[] = []
  let sequences: Sequences | undefined
  return {
    async propose(history) {
      if (history.length + tokens > most) return []
      sequences ??= decoder.begin([0])
      // What the larger model did not take is written over. The last token is always read again: its scores are wanted.
      const known = Math.min(commonLength(read, history), history.length - 1)
      sequences.length = known
      read = read.slice(0, known)
      const proposed: number[] = []
      let next = history.slice(known)
      while (proposed.length < tokens) {
        const [scores] = await decoder.read(sequences, [next])
        read.push(...next)
        const id = argMax(scores as Float32Array)
        proposed.push(id)
        next = [id]
      }
      return proposed
    },
  }
}

function commonLength(a: readonly number[], b: readonly number[]): number {
  let length = 0
  while (length < a.length && length < b.length && a[length] === b[length]) length++
  return length
}
