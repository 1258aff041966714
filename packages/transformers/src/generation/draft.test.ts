import { expect, test } from 'vitest'
import { nGramDraft } from './draft.ts'

test('what followed the last time that the longest run occurred', () => {
  const draft = nGramDraft({ size: 2, tokens: 3 })
  expect(draft.propose([1, 2, 9, 9, 9, 3, 2, 8, 1, 2])).toEqual([9, 9, 9])
  // The run of two is new, that of one is not: its last place counts.
  expect(draft.propose([2, 7, 5, 2, 6, 4, 2])).toEqual([6, 4, 2])
  expect(draft.propose([1, 2, 3])).toEqual([])
  expect(draft.propose([1])).toEqual([])
  // A run that goes on as itself.
  expect(draft.propose([4, 4, 4])).toEqual([4])
})

test('options that are none', () => {
  expect(() => nGramDraft({ tokens: 8 })).toThrow(/a whole number from 1 to 7, received 8/)
  expect(() => nGramDraft({ size: 0 })).toThrow(/size/)
})
