import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ignoredLabel } from '../layers/labels.ts'
import { Tokenizer } from '../tokenizers/tokenizer.ts'
import { causalSample } from './causal.ts'
import { masking } from './masked.ts'
import { corruptedLengths, noiseCounts, noiseMask, spanCorruption, withSentinels } from './span-corruption.ts'
import { type TextBlock, textBlocks } from './text-blocks.ts'

/** Words of two tokens each: `ab` is `a`, `##b`. */
const letters = [...'abcdefghijklmnopqrstuvwxyz']
const specials = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '<extra_id_0>', '<extra_id_1>']
const vocab = Object.fromEntries(
  [...specials, ...letters, ...letters.map((l) => `##${l}`)].map((token, id) => [token, id]),
)
const tokenizerWith = (config: Readonly<Record<string, string>>) =>
  Tokenizer.fromFiles({
    tokenizer: {
      version: '1.0',
      added_tokens: specials.map((content, id) => ({
        content,
        id,
        special: true,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
      })),
      pre_tokenizer: { type: 'Whitespace' },
      model: {
        type: 'WordPiece',
        vocab,
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
      },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    },
    config,
  })
const framed = tokenizerWith({
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  mask_token: '[MASK]',
})
const plain = tokenizerWith({ eos_token: '[SEP]', pad_token: '[PAD]' })
const shown = ({ ids, segments, words }: TextBlock) =>
  Array.from(ids, (id, i) => `${framed.idToToken(id)}/${segments[i]}/${words[i]}`).join(' ')

describe('textBlocks', () => {
  const documents = ['ab c', 'd', 'ef gh ij', { text: 'k' }]

  test('contiguous: joined, cut, each next block beginning with what was looked ahead', async () => {
    const blocks = await textBlocks(documents, plain, { length: 4, lookahead: 1 }).toArray()
    expect(blocks.map(({ ids }) => Array.from(ids, (id) => plain.idToToken(id)).join(' '))).toEqual([
      'a ##b c [SEP] d',
      'd [SEP] e ##f g',
      'g ##h i ##j [SEP]',
    ])
    expect(blocks.every(({ segments }) => segments.every((segment) => segment === 1))).toBe(true)
  })

  test('documents: each a segment, in its frame; long ones are cut, the last block is filled up', async () => {
    const blocks = await textBlocks(documents, framed, { length: 9, packing: 'documents' }).toArray()
    expect(blocks.map(shown)).toEqual([
      '[CLS]/1/-1 a/1/0 ##b/1/0 c/1/1 [SEP]/1/-1 [CLS]/2/-1 d/2/2 [SEP]/2/-1 [PAD]/0/-1',
      '[CLS]/1/-1 e/1/0 ##f/1/0 g/1/1 ##h/1/1 i/1/2 ##j/1/2 [SEP]/1/-1 [PAD]/0/-1',
      '[CLS]/1/-1 k/1/0 [SEP]/1/-1 [PAD]/0/-1 [PAD]/0/-1 [PAD]/0/-1 [PAD]/0/-1 [PAD]/0/-1 [PAD]/0/-1',
    ])
    const causal = await textBlocks(documents, plain, {
      length: 4,
      lookahead: 1,
      packing: 'documents',
    }).toArray()
    // Each token of each document, its end too, is the label of the token before, once.
    const labels = causal
      .flatMap((block) => [...causalSample(block, true).labels])
      .filter((id) => id !== ignoredLabel)
    expect(labels.map((id) => plain.idToToken(id)).join(' ')).toBe(
      '##b c [SEP] [SEP] ##f g ##h i ##j [SEP] [SEP]',
    )
  })

  test('single: a document a block, pieces of a long one each in its frame', async () => {
    const blocks = await textBlocks(documents, framed, { length: 5, packing: 'single' }).toArray()
    expect(blocks.map(({ ids }) => Array.from(ids, (id) => framed.idToToken(id)).join(' '))).toEqual([
      '[CLS] a ##b c [SEP]',
      '[CLS] d [SEP] [PAD] [PAD]',
      '[CLS] e ##f g [SEP]',
      '[CLS] ##h i ##j [SEP]',
      '[CLS] k [SEP] [PAD] [PAD]',
    ])
  })

  test('a reading goes on where it stood, shuffled and repeated', async () => {
    const make = () => textBlocks(documents, plain, { length: 2, shuffle: { buffer: 3, seed: 4 } }).repeat(3)
    const whole = await make().toArray()
    expect(whole.slice(0, 6)).not.toEqual(whole.slice(6, 12))
    const iterator = make().iterate()
    for (let i = 0; i < 8; i++) await iterator.next()
    const saved = JSON.stringify(iterator.getState())
    const rest = make().iterate(JSON.parse(saved))
    for (const block of whole.slice(8)) expect((await rest.next()).value).toEqual(block)
  })

  test('refuses what it cannot do', async () => {
    expect(() => textBlocks(documents, framed, { length: 2, packing: 'single' })).toThrow(
      'textBlocks: length: expected more than the 2 special tokens of each text, received 2.',
    )
    expect(() => textBlocks(documents, framed, { length: 4, endToken: '</s>' })).toThrow(
      'textBlocks: endToken: expected a token of the tokenizer, or null for none, received "</s>".',
    )
    await expect(textBlocks([{ body: 'a' }], framed, { length: 4 }).toArray()).rejects.toThrow(
      "textBlocks: document 0: expected a text, or an object with one in its field 'text', received the fields body.",
    )
  })
})

describe('masking', () => {
  const text = Array.from(
    { length: 4000 },
    (_, i) => letters[i % 26] + (letters[(i * 7) % 26] as string),
  ).join(' ')

  test.each([false, true])(
    '15 % of the tokens, of which 80 % are hidden and 10 % are others; whole words: %s',
    async (wholeWords) => {
      const [block] = await textBlocks([text], framed, { length: 8000, packing: 'contiguous' }).toArray()
      const { inputs, labels } = masking(framed, { wholeWords, seed: 3 })(block as TextBlock, 0)
      const { ids, words } = block as TextBlock
      const chosen = [...ids.keys()].filter((i) => labels[i] !== ignoredLabel)
      const read = inputs.input_ids as Int32Array
      // Four standard deviations; words of two tokens are chosen together, and each token has its own fate.
      const near = (share: number, of: number, expected: number) =>
        expect(Math.abs(share - expected)).toBeLessThan(
          4 * Math.sqrt((expected * (1 - expected) * (wholeWords ? 2 : 1)) / of),
        )
      near(chosen.length / ids.length, ids.length, 0.15)
      const mask = framed.specialId('mask_token')
      near(chosen.filter((i) => read[i] === mask).length / chosen.length, chosen.length, 0.8)
      near(chosen.filter((i) => read[i] === ids[i]).length / chosen.length, chosen.length, 0.1 + 0.1 / 52)
      expect(chosen.every((i) => labels[i] === ids[i] && (words[i] as number) >= 0)).toBe(true)
      expect([...ids.keys()].every((i) => labels[i] !== ignoredLabel || read[i] === ids[i])).toBe(true)
      const split = chosen.filter((i) => words[i] === words[i + 1] && labels[i + 1] === ignoredLabel).length
      if (wholeWords) expect(split).toBe(0)
      else expect(split).toBeGreaterThan(100)
    },
  )

  test('is a function of seed and number, and chooses something of each block', async () => {
    const [block] = await textBlocks(['ab'], framed, { length: 6, packing: 'single' }).toArray()
    const mask = masking(framed, { probability: 0.001, seed: 1 })
    const samples = Array.from({ length: 20 }, (_, i) => mask(block as TextBlock, i))
    expect(samples.every(({ labels }) => labels.some((label) => label !== ignoredLabel))).toBe(true)
    expect(mask(block as TextBlock, 7)).toEqual(samples[7])
    expect(new Set(samples.map(({ labels }) => labels.join())).size).toBe(2)
    expect(() => masking(plain)).toThrow('masking: expected a tokenizer with a mask token, received one with')
  })
})

describe('spanCorruption', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../golden/span-corruption.json', import.meta.url), 'utf8'),
  ) as {
    readonly end: number
    readonly firstSentinel: number
    readonly cases: readonly {
      readonly noiseDensity: number
      readonly meanSpanLength: number
      readonly mask: string
      readonly ids: readonly number[]
      readonly inputs: readonly number[]
      readonly labels: readonly number[]
    }[]
  }
  const spansOf = (mask: readonly boolean[]) =>
    mask.filter((isNoise, i) => isNoise && mask[i - 1] !== true).length

  test("inputs and labels are those of Hugging Face's collator, and so are the counts of its masks", () => {
    for (const { ids, inputs, labels, ...one } of golden.cases) {
      const mask = [...one.mask].map((bit) => bit === '1')
      const sentinels = ids.map((_, i) => golden.firstSentinel + i)
      const of = (which: readonly boolean[]) => [
        ...withSentinels(Int32Array.from(ids), which, sentinels, golden.end),
      ]
      expect(of(mask)).toEqual(inputs)
      expect(of(mask.map((isNoise) => !isNoise))).toEqual(labels)
      const counts = { tokens: mask.filter(Boolean).length, spans: spansOf(mask) }
      expect(noiseCounts(ids.length, one)).toEqual(counts)
      const own = noiseMask(ids.length, one, (bound) => Math.floor(bound / 2))
      expect({ tokens: own.filter(Boolean).length, spans: spansOf(own) }).toEqual(counts)
      expect([own[0], own.at(-1), own.length]).toEqual([false, true, ids.length])
    }
  })

  test('all masks are equally likely', () => {
    // 4 of 10 tokens in 2 spans: 3 ways to cut what is taken out, 5 to cut what is left.
    const counts = new Map<string, number>()
    let state = 1
    const below = (bound: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return Math.floor((state / 2 ** 32) * bound)
    }
    for (let i = 0; i < 3000; i++) {
      const mask = noiseMask(10, { noiseDensity: 0.4, meanSpanLength: 2 }, below).map(Number).join('')
      counts.set(mask, (counts.get(mask) ?? 0) + 1)
    }
    expect(counts.size).toBe(15)
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
    expect(chiSquare).toBeLessThan(36.1) // of 14 degrees of freedom, in one of a thousand cases
  })

  test('lengths are those of T5, and samples have them', async () => {
    // t5.data.preprocessors.random_spans_helper, as its tests and the paper's base model have them.
    expect(corruptedLengths(512)).toEqual({ tokens: 568, inputs: 512, labels: 114 })
    const { tokens, inputs, labels } = corruptedLengths(12)
    const t5 = tokenizerWith({ eos_token: '[SEP]', pad_token: '[PAD]' })
    const [block] = await textBlocks(['abcdefghijklmnopqrst'], t5, { length: tokens }).toArray()
    const sample = spanCorruption(t5, { seed: 2 })(block as TextBlock, 5)
    expect(sample.inputs.input_ids?.length).toBe(inputs)
    expect(sample.labels.length).toBe(labels)
    expect([...(sample.inputs.decoder_input_ids ?? [])]).toEqual([t5.padId, ...sample.labels.subarray(0, -1)])
    expect(() =>
      spanCorruption(t5)(
        { ids: new Int32Array(100), segments: new Int32Array(100), words: new Int32Array(100) },
        0,
      ),
    ).toThrow(
      'spanCorruption: expected at most 2 spans in a block, as many as the tokenizer has sentinels, received 5 in 100 tokens.',
    )
  })
})
