/**
 * Every ```ts block of the documentation, type-checked by the compiler and run as a module of its own.
 *
 * - ```ts           must compile and run. A line `console.log(…) // text` must print that text; a ```text block
 *                   right after the code must be what it printed last.
 * - ```ts error     must not compile: the compiler must say what stands in the ```text block after it.
 * - ```ts throws    must compile, and end in the error whose message stands in the ```text block after it.
 * - ```ts no-run    is shown and nothing more.
 *
 * What blocks write to `runs/` goes to a temporary folder.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'node:util'
import { inferRules } from 'typegrad/core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { anchorOf } from '../docs/.vitepress/anchor.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** All pages that have code, but the reference: its examples are cut from doc comments and name what is not there. */
const files = [
  'README.md',
  'README.zh-CN.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md') && !/\/(?:node_modules|reference)\//.test(file))
    .sort(),
]

interface Block {
  /** `docs_guide_data_42`: the document and the line where the block's code begins. */
  readonly name: string
  readonly line: number
  readonly kind: '' | 'error' | 'throws'
  readonly code: string
  /** The ```text block right after it. */
  readonly text: string | undefined
}

/** The blocks of a document that are to be compiled. */
function blocksOf(file: string, markdown: string): Block[] {
  const fence = /^```ts(?: (error|throws|no-run))?\n([\s\S]*?)^```$(?:\s*^```text\n([\s\S]*?)^```$)?/gm
  return [...markdown.matchAll(fence)].flatMap(([, kind, code = '', text], i, all) => {
    if (kind === 'no-run') return []
    const line = markdown.slice(0, all[i]?.index).split('\n').length + 1
    const document = file.replace(/\.md$/, '').replace(/\W/g, '_')
    return [
      { name: `${document}_${line}`, line, kind: (kind ?? '') as Block['kind'], code, text: text?.trim() },
    ]
  })
}

/** A printed line is followed, on the same line, by what it must have printed. */
const withExpectations = (code: string): string =>
  code.replace(
    /^( *console\.log\(.*\)) \/\/ (.*)$/gm,
    (_, call: string, text: string) => `${call}; console.debug(${JSON.stringify(text)})`,
  )

/** The code of Chinese pages is that of the English ones (`docs-chinese.test.ts`), and is not run twice. */
const isChinese = (file: string): boolean => file === 'README.zh-CN.md' || file.startsWith('docs/zh/')

const documents = files
  .filter((file) => !isChinese(file))
  .map((file) => ({ file, blocks: blocksOf(file, readFileSync(join(root, file), 'utf8')) }))
const all = documents.flatMap(({ blocks }) => blocks)

// Within the project, so that its compiler options and the runner's transformation apply; ignored by git.
const folder = join(root, 'runs', `docs-${process.pid}`)
const output = mkdtempSync(join(tmpdir(), 'typegrad-docs-'))
const moduleOf = ({ name }: Block): string => join(folder, `${name}.ts`)

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

/** What the compiler says, by the name of the block. */
const diagnostics = new Map<string, string>()

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  for (const block of all) {
    const code = block.code.replaceAll("'runs/", `'${output.replaceAll('\\', '/')}/`)
    writeFileSync(moduleOf(block), `${withExpectations(code)}export {}\n`)
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }),
  )
  try {
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    execFileSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], {
      encoding: 'utf8',
      cwd: folder,
    })
  } catch (error) {
    for (const message of (error as { stdout: string }).stdout.split(/\n(?=\S)/)) {
      const name = /^(?:.*\/)?(\w+)\.ts\(/.exec(message)?.[1] ?? ''
      diagnostics.set(name, `${diagnostics.get(name) ?? ''}${message}\n`)
    }
  }
}, 180_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  rmSync(output, { recursive: true, force: true })
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Runs a block with the terminal kept quiet; what it printed is compared on the way. */
async function run(block: Block): Promise<void> {
  const printed: string[] = []
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  vi.spyOn(console, 'log').mockImplementation((...args: unknown[]) => {
    printed.push(oneLine(format(...args)))
  })
  vi.spyOn(console, 'debug').mockImplementation((text: string) => {
    expect(printed.at(-1)).toBe(text)
  })
  await import(/* @vite-ignore */ moduleOf(block))
  if (block.kind === '' && block.text !== undefined) expect(printed.at(-1)?.trim()).toBe(oneLine(block.text))
}

it('lists every primitive in docs/architecture.md, under its number', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')
  const rows = [...page.matchAll(/^\| [^|]* \((\d+)\) \| (`[^|]*`) \|$/gm)]
  const listed = rows.flatMap(([, count, cells = '']) => {
    const names = [...cells.matchAll(/`(\w+)`/g)].map((match) => match[1] ?? '')
    expect(names).toHaveLength(Number(count))
    return names
  })
  expect(listed.sort()).toEqual(Object.keys(inferRules).sort())
  expect(page).toContain(`There are ${listed.length}:`)
})

/** Anchors of a page's headings; a heading that stands there again has a number behind it. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  for (const [, heading = ''] of withoutCode(markdown).matchAll(/^#{1,6} (.*)$/gm)) {
    const anchor = anchorOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, ''))
    let number = 0
    while (anchors.has(number === 0 ? anchor : `${anchor}-${number}`)) number += 1
    anchors.add(number === 0 ? anchor : `${anchor}-${number}`)
  }
  return anchors
}

const withoutCode = (markdown: string): string => markdown.replaceAll(/^```[\s\S]*?^```$/gm, '')

it.each([...files, 'CONTRIBUTING.md', 'bench/README.md', 'bench/measurements.md'])(
  '%s: links lead to files and headings that exist',
  (file) => {
    const links = withoutCode(readFileSync(join(root, file), 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)
    const dead = [...links].flatMap(([, link = '']) => {
      if (/^[a-z]+:/.test(link)) return []
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? join(root, file) : join(root, dirname(file), path)
      if (!existsSync(target)) return [link]
      return anchor === undefined || anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? [] : [link]
    })
    expect(dead).toEqual([])
  },
)

for (const { file, blocks } of documents.filter((document) => document.blocks.length > 0)) {
  describe(file, () => {
    it.each(blocks)('line $line', async (block) => {
      const said = diagnostics.get(block.name)
      if (block.kind === 'error') {
        expect(block.text, 'a text block with the compiler’s message').toBeTypeOf('string')
        expect(oneLine(said ?? '')).toContain(oneLine(block.text as string))
        return
      }
      expect(said, 'what the compiler says').toBeUndefined()
      if (block.kind === '') return run(block)
      const error: unknown = await run(block).then(
        () => undefined,
        (thrown) => thrown,
      )
      expect(error).toBeInstanceOf(Error)
      expect((error as Error).message).toBe(oneLine(block.text as string))
    })
  })
}
