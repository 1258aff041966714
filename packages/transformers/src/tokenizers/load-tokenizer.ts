import type { Tokenizer } from './tokenizer.ts'

/**
 * The tokenizer of a model's folder: `tokenizer.json`, with `tokenizer_config.json`, `special_tokens_map.json` and
 * `chat_template.jinja` if they are
 * there. Node only; elsewhere `Tokenizer.fromFiles` takes what was fetched.
 *
 * @throws FormatError for a folder without a `tokenizer.json`, and for files that are damaged.
 * @example
 * const tokenizer = await loadTokenizer('models/minilm')
 * tokenizer.encode('Cats sleep.').ids
 */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const { readTokenizer } = await import('./load-tokenizer.node.ts')
  return await readTokenizer(folder)
}
