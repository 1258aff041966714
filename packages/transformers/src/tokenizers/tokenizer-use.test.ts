import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadTokenizer } from './load-tokenizer.ts'
import { checkVocabulary, Tokenizer } from './tokenizer.ts'

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../golden/tokenizers/${name}.json`, import.meta.url), 'utf8'))

const bert = Tokenizer.fromFiles({
  tokenizer: read('bert'),
  config: { pad_token: '[PAD]', cls_token: { content: '[CLS]' }, model_max_length: 16 },
})

test('a batch is filled up on either side, with masks', async () => {
  const batch = bert.encodeBatch(['Hello world', ['Hello', 'you']], { padding: true, padToMultipleOf: 4 })
  const [rows, length] = batch.shape
  expect(rows).toBe(2)
  expect(length % 4).toBe(0)
  const mask = batch.array('attention_mask')
  const ids = batch.array('input_ids')
  for (const [row, encoding] of batch.encodings.entries()) {
    const tokens = encoding.attentionMask.filter((one) => one === 1).length
    for (let i = 0; i < length; i++) {
      expect(mask[row * length + i]).toBe(i < tokens ? 1 : 0)
      if (i >= tokens) expect(ids[row * length + i]).toBe(0)
    }
  }
  expect(batch.encodings[1]?.typeIds).toContain(1)
  const left = bert.encodeBatch(['Hello', 'Hello world and all of you'], {
    padding: true,
    paddingSide: 'left',
  })
  expect(left.encodings[0]?.attentionMask[0]).toBe(0)
  expect(left.encodings[0]?.attentionMask.at(-1)).toBe(1)
  const full = bert.encodeBatch(['Hello'], { padding: 'max_length', truncation: true })
  expect(full.shape).toEqual([1, 16])
  const tensors = full.tensors(['input_ids', 'attention_mask', 'decoder_input_ids'])
  expect(Object.keys(tensors)).toEqual(['input_ids', 'attention_mask'])
  expect(tensors.input_ids?.shape).toEqual([1, 16])
  expect(tensors.input_ids?.dtype).toBe('int32')
  expect(await tensors.input_ids?.data()).toEqual(Int32Array.from(full.encodings[0]?.ids ?? []))
})

test('rows of several lengths are no tensor', () => {
  const batch = bert.encodeBatch(['Hello', 'Hello world'])
  expect(() => batch.tensors()).toThrow(
    /texts of one length .* Fill them up: encodeBatch\(texts, \{ padding: true \}\)/,
  )
})

test('a long document is rows of windows, and each knows its place', () => {
  const document = Array.from({ length: 30 }, (_, i) => `word${i} is here`).join('. ')
  const all = bert.encode(document, undefined, { addSpecialTokens: false })
  const options = { truncation: true, maxLength: 12, stride: 4, overflow: true, padding: true } as const
  const batch = bert.encodeBatch(['short', document], options)
  expect(batch.samples.slice(0, 2)).toEqual([0, 1])
  expect(batch.samples.filter((sample) => sample === 1).length).toBe(batch.encodings.length - 1)
  let covered = 0
  for (const window of batch.encodings.slice(1)) {
    const [range] = window.ranges
    const { start = 0, end = 0 } = range ?? {}
    const own = window.ids.filter((_, i) => window.sequenceIds[i] === 0)
    expect(own).toEqual(all.ids.slice(start, end))
    const offsets = window.offsets.filter((_, i) => window.sequenceIds[i] === 0)
    expect(offsets).toEqual(all.offsets.slice(start, end))
    expect(start).toBe(Math.max(0, covered - (covered === 0 ? 0 : 4)))
    covered = end
  }
  expect(covered).toBe(all.length)
})

test('places are those of JavaScript strings', () => {
  const text = 'Ａ 👍🏽 naïve 𠮷 e\u0301nd'
  const { offsets, tokens } = bert.encode(text, undefined, { addSpecialTokens: false })
  const at = tokens.indexOf('𠮷')
  const found = offsets.map(([start, end]) => text.slice(start, end))
  expect(found.join('')).toBe(text.replaceAll(' ', ''))
  if (at >= 0) expect(found[at]).toBe('𠮷')
  const llama = Tokenizer.fromFiles({ tokenizer: read('llama3') })
  const encoding = llama.encode(text)
  expect(encoding.tokenAt(text.indexOf('nd'))).toBe(
    encoding.offsets.findIndex(([, end]) => end > text.indexOf('nd')),
  )
})

test.each(['llama3', 'llama2', 't5', 'bert', 'clip'])(
  '%s: text comes piece by piece, and never half a character',
  (kind) => {
    const tokenizer = Tokenizer.fromFiles({ tokenizer: read(kind) })
    const { ids } = tokenizer.encode('The café 今天 👩‍👩‍👧 costs 3 € in "New York", 𠮷.')
    const decoder = tokenizer.streamDecoder()
    const pieces = ids.map((id) => decoder.push(id))
    const last = decoder.finish()
    expect([...pieces, last].join('')).toBe(tokenizer.decode(ids, { skipSpecialTokens: true }))
    expect(last).toBe('')
    for (const piece of pieces) expect(piece).not.toMatch(/\ufffd|\p{Cs}/u)
    expect(pieces.filter((piece) => piece !== '').length).toBeGreaterThan(10)
  },
)

test('what a stream lacks at its end is said', () => {
  const tokenizer = Tokenizer.fromFiles({ tokenizer: read('llama3') })
  const decoder = tokenizer.streamDecoder()
  const ids = tokenizer.encode('𠮷', undefined, { addSpecialTokens: false }).ids
  expect(ids.length).toBeGreaterThan(1)
  expect(
    ids
      .slice(0, -1)
      .map((id) => decoder.push(id))
      .join(''),
  ).toBe('')
  expect(decoder.finish()).toBe('\ufffd')
})

test('halves of characters are taken for what UTF-8 has for them', () => {
  const whole = bert.encode('a\ufffdb')
  expect(bert.encode('a\ud83db').ids).toEqual(whole.ids)
})

test('words and ids', () => {
  expect(bert.tokenToId('[SEP]')).toBe(3)
  expect(bert.idToToken(3)).toBe('[SEP]')
  expect(bert.tokenToId('no such word')).toBeUndefined()
  expect(bert.idToToken(1e6)).toBeUndefined()
  expect(bert.specialId('cls_token')).toBe(2)
  expect(bert.padId).toBe(0)
  expect(bert.modelMaxLength).toBe(16)
  expect(bert.specialTokenCount(true)).toBe(3)
  expect(bert.vocabularySize).toBe(bert.vocabulary().size)
  expect(bert.addedTokens.map(({ content }) => content)).toContain('New Day')
})

test('special tokens that only the configuration names are special', () => {
  const tokenizer = Tokenizer.fromFiles({ tokenizer: read('words'), specialTokens: { pad_token: '<new>' } })
  const id = tokenizer.tokenToId('<new>') as number
  expect(id).toBe(Object.keys(read('words').model.vocab).length)
  expect(tokenizer.encode('a<new>').ids.at(-1)).toBe(id)
  expect(tokenizer.decode([id], { skipSpecialTokens: true })).toBe('')
})

test('an embedding that is too small is refused with the words it has no rows for', () => {
  checkVocabulary(bert, bert.largestId + 1)
  expect(() => checkVocabulary(bert, bert.largestId)).toThrow(
    /ids below \d+, .* received 1 tokens with larger ones, up to \d+: "ÉCOLE"/,
  )
})

test('refuses damaged files with the entry that is wrong', () => {
  const from = (change: object) => () => Tokenizer.fromFiles({ tokenizer: { ...read('bert'), ...change } })
  expect(() => Tokenizer.fromFiles({ tokenizer: [] })).toThrow(
    'tokenizer.json: expected an object, received [].',
  )
  expect(from({ model: null })).toThrow('tokenizer.json: model: expected an object')
  expect(from({ model: { type: 'Wordpiece', vocab: {} } })).toThrow(
    /model: type: expected a model: .* Did you mean WordPiece\?/,
  )
  expect(from({ model: { type: 'WordPiece', vocab: { a: -1 } } })).toThrow(
    /model: vocab: expected ids from 0, received "a": -1/,
  )
  expect(from({ model: { type: 'WordPiece', vocab: { a: 1 } } })).toThrow(
    /unk_token: expected a token of the vocabulary, received "\[UNK\]"/,
  )
  expect(from({ model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [['a', 'b'], 'b c'] } })).toThrow(
    /merges: expected words of the vocabulary, received 3 that it lacks: "ab", "bc", "c"/,
  )
  expect(from({ model: { type: 'BPE', vocab: { a: 0 }, merges: ['a'] } })).toThrow(
    /merges\[0\]: expected two words, received "a"/,
  )
  expect(from({ model: { type: 'Unigram', vocab: [['a', -1]], unk_id: 3 } })).toThrow(
    /unk_id: expected a place in the vocabulary of 1, received 3/,
  )
  expect(from({ normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } })).toThrow(
    /precompiled_charsmap: expected a trie/,
  )
  expect(from({ normalizer: { type: 'Nope' } })).toThrow(/normalizer: type: expected a normalizer/)
  expect(from({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(a' }, behavior: 'Isolated' } })).toThrow(
    /expected a closed group/,
  )
  expect(
    from({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(a)\\1' }, behavior: 'Isolated' } }),
  ).toThrow(/without references to groups/)
  expect(
    from({ post_processor: { type: 'TemplateProcessing', single: [], pair: [], special_tokens: {} } }),
  ).toThrow(/expected the sequence A alone/)
  expect(from({ added_tokens: [{ content: 'x' }] })).toThrow(/added_tokens\[0\]: id: expected an id from 0/)
})

test('refuses calls that cannot be meant', () => {
  // @ts-expect-error: several texts go to encodeBatch.
  expect(() => bert.encode(['a'])).toThrow(
    /expected a text, received an array. Several texts go to encodeBatch/,
  )
  expect(() => bert.encode('a', undefined, { truncation: 'only_second' })).toThrow(/a pair for only_second/)
  expect(() =>
    bert.encode('a b c d e f g h', undefined, { truncation: true, maxLength: 6, stride: 4 }),
  ).toThrow(/a stride below 4/)
  const words = Tokenizer.fromFiles({ tokenizer: read('words') })
  expect(() => words.encode('a', undefined, { truncation: true })).toThrow(
    /maxLength, since the configuration has no model_max_length/,
  )
  expect(() => words.encodeBatch(['a', 'a b'], { padding: true })).toThrow(/a tokenizer with a pad_token/)
})

test('a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'typegrad-tokenizer-'))
  try {
    await expect(loadTokenizer(folder)).rejects.toThrow(/expected 'tokenizer.json', received none/)
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(read('bert')))
    writeFileSync(join(folder, 'special_tokens_map.json'), JSON.stringify({ pad_token: '[PAD]' }))
    expect((await loadTokenizer(folder)).padId).toBe(0)
    writeFileSync(join(folder, 'tokenizer_config.json'), '{"pad')
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer_config.json: expected JSON/)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
