import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
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

test('a few steps on some pages of the guide keep what MiniLM can do, and a model is written', {
  timeout: 900_000,
}, async ({ skip }) => {
  if (!isWhole) return skip('TYPEGRAD_ALL=1 runs it.')
  const missing = await miniLMFolder().then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
  if (missing !== undefined) return skip(missing)
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-search-tuning-'))
  const pages = join(folder, 'pages')
  await mkdir(pages)
  for (const page of ['callbacks', 'cross-validation', 'custom-layers', 'engines', 'errors'])
    await cp(new URL(`../docs/guide/${page}.md`, import.meta.url), join(pages, `${page}.md`))
  const quick = ['--pages', pages, '--steps', '2', '--batch', '8', '--output', join(folder, 'model')]
  const text = await output('search-tuning.ts', ...quick)
  const recallOf = (name: string): number =>
    Number(new RegExp(`^${name} +[\\d.]+ % +([\\d.]+) %`, 'm').exec(text.replaceAll('\u00a0', ' '))?.[1])
  expect(recallOf('MiniLM'), text).toBeGreaterThanOrEqual(70)
  // One question less of the thirteen.
  expect(recallOf('MiniLM, tuned')).toBeGreaterThanOrEqual(recallOf('MiniLM') - 9)
  expect(text).toContain('13 questions')
  expect(existsSync(join(folder, 'model', 'modules.json'))).toBe(true)
  await rm(folder, { recursive: true })
})
