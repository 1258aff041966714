import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { hashOf, keptFolder } from './kept-folder.ts'

test('a folder is made once, appears whole or not at all, and files are known by their hash', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'typegrad-kept-'))
  let made = 0
  const make = async (making: string): Promise<string> => {
    made++
    await writeFile(join(making, 'abc'), 'abc')
    return making
  }
  const broken = keptFolder(cache, 'data-1', async (making) => {
    await make(making)
    throw new Error('no network')
  })
  await expect(broken).rejects.toThrow('no network')
  expect(await readdir(cache)).toEqual([])

  // Several programs that begin at once.
  const folders = await Promise.all([1, 2].map(() => keptFolder(cache, 'data-1', make)))
  expect(folders).toEqual([join(cache, 'data-1'), join(cache, 'data-1')])
  expect(await readdir(cache)).toEqual(['data-1'])
  expect(await keptFolder(cache, 'data-1', make)).toBe(folders[0])
  expect(made).toBeLessThanOrEqual(3)
  const file = join(cache, 'data-1', 'abc')
  expect(await readFile(file, 'utf8')).toBe('abc')
  // FIPS 180-2's first example.
  expect(await hashOf(file)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  await rm(cache, { recursive: true })
  expect(existsSync(cache)).toBe(false)
})
