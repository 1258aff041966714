import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** This folder and those that it is in. */
function* above(): Generator<string> {
  for (let folder = here; ; folder = dirname(folder)) {
    yield folder
    if (folder === dirname(folder)) return
  }
}

const versionIn = (file: string): string => {
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: unknown }
  return String(version)
}

/** The folder of this package, wherever its files were bundled to. */
export function ownFolder(): string {
  for (const folder of above()) if (existsSync(join(folder, 'package.json'))) return folder
  return here
}

/** The version of this package. */
export const ownVersion = (): string => versionIn(join(ownFolder(), 'package.json'))

/** The version of a package as it is installed here; undefined where it is not. */
export function versionOf(name: string): string | undefined {
  for (const folder of above()) {
    const file = join(folder, 'node_modules', name, 'package.json')
    if (existsSync(file)) return versionIn(file)
  }
  return undefined
}
