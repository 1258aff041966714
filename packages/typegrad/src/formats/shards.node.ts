import { readdir, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'

export const baseName = (path: string): string => basename(path)

/** Removes a file, if there is one. */
export const remove = (path: string): Promise<void> => rm(path, { force: true })

/** The names of all files beside `path` that are shards of a checkpoint of this name. */
export async function shardsBeside(path: string): Promise<string[]> {
  const name = basename(path).replace(/\.safetensors$/, '')
  const isShard = (file: string) =>
    file.startsWith(`${name}-`) && /^-\d{5}-of-\d{5}\.safetensors$/.test(file.slice(name.length))
  return (await readdir(dirname(path))).filter(isShard)
}
