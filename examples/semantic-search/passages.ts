/**
 * `semantic-search/`: the parts of `examples/semantic-search.ts`: passages of pages, two ways to rank them, and questions
 * whose answers are known. It knows typegrad as any program does.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A piece of a page, short enough to be read at once. */
export interface Passage {
  /** The file's name without its ending. */
  readonly page: string
  /** The page's title, and the heading that the passage stands under. */
  readonly title: string
  readonly heading: string
  /** Page and heading as links have them: `training.md#options-of-fit`; the page alone for what stands before the first. */
  readonly place: string
  /** Its paragraphs, list items and blocks of code, one after another. */
  readonly blocks: readonly Block[]
}

export interface Block {
  readonly kind: 'text' | 'code'
  readonly text: string
}

/** How many words a passage has at most, unless a single block has more: MiniLM reads 256 tokens. */
const mostWords = 100
/** How many words of the end of a passage the next one under the same heading repeats at most. */
const overlapWords = 25

/** The passages of all pages in a folder. */
export async function readPassages(folder: string): Promise<readonly Passage[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md')).sort()
  const pages = files.map(async (file) =>
    passagesOf(file.slice(0, -'.md'.length), await readFile(join(folder, file), 'utf8')),
  )
  return (await Promise.all(pages)).flat()
}

/** Cuts a page at its headings, and what is long between two of them at paragraphs. Lists of links at its end are left out. */
export function passagesOf(page: string, markdown: string): readonly Passage[] {
  const sections: { heading: string; blocks: Block[] }[] = [{ heading: '', blocks: [] }]
  let title = page
  for (const block of blocksOf(markdown)) {
    const [, marks, heading = ''] = /^(#+) +(.*)$/.exec(block.text) ?? []
    if (block.kind === 'code' || marks === undefined) sections.at(-1)?.blocks.push(block)
    else if (marks === '#') title = plain(heading)
    else sections.push({ heading: plain(heading), blocks: [] })
  }
  return sections
    .filter(({ heading, blocks }) => heading !== 'Next' && blocks.length > 0)
    .flatMap(({ heading, blocks }) => {
      const place = heading === '' ? `${page}.md` : `${page}.md#${anchorOf(heading)}`
      return windowsOf(blocks).map((window) => ({
        page,
        title,
        heading: heading || title,
        place,
        blocks: window,
      }))
    })
}

/** What is searched of a passage. */
export const textOf = ({ title, heading, blocks }: Passage): string =>
  [heading === title ? title : `${title}: ${heading}`, ...blocks.map(searchedOf)].join('\n')

/** Of code the comments, which are in the words of questions. */
const searchedOf = ({ kind, text }: Block): string =>
  kind === 'text' ? text : Array.from(text.matchAll(/\/\/ (.*)/g), ([, comment]) => comment).join('\n')

/** A heading as links name it. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s+/g, '-')

/** Paragraphs, list items, rows of tables, headings and fenced code, without Markdown's marks. */
function blocksOf(markdown: string): readonly Block[] {
  const blocks: Block[] = []
  let lines: string[] = []
  const finish = (): void => {
    const text = lines.map((line) => line.trim()).join(' ')
    if (text !== '') blocks.push({ kind: 'text', text: /^#+ /.test(text) ? text : plain(text) })
    lines = []
  }
  let code: string[] | undefined
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      finish()
      if (code !== undefined) blocks.push({ kind: 'code', text: code.join('\n').trim() })
      code = code === undefined ? [] : undefined
    } else if (code !== undefined) code.push(line)
    else if (/^\s*$|^!\[|^\|[-| ]+\|$/.test(line)) finish()
    else {
      if (/^(#|[-*] |\d+\. |\|)/.test(line)) finish()
      lines.push(line)
      if (/^(#|\|)/.test(line)) finish()
    }
  }
  finish()
  return blocks.filter(({ text }) => text !== '')
}

const plain = (text: string): string =>
  text
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\*\*|`/g, '')
    .replace(/^([-*]|\d+\.) +/, '')
    .replace(/^\| *| *\|$/g, '')
    .replace(/ *(?<!\|)\|(?!\|) */g, ' · ')

const wordsOf = (block: Block): number => searchedOf(block).match(/\S+/g)?.length ?? 0

/** Blocks in runs of at most {@link mostWords} words, each beginning with what the one before ended with. */
function windowsOf(blocks: readonly Block[]): readonly (readonly Block[])[] {
  const windows: (readonly Block[])[] = []
  let window: Block[] = []
  /** How many of the window's blocks are repeated. */
  let repeated = 0
  const count = (list: readonly Block[]): number => list.reduce((sum, block) => sum + wordsOf(block), 0)
  for (const block of blocks) {
    if (window.length > repeated && count(window) + wordsOf(block) > mostWords) {
      windows.push(window)
      window = tailOf(window)
      if (count(window) + wordsOf(block) > mostWords) window = []
      repeated = window.length
    }
    window.push(block)
  }
  if (window.length > repeated) windows.push(window)
  return windows
}

/** The last blocks that have at most {@link overlapWords} words. */
function tailOf(blocks: readonly Block[]): Block[] {
  const tail: Block[] = []
  let words = 0
  for (const block of [...blocks].reverse()) {
    words += wordsOf(block)
    if (words > overlapWords) break
    tail.unshift(block)
  }
  return tail
}
