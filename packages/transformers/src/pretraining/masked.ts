import { ArgumentError, checkOptions, hostRandom, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ignoredLabel } from '../layers/labels.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { LanguageSample } from './causal.ts'
import type { TextBlock } from './text-blocks.ts'

export interface MaskingOptions {
  /** The share of tokens that are to be predicted. Default 0.15. */
  readonly probability?: number
  /** Whether all tokens of a word are chosen together. Default false. */
  readonly wholeWords?: boolean
  /** The shares of the chosen ones that become the mask, and a random token; the others stay. Default 0.8 and 0.1. */
  readonly replace?: { readonly mask: number; readonly random: number }
  /** What is chosen is a function of this number and of the sample's. Default 0. */
  readonly seed?: number
}

const { anything, boolean, integer, share } = checks
export const maskingChecks = optionsOf<MaskingOptions>()({
  probability: share,
  wholeWords: boolean,
  replace: anything,
  seed: integer,
})

/** Steps between 0 and 1 of a random number. */
const resolution = 2 ** 24

/**
 * Makes of blocks what a masked language model learns: some tokens are hidden, and to be found from all others. Special
 * tokens and padding stay. At least one token of a block is chosen, so that each has a loss.
 *
 * Devlin et al. 2018, section 3.1, https://arxiv.org/abs/1810.04805
 *
 * @returns a function of a block and its number in the training, which gives the same for the same.
 * @throws ArgumentError for a tokenizer without a mask token, and shares that are none.
 * @example
 * const samples = blocks.repeat().map(masking(tokenizer, { wholeWords: true, seed: 1 }))
 */
export function masking(
  tokenizer: Tokenizer,
  options: MaskingOptions = {},
): (block: TextBlock, index: number) => LanguageSample {
  checkOptions('masking', options, maskingChecks)
  const { probability = 0.15, wholeWords = false, replace = { mask: 0.8, random: 0.1 }, seed = 0 } = options
  if (!(replace.mask >= 0 && replace.random >= 0 && replace.mask + replace.random <= 1)) {
    throw new ArgumentError({
      where: 'masking: replace',
      expected: 'shares of mask and random from 0 that add up to at most 1',
      received: JSON.stringify(replace),
    })
  }
  const mask = tokenizer.specialId('mask_token')
  if (mask === undefined) {
    throw new ArgumentError({
      where: 'masking',
      expected: 'a tokenizer with a mask token',
      received: `one with ${Object.keys(tokenizer.specialTokens).join(', ') || 'no special tokens'}`,
      fix: "Name it in tokenizer_config.json: { mask_token: '[MASK]' }.",
    })
  }
  const special = new Set(tokenizer.addedTokens.filter((token) => token.special).map(({ id }) => id))
  const ordinary = Int32Array.from(new Set(tokenizer.vocabulary().values())).filter((id) => !special.has(id))
  return ({ ids, segments, words }, index) => {
    const below = hostRandom(seed, index)
    const happens = (share: number): boolean => below(resolution) < share * resolution
    const inputs = ids.slice()
    const labels = new Int32Array(ids.length).fill(ignoredLabel)
    const choose = (i: number): void => {
      labels[i] = ids[i] as number
      const fate = below(resolution) / resolution
      if (fate < replace.mask) inputs[i] = mask
      else if (fate < replace.mask + replace.random) inputs[i] = ordinary[below(ordinary.length)] as number
    }
    const candidates: number[] = []
    let isChosen = false
    for (const [i, word] of words.entries()) {
      if (word < 0 || special.has(ids[i] as number)) continue
      candidates.push(i)
      if (!wholeWords || i === 0 || word !== words[i - 1]) isChosen = happens(probability)
      if (isChosen) choose(i)
    }
    if (candidates.length > 0 && labels.every((label) => label === ignoredLabel))
      choose(candidates[below(candidates.length)] as number)
    return { inputs: { input_ids: inputs, segment_ids: segments }, labels }
  }
}
