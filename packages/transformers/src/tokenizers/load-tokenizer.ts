import type { HubOptions } from '@typegrad/hub'
import { folderOf } from '../checkpoint/model-folder.ts'
import type { Tokenizer } from './tokenizer.ts'

/**
 * The tokenizer of a model: `tokenizer.json`, with `tokenizer_config.json`, `special_tokens_map.json` and
 * `chat_template.jinja` if they are there. Node only; elsewhere `Tokenizer.fromFiles` takes what was fetched.
 *
 * @param folderOrHubId a folder on this machine, or the name of a model of the hub, of which the small files alone are
 * downloaded.
 * @throws FormatError for a model without a `tokenizer.json`, and for files that are damaged; of the hub as `fromPretrained`.
 * @example
 * const tokenizer = await loadTokenizer('models/minilm')
 * tokenizer.encode('Cats sleep.').ids
 */
export async function loadTokenizer(folderOrHubId: string, options: HubOptions = {}): Promise<Tokenizer> {
  const folder = await folderOf('loadTokenizer', folderOrHubId, options, 'tokenizer.json')
  const { readTokenizer } = await import('./load-tokenizer.node.ts')
  return await readTokenizer(folder)
}
