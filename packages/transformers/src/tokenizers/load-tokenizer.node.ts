import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import { Tokenizer } from './tokenizer.ts'

/** What `loadTokenizer` does. */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  const [tokenizer, config, specialTokens] = await Promise.all(
    ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'].map((name) =>
      readJson(join(folder, name)),
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
  const template = await readText(join(folder, 'chat_template.jinja'))
  return Tokenizer.fromFiles({
    tokenizer,
    ...(config !== undefined && { config }),
    ...(template !== undefined && { config: { ...Object(config), chat_template: template } }),
    ...(specialTokens !== undefined && { specialTokens }),
  })
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new FormatError(
      { where: path, expected: 'a file that can be read', received: (cause as Error).message },
      { cause },
    )
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError({ where: path, expected: 'JSON', received: (cause as Error).message }, { cause })
  }
}
