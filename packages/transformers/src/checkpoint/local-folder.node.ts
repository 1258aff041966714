import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { readJson } from '../base/json-file.node.ts'

/** The files of a model as Hugging Face lays them out. */
export interface ModelFiles {
  /** `config.json`. */
  config(): Promise<RawConfig>
  /** `generation_config.json`; undefined where there is none. */
  generationConfig(): Promise<RawConfig | undefined>
  /** The path of `model.safetensors`, or of the index of several files. */
  weights(): Promise<string>
}

/** A model's folder on this machine. */
export function localFolder(folder: string): ModelFiles {
  return {
    async config() {
      return await readConfig(join(folder, 'config.json'))
    },
    async generationConfig() {
      const path = join(folder, 'generation_config.json')
      return (await namesIn(folder)).includes('generation_config.json') ? await readConfig(path) : undefined
    },
    async weights() {
      const names = await namesIn(folder)
      const found = weightsFileOf(names)
      if (found === undefined) throw noWeights(folder, names)
      return join(folder, found)
    },
  }
}

/** Which of a model's files its weights are read from. */
export const weightsFileOf = (names: readonly string[]): string | undefined =>
  ['model.safetensors', 'model.safetensors.index.json'].find((name) => names.includes(name))

/** What to do about a model whose weights are not as safetensors. @param where its folder, or its page. */
export function noWeights(where: string, names: readonly string[]): FormatError {
  const pickled = names.find((name) => /\.(bin|pt|pth|ckpt)$/.test(name))
  return new FormatError({
    where,
    expected: "'model.safetensors', or 'model.safetensors.index.json' with its files",
    received: pickled === undefined ? names.join(', ') || 'an empty folder' : `'${pickled}'`,
    ...(pickled !== undefined && {
      fix: 'PyTorch’s pickled files run code when they are opened, and are not read. Convert them once in Python: AutoModel.from_pretrained(folder).save_pretrained(folder).',
    }),
  })
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (cause) {
    throw new FormatError({ where: folder, expected: 'a folder with a model', received: 'none' }, { cause })
  }
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

/** Whether a folder has a file of this name. */
export const hasFile = (folder: string, name: string): Promise<boolean> =>
  stat(join(folder, name)).then(
    (found) => found.isFile(),
    () => false,
  )

const readConfig = async (path: string): Promise<RawConfig> =>
  new ConfigReader(await readJson(path), path).raw
