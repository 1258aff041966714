import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Staged } from './stage.ts'

const run = promisify(execFile)

/** A package as one file, as the registry gives it out. */
export interface Tarball extends Staged {
  readonly path: string
  /** Its checksum, as registries state it. */
  readonly integrity: string
  /** Names of its files. */
  readonly files: readonly string[]
}

/** @param into a folder that exists. */
export async function tarballOf(staged: Staged, into: string): Promise<Tarball> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', into], { cwd: staged.folder })
  const answer: unknown = JSON.parse(stdout)
  // npm 12 answers with an object by names, versions before with a list.
  const [packed] = Object.values(answer as Record<string, PackedFile>)
  if (packed === undefined) throw new Error(`npm packed nothing of ${staged.folder}`)
  return {
    ...staged,
    path: join(into, packed.filename),
    integrity: packed.integrity,
    files: packed.files.map(({ path }) => path),
  }
}

interface PackedFile {
  readonly filename: string
  readonly integrity: string
  readonly files: readonly { readonly path: string }[]
}
