/**
 * The Chinese documentation says what the English says: each page has the same headings and the same code, byte for byte.
 * So the code need not run a second time: `docs.test.ts` runs that of the English pages.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { wordsOf } from '../docs/.vitepress/words.ts'

const read = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')

const pagesOf = (folder: string): string[] =>
  readdirSync(fileURLToPath(new URL(`../${folder}`, import.meta.url)))
    .filter((file) => file.endsWith('.md'))
    .sort()

const code = /^```[\s\S]*?^```$/gm

const codeOf = (page: string): string[] => page.match(code) ?? []

/** Levels of a page's headings, in their order: `['#', '##', '##', …]`. */
const levelsOf = (page: string): string[] => page.replaceAll(code, '').match(/^#{1,6}(?= )/gm) ?? []

const pairs: (readonly [english: string, chinese: string])[] = [
  ['README.md', 'README.zh-CN.md'],
  ['docs/index.md', 'docs/zh/index.md'],
  ...pagesOf('docs/guide').map((page) => [`docs/guide/${page}`, `docs/zh/guide/${page}`] as const),
]

it('every page of the guide has a Chinese one', () => {
  expect(pagesOf('docs/zh/guide')).toEqual(pagesOf('docs/guide'))
})

describe.each(pairs)('%s and %s', (english, chinese) => {
  it('have headings of the same levels', () => {
    expect(levelsOf(read(chinese))).toEqual(levelsOf(read(english)))
  })

  it('have the same code', () => {
    expect(codeOf(read(chinese))).toEqual(codeOf(read(english)))
  })
})

it('links to the guide lead to its Chinese pages', () => {
  const files = pairs.map(([, chinese]) => chinese)
  const leaving = files.flatMap((file) =>
    (read(file).match(/(?:\]\(|link: )(?![^)\s]*zh\/)[^)\s]*guide\/[^)\s]*/g) ?? []).map(
      (link) => `${file}: ${link}`,
    ),
  )
  expect(leaving).toEqual([])
})

it('the search of the site finds Chinese characters beside Latin words', () => {
  expect(wordsOf('用compile编译：第3个 Batch').join(' ')).toBe('用 compile 编 译 第 3 个 batch')
})
