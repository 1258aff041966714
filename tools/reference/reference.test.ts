import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { withLibrary } from './compiler.ts'
import { type CodeDefaults, codeDefaults } from './defaults.ts'
import { splitDefault } from './entries.ts'
import { type Reference, reference } from './reference.ts'

const folder = fileURLToPath(new URL('../../docs/reference/', import.meta.url))

let made: Reference
let inCode: CodeDefaults

beforeAll(() => {
  withLibrary((library) => {
    made = reference(library)
    inCode = codeDefaults(library)
  })
}, 60_000)

test('the pages in docs/reference are those that the types make: npm run reference', () => {
  expect(readdirSync(folder).sort()).toEqual([...made.files.keys()].sort())
  for (const [file, text] of made.files) expect(readFileSync(`${folder}${file}`, 'utf8'), file).toBe(text)
})

test('every option that can be left out has a default in its doc comment', () => {
  const without = made.options.filter((option) => !option.isRequired && option.default === undefined)
  expect(without.map(({ owner, name }) => `${owner}.${name}`)).toEqual([])
})

/** A number, string or boolean as code has it, or undefined for what is computed. */
function literal(text: string): string | undefined {
  const plain = text.replaceAll('_', '')
  if (!Number.isNaN(Number(plain))) return String(Number(plain))
  return /^(?:'[^']*'|true|false)$/.test(text) ? text : undefined
}

/** How a doc comment's default begins: "`'uniform'`: from −0.05 to 0.05" → `'uniform'`, "10,000" → 10000. */
function begin(text: string): string {
  const [first = ''] = text.replaceAll('`', '').split(/: |;| (?!\d)|, /)
  const number = first.replace('−', '-').replace(/(?<=\d)[ ,](?=\d{3})/g, '')
  return Number.isNaN(Number(number)) ? first : String(Number(number))
}

test('the defaults of doc comments are those of the code', () => {
  let compared = 0
  for (const { owner, name, default: said = '' } of made.options) {
    const values = [...(inCode.get(`${owner}.${name}`) ?? [])].map(literal)
    // Of two constructors with two defaults one is another kind of object, as its text says.
    if (values.length === 0 || values.includes(undefined) || said.startsWith('all there are')) continue
    expect(values, `${owner}.${name}: default ${said}`).toContain(begin(said))
    compared += 1
  }
  expect(compared).toBeGreaterThan(150)
})

test.each([
  ['Added to the root. Default 1e-7.', '1e-7', 'Added to the root.'],
  ['Default: all there are. Not for streams.', 'all there are', 'Not for streams.'],
  ['Units.\nDefault `0.5`.', '`0.5`', 'Units.'],
  ['The default is elsewhere.', undefined, 'The default is elsewhere.'],
])('%j has the default %j', (text, value, rest) => {
  expect(splitDefault(text)).toEqual({ default: value, text: rest })
})
