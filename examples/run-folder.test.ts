import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { setAside, writeWhole } from './run-folder.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'typegrad-run-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('what an earlier run left is moved as a whole, and an empty run moves nothing', async () => {
  const names = ['model', 'report.html']
  expect(setAside(folder, names)).toBe(false)
  expect(await readdir(folder)).toEqual([])

  await mkdir(join(folder, 'model'))
  await writeFile(join(folder, 'model', 'config.json'), 'first')
  await writeFile(join(folder, 'report.html'), 'first')
  await writeFile(join(folder, 'notes.txt'), 'mine')
  expect(setAside(folder, names)).toBe(true)
  expect((await readdir(folder)).sort()).toEqual(['earlier', 'notes.txt'])
  expect(await readFile(join(folder, 'earlier', 'model', 'config.json'), 'utf8')).toBe('first')

  // A run that was stopped before it left anything does not cost the one before it.
  expect(setAside(folder, names)).toBe(false)
  expect((await readdir(join(folder, 'earlier'))).sort()).toEqual(['model', 'report.html'])

  // Nothing of two runs lies together in `earlier` either.
  await writeFile(join(folder, 'report.html'), 'second')
  expect(setAside(folder, names)).toBe(true)
  expect(await readdir(join(folder, 'earlier'))).toEqual(['report.html'])
})

test('a file is there as a whole', async () => {
  const file = join(folder, 'report.html')
  writeWhole(file, 'all of it')
  expect(await readFile(file, 'utf8')).toBe('all of it')
  expect(await readdir(folder)).toEqual(['report.html'])
})
