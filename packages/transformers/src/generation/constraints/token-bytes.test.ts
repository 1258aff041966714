import { describe, expect, test } from 'vitest'
import { vocabularyOf } from './token-bytes.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('the bytes of tokens', () => {
  test('byte-level: characters stand for bytes, added tokens for themselves, special ones for nothing', () => {
    const vocabulary = vocabularyOf(
      {
        model: { type: 'BPE', vocab: { a: 0, Ġthe: 1, Ċ: 2, 'Ã©': 3, Ã: 4, 'æĹ¥': 5, '!': 6 } },
        decoder: { type: 'Sequence', decoders: [{ type: 'ByteLevel' }] },
        added_tokens: [
          { id: 7, content: '<|end|>', special: true },
          { id: 9, content: '日<think>', special: false },
        ],
      },
      7,
    )
    expect([0, 1, 2, 3, 5, 6, 7, 8, 9].map((id) => text(vocabulary.bytesOf(id)))).toEqual([
      'a',
      ' the',
      '\n',
      'é',
      '日',
      '!',
      '',
      '',
      '日<think>',
    ])
    expect([...vocabulary.bytesOf(4)]).toEqual([0xc3])
    expect(vocabulary.size).toBe(10)
  })

  test('SentencePiece: a mark for the space, bytes by their numbers; unigrams as a list', () => {
    const decoders = [
      {
        type: 'Sequence',
        decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }],
      },
      { type: 'Metaspace', replacement: '▁' },
    ]
    for (const decoder of decoders) {
      const words = ['</s>', '▁the', '<0x0A>', '<0xE6>', 'é▁']
      const vocabulary = vocabularyOf(
        {
          model: { vocab: words.map((word) => [word, -1]) },
          decoder,
          added_tokens: [{ id: 0, content: '</s>', special: true }],
        },
        [0],
      )
      expect([1, 2, 4].map((id) => text(vocabulary.bytesOf(id)))).toEqual([' the', '\n', 'é '])
      expect([...vocabulary.bytesOf(3)]).toEqual([0xe6])
      expect(vocabulary.bytesOf(0).length).toBe(0)
    }
  })

  test.each([
    ['received WordPiece', { model: { vocab: { a: 0 } }, decoder: { type: 'WordPiece' } }, 0],
    ['received none', { model: { vocab: { a: 0 } } }, 0],
    ['words with their ids', { decoder: { type: 'ByteLevel' } }, 0],
    [
      'at least one id below 1, received 3',
      { model: { vocab: { a: 0 } }, decoder: { type: 'ByteLevel' } },
      3,
    ],
    [
      'at least one id below 1, received none',
      { model: { vocab: { a: 0 } }, decoder: { type: 'ByteLevel' } },
      [],
    ],
  ])('refuses others: %s', (message, tokenizer, end) => {
    expect(() => vocabularyOf(tokenizer, end)).toThrow(message)
  })
})
