import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import type { RawConfig } from '../base/config.ts'

/** The files of a model as Hugging Face lays them out. */
export interface ModelFiles {
  /** `config.json`. */
  config(): Promise<RawConfig>
  /** The path of `model.safetensors`, or of the index of several files. */
  weights(): Promise<string>
}

/** A model's folder on this machine. */
export function localFolder(folder: string): ModelFiles {
  return {
    async config() {
      return (await readJson(join(folder, 'config.json'))) as RawConfig
    },
    async weights() {
      const names = await namesIn(folder)
      const found = ['model.safetensors', 'model.safetensors.index.json'].find((name) => names.includes(name))
      if (found !== undefined) return join(folder, found)
      const pickled = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
      throw new FormatError({
        where: folder,
        expected: "'model.safetensors', or 'model.safetensors.index.json' with its files",
        received: pickled === undefined ? names.join(', ') || 'an empty folder' : `'${pickled}'`,
        ...(pickled !== undefined && {
          fix: 'PyTorch’s pickled files run code when they are opened, and are not read. Convert them once in Python: AutoModel.from_pretrained(folder).save_pretrained(folder, safe_serialization=True).',
        }),
      })
    },
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    throw new FormatError({ where: folder, expected: 'a folder with a model', received: 'none' }, { cause })
  }
}

async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new FormatError({ where: path, expected: 'a file', received: 'none' }, { cause })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError({ where: path, expected: 'JSON', received: (cause as Error).message }, { cause })
  }
}
