/**
 * Two processes that save one folder, and others that load it, at the same time: nothing is lost and no load fails.
 * TYPEGRAD_SAVES gives the number of saves of each writer (60 by default; the full count is 1000), TYPEGRAD_KILLS
 * how often a writer is killed (12).
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const saves = Number(process.env.TYPEGRAD_SAVES ?? 60)
const kills = Number(process.env.TYPEGRAD_KILLS ?? 12)

let root: string
let program: string

/** What each process runs: files of a version hold its name, and a body that says it again and again. */
const source = `
  import { writeFile } from 'node:fs/promises'
  import { join } from 'node:path'
  import { replaceFolderAtomically, removeFolderAtomically } from './atomic.ts'
  import { readFolderFiles } from './read-folder.node.ts'
  const [role, folder, name, count] = process.argv.slice(2)
  const files = ['config.json', 'model.safetensors', 'optimizer.safetensors']
  const versionOf = (_, bytes) => new TextDecoder().decode(bytes).split(' ')[0]
  if (role === 'writer') {
    for (let i = 1; i <= Number(count); i++) {
      await replaceFolderAtomically(folder, async (temporary) => {
        for (const file of files) await writeFile(join(temporary, file), (name + '-' + i + ' ').repeat(500))
      })
      if (i === 1) process.send('began')
    }
    process.exit(0)
  }
  let loads = 0
  let isLast = false
  const versions = new Set()
  process.on('message', () => { isLast = true })
  for (;;) {
    const last = isLast
    const read = await readFolderFiles(folder, files, versionOf)
    if (read === undefined) throw new Error('nothing there')
    const texts = files.map((file) => new TextDecoder().decode(read[file]))
    const [version] = texts[0].split(' ')
    for (const text of texts) if (text !== (version + ' ').repeat(500)) throw new Error('mixed: ' + texts.map((t) => t.slice(0, 20)))
    loads += 1
    versions.add(version)
    if (last) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  process.send({ loads, versions: versions.size })
  process.disconnect()
`

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'typegrad-processes-'))
  program = join(root, 'program.mjs')
  const resolveDir = fileURLToPath(new URL('.', import.meta.url))
  await build({
    stdin: { contents: source, resolveDir, loader: 'ts' },
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const start = (...args: string[]): ChildProcess => fork(program, args, { silent: true })

/** The code with which a process ends, and what it complained of. */
async function ended(child: ChildProcess): Promise<{ code: number | null; errors: string }> {
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, errors }
}

test('two writers, many readers', { timeout: 600_000 }, async () => {
  const folder = join(root, 'model')
  const writers = ['a', 'b'].map((name) => start('writer', folder, name, String(saves)))
  const written = writers.map(ended)
  await Promise.all(writers.map((writer) => once(writer, 'message')))
  const readers = Array.from({ length: 4 }, () => start('reader', folder))
  const reports = readers.map((reader) => once(reader, 'message').then(([report]) => report))
  const read = readers.map(ended)
  expect(await Promise.all(written)).toEqual(writers.map(() => ({ code: 0, errors: '' })))
  for (const reader of readers) if (reader.connected) reader.send('last')
  expect(await Promise.all(read)).toEqual(readers.map(() => ({ code: 0, errors: '' })))
  for (const { loads } of await Promise.all(reports)) expect(loads).toBeGreaterThan(0)
  expect(readdirSync(root).sort()).toEqual(['model', 'program.mjs'])
})

test('writers that are killed at any point', { timeout: 600_000 }, async () => {
  const folder = join(root, 'killed')
  const first = start('writer', folder, 'first', '1')
  await ended(first)
  const reader = start('reader', folder)
  const report = once(reader, 'message').then(([found]) => found as { loads: number; versions: number })
  const read = ended(reader)
  for (let i = 0; i < kills; i++) {
    const writers = ['a', 'b'].map((name) => start('writer', folder, `${name}${i}`, '1000000'))
    const over = writers.map((writer) => once(writer, 'exit'))
    // Each is killed a while after its first save, wherever it is then.
    await Promise.all(
      writers.map(async (writer) => {
        await once(writer, 'message')
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 30))
        writer.kill('SIGKILL')
      }),
    )
    await Promise.all(over)
  }
  reader.send('last')
  expect(await read).toEqual({ code: 0, errors: '' })
  expect((await report).versions).toBeGreaterThan(1)
  // The next save clears up what the dead ones left.
  expect(await ended(start('writer', folder, 'last', '1'))).toEqual({ code: 0, errors: '' })
  const left = readdirSync(root).filter((name) => name.startsWith('killed'))
  expect(left).toEqual(['killed'])
})
