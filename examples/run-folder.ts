// The folder of a run: what is in it belongs together.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Moves what an earlier run has left of these into `earlier/`, so that no model of that run lies beside the report of
 * another. What `earlier/` held before is removed, unless there is nothing to move.
 *
 * @returns whether there was anything.
 */
export function setAside(folder: string, names: readonly string[]): boolean {
  const there = names.filter((name) => existsSync(join(folder, name)))
  if (there.length === 0) return false
  const earlier = join(folder, 'earlier')
  rmSync(earlier, { recursive: true, force: true })
  mkdirSync(earlier)
  for (const name of there) renameSync(join(folder, name), join(earlier, name))
  return true
}

/** Writes a file beside its place and renames it: it is there as a whole or not at all, whenever the program ends. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  writeFileSync(`${file}.part`, content)
  renameSync(`${file}.part`, file)
}
