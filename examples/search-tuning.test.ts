import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { miniLMFolder } from './minilm.ts'
import { output } from './program.ts'
import { pairsOf } from './search-tuning/pairs.ts'
import { passagesOf } from './semantic-search/passages.ts'

test('pairs are a heading with its text, and a sentence with the rest', () => {
  const page = '# Cats\n\n## What they eat\n\nMice are eaten by cats of all ages. Fish too.\n'
  expect(pairsOf(passagesOf('cats', page), 3)).toEqual([
    { anchor: 'Cats: What they eat', positive: 'Mice are eaten by cats of all ages. Fish too.' },
    { anchor: 'Mice are eaten by cats of all ages.', positive: 'Cats: What they eat Fish too.' },
  ])
})

test('a few steps on the guide keep what MiniLM can do, and a model is written', {
  timeout: 900_000,
}, async ({ skip }) => {
  const missing = await miniLMFolder().then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
  if (missing !== undefined) return skip(missing)
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-search-tuning-'))
  const text = await output('search-tuning.ts', ...['--steps', '2', '--batch', '8', '--output', folder])
  const recallOf = (name: string): number =>
    Number(new RegExp(`^${name} +[\\d.]+ % +([\\d.]+) %`, 'm').exec(text.replaceAll('\u00a0', ' '))?.[1])
  expect(recallOf('MiniLM'), text).toBeGreaterThanOrEqual(70)
  expect(recallOf('MiniLM, tuned')).toBeGreaterThanOrEqual(recallOf('MiniLM') - 5)
  expect(recallOf('BM25')).toBeLessThan(recallOf('MiniLM'))
  expect(existsSync(join(folder, 'modules.json'))).toBe(true)
  await rm(folder, { recursive: true })
})
