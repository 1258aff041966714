import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import { readJsonIfAny, readTextIfAny } from '../base/json-file.node.ts'
import { Tokenizer } from './tokenizer.ts'

/** What `loadTokenizer` does. */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  const [tokenizer, config, specialTokens] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'].map((name) =>
      readJsonIfAny(join(folder, name)),
    ),
  )
  if (tokenizer === undefined) {
    throw new FormatError({
      where: folder,
      expected: "'tokenizer.json'",
      received: 'none',
      fix: 'Older folders have a vocabulary alone. Write it once in Python: AutoTokenizer.from_pretrained(folder).save_pretrained(folder).',
    })
  }
  // Newer folders have the template of chats in a file of its own, which goes first.
  const template = await readTextIfAny(join(folder, 'chat_template.jinja'))
  return Tokenizer.fromFiles({
    tokenizer,
    ...(config !== undefined && { config }),
    ...(template !== undefined && { config: { ...Object(config), chat_template: template } }),
    ...(specialTokens !== undefined && { specialTokens }),
  })
}
