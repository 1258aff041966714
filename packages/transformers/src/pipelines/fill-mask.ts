import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { runChecks } from './batched.ts'
import type { TextParts } from './parts.ts'
import type { Row, RunOptions } from './rows.ts'
import { ranked, softmax } from './scores.ts'
import { type TextPipeline, textPipeline } from './text-pipeline.ts'

export interface FillMaskOptions extends RunOptions {
  /** How many words are told for each mask, the likeliest first. Default 5. */
  readonly topK?: number
  /** The only words that are looked at; of those that the vocabulary lacks, the first token. Default all. */
  readonly targets?: readonly string[]
}

const optionChecks = optionsOf<FillMaskOptions>()({
  topK: checks.count,
  targets: {
    expected: 'a list of words',
    accepts: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((word) => typeof word === 'string' && word !== ''),
  },
  ...runChecks,
})

/** A word in a mask's place. */
export interface FilledMask {
  readonly score: number
  /** The token's id. */
  readonly token: number
  readonly tokenText: string
  /** The text with the word in it. */
  readonly sequence: string
}

/** Words in the places of masks: for each text a list of masks, for each of them the likeliest words. */
export type MaskFiller = TextPipeline<string, FillMaskOptions, readonly (readonly FilledMask[])[]>

/** @throws ArgumentError for a tokenizer without a mask. */
export function fillMask(parts: TextParts): MaskFiller {
  const { tokenizer } = parts
  const mask = tokenizer.specialId('mask_token')
  if (mask === undefined) {
    throw new ArgumentError({
      where: 'pipeline: fill-mask',
      expected: 'a tokenizer with a mask_token',
      received: 'one without',
      fix: 'Name it in tokenizer_config.json ("mask_token").',
    })
  }
  return textPipeline<string, FillMaskOptions, readonly (readonly FilledMask[])[]>({
    task: 'fill-mask',
    parts,
    checks: optionChecks,
    expected: `texts with ${tokenizer.specialTokens.mask_token}`,
    texts: (text) => [text],
    encode(text) {
      const encoding = tokenizer.encode(text)
      if (encoding.ids.includes(mask)) return [encoding]
      throw new ArgumentError({
        where: 'fill-mask',
        expected: `${tokenizer.specialTokens.mask_token} in each text`,
        received: JSON.stringify(text),
      })
    },
    decode([row], _, { topK = 5, targets }) {
      const { encoding } = row as Row
      const places = encoding.ids.flatMap((id, place) => (id === mask ? [place] : []))
      const logits = (row as Row).tokens('logits')
      return places.map((place) => {
        const scores = softmax(logits[place] as Float32Array)
        const wanted = targets === undefined ? [...scores.keys()] : targetIds(targets, parts)
        const best = ranked(wanted.map((id) => scores[id] as number)).slice(0, topK)
        return best.map((i) => {
          const token = wanted[i] as number
          const ids = encoding.ids.with(place, token)
          return {
            score: scores[token] as number,
            token,
            tokenText: tokenizer.decode([token]),
            // Of several masks the others stay to be seen.
            sequence: tokenizer.decode(ids, { skipSpecialTokens: places.length === 1 }),
          }
        })
      })
    },
  })
}

function targetIds(targets: readonly string[], { tokenizer }: TextParts): readonly number[] {
  const ids = targets.flatMap(
    (word) =>
      tokenizer.tokenToId(word) ??
      tokenizer.encode(word, undefined, { addSpecialTokens: false }).ids[0] ??
      [],
  )
  return [...new Set(ids)]
}
