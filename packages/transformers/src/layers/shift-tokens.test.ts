import { tensor } from 'typegrad'
import { describe, expect, test } from 'vitest'
import { shiftTokensRight } from './shift-tokens.ts'

const labels = tensor(
  [
    [7, 9, 2, 5],
    [8, 2, -100, -100],
  ],
  { dtype: 'int32' },
)

describe('shiftTokensRight', () => {
  // As transformers.models.bart.modeling_bart.shift_tokens_right has it.
  test('begins with the start token and puts padding where losses look away', async () => {
    const shifted = shiftTokensRight(labels, { padTokenId: 1, decoderStartTokenId: 2 })
    expect(shifted.dtype).toBe('int32')
    expect(await shifted.toArray()).toEqual([
      [2, 7, 9, 2],
      [2, 8, 2, 1],
    ])
  })

  // As transformers.models.mbart.modeling_mbart.shift_tokens_right has it.
  test('begins with the last token that is no padding, where none is given', async () => {
    expect(await shiftTokensRight(labels, { padTokenId: 1 }).toArray()).toEqual([
      [5, 7, 9, 2],
      [2, 8, 2, 1],
    ])
  })

  test('refuses what it cannot use', () => {
    expect(() => shiftTokensRight(tensor([1, 2]), { padTokenId: 1 })).toThrow(
      'shiftTokensRight: expected labels (batch, length), received shape [2].',
    )
    expect(() => shiftTokensRight(labels, { padTokenId: -1 })).toThrow('shiftTokensRight: padTokenId')
  })
})
