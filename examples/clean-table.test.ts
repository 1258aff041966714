import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'

// A quick run: 1,200 of the films and few steps. The whole one is told in the program's first lines.
test('a table with gaps teaches what a film is worth, and a film without rating gets one', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-clean-table-'))
  const small = ['--films', '1200', '--epochs', '8', '--folds', '2', '--seeds', '1']
  const text = await output('clean-table.ts', ...small, '--output', folder)
  const files = await readdir(folder)
  const before = await readFile(join(folder, 'before.html'), 'utf8')
  const kept = await readdir(join(folder, 'ratings'))
  await rm(folder, { recursive: true })

  const [missing] = numbers(text, /^before: 1200 rows, 16 columns, (\d+) cells missing/m)
  expect(missing).toBe(4870) // of the file, counted by itself
  expect(text).toMatch(/^after: 1125 rows, \d+ columns, 0 cells missing/m)

  const [middle = 0] = numbers(text, /^always the mean .* ([\d.]+) ± [\d.]+$/m)
  const [cleaned = 0] = numbers(text, /^cleaned .* ([\d.]+) ± [\d.]+$/m)
  expect(middle).toBeGreaterThan(0.9)
  expect(cleaned, text).toBeLessThan(0.8 * middle)

  expect(files).toEqual(expect.arrayContaining(['after.html', 'before.html', 'ratings']))
  expect(before).toContain('US DVD Sales is missing in')
  expect(kept).toEqual(expect.arrayContaining(['model', 'recipe.json']))
  const [rating] = numbers(text, /has no rating: ([\d.]+) is expected/)
  expect(rating).toBeGreaterThan(3)
  expect(rating).toBeLessThan(9)
})
