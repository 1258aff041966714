import { realpathSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentError } from 'typegrad/core'
import { byCodePoints, type Directory, type FoundFile } from './labelled-files.ts'

/**
 * A folder of the disk.
 *
 * @param formats ends of names, in lower case with their dot.
 * @throws ArgumentError for what is no folder.
 */
export async function directoryOfDisk(
  where: string,
  path: string,
  formats: readonly string[],
  followLinks: boolean,
): Promise<Directory> {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isDirectory())
    throw new ArgumentError({
      where,
      expected: 'a folder',
      received: `'${path}', ${found === undefined ? 'which is not there' : 'a file'}`,
    })
  return {
    name: path,
    async folders() {
      const names: string[] = []
      for (const entry of await readdir(path, { withFileTypes: true })) {
        if (entry.name.startsWith('.')) continue
        const isFolder = entry.isSymbolicLink()
          ? (await stat(join(path, entry.name)).catch(() => undefined))?.isDirectory() === true
          : entry.isDirectory()
        if (isFolder) names.push(entry.name)
      }
      return names.sort(byCodePoints)
    },
    async files(folder) {
      const levels = await levelsBelow(join(path, folder), followLinks, [realpathSync(path)])
      levels.sort((a, b) => byCodePoints(a.path, b.path))
      return levels.flatMap(({ path: level, files }): FoundFile[] =>
        files
          .filter((file) => formats.some((end) => file.toLowerCase().endsWith(end)))
          .sort(byCodePoints)
          .map((file) => ({ path: join(level, file) })),
      )
    },
  }
}

interface Level {
  readonly path: string
  readonly files: readonly string[]
}

/** A folder and all below it. A link that leads back to a folder above it is not entered again. */
async function levelsBelow(path: string, followLinks: boolean, above: readonly string[]): Promise<Level[]> {
  const files: string[] = []
  const folders: string[] = []
  const own = realpathSync(path)
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const target = entry.isSymbolicLink() ? await stat(join(path, entry.name)).catch(() => undefined) : entry
    if (target?.isDirectory() !== true) {
      // A link to nothing stands among the files, to be refused by its name when it is read.
      files.push(entry.name)
      continue
    }
    const isBack = entry.isSymbolicLink() && [...above, own].includes(realpathSync(join(path, entry.name)))
    if ((followLinks || !entry.isSymbolicLink()) && !isBack) folders.push(entry.name)
  }
  const below = await Promise.all(
    folders.map((folder) => levelsBelow(join(path, folder), followLinks, [...above, own])),
  )
  return [{ path, files }, ...below.flat()]
}
