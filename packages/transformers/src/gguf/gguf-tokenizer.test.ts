import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ggufTokenizer, tokenizerFromGguf } from './gguf-tokenizer.ts'

const golden = (name: string) => fileURLToPath(new URL(`../../golden/${name}`, import.meta.url))

interface Golden {
  readonly texts: readonly string[]
  /** Null where SentencePiece has no answer: it finds no special tokens in texts. */
  readonly ids: Readonly<Record<string, readonly (readonly number[] | null)[]>>
  readonly decoded: Readonly<Record<string, readonly (string | null)[]>>
}

const { texts, ids, decoded } = JSON.parse(readFileSync(golden('gguf-tokenizers.json'), 'utf8')) as Golden

describe('the tokenizer of a file gives the ids of the one that it was written from', () => {
  test.each(['gpt-2', 'llama-bpe', 'qwen2', 'smollm', 'llama'])('%s', async (name) => {
    const tokenizer = await tokenizerFromGguf(golden(`gguf-tokenizer-${name}.gguf`))
    expect(ids[name]?.length).toBe(texts.length)
    for (const [i, row] of (ids[name] ?? []).entries()) {
      if (row === null) continue
      expect(tokenizer.encode(texts[i] as string).ids).toEqual(row)
      expect(tokenizer.decode(row, { skipSpecialTokens: true })).toBe(decoded[name]?.[i])
    }
  })
})

test('a chat has the file’s template', async () => {
  const tokenizer = await tokenizerFromGguf(golden('gguf-tokenizer-llama.gguf'))
  expect(tokenizer.config.chat_template).toBe('{{ bos_token }}{{ messages[0].content }}')
  expect(tokenizer.specialTokens).toEqual({ bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' })
})

test('refuses what is not read', () => {
  const told = { 'tokenizer.ggml.model': 'bert', 'tokenizer.ggml.tokens': ['a', 'b'] }
  const of = (more: object) => () => ggufTokenizer({ ...told, ...more }, 'x.gguf')
  expect(of({})).toThrow(/tokenizer\.ggml\.model: expected 'gpt2' or 'llama', received 'bert'/)
  expect(of({ 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'viking' })).toThrow(
    /tokenizer\.ggml\.pre: expected one of gpt-2, smollm, llama-bpe, qwen2, received 'viking'/,
  )
  expect(of({ 'tokenizer.ggml.tokens': ['a', 'a'] })).toThrow(/each token once/)
})
