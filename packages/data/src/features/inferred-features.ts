import { floatOf } from './decode.ts'
import { type Feature, type Features, feature } from './feature.ts'

/** Two values of a column that no feature can hold. */
export class Conflict extends Error {
  readonly column: string
  readonly first: string
  readonly second: string

  constructor(column: string, first: string, second: string) {
    super('conflict')
    this.column = column
    this.first = first
    this.second = second
  }
}

const nothing = feature.value('null')

/**
 * Features of JSON, as the values are seen one after another. Whole numbers are int64, and float64 beside others that are not;
 * what is always missing is `null`; objects have the fields of all.
 */
export class FeaturesOfJson {
  readonly #fields = new Map<string, Feature>()

  /** @throws Conflict for a value that is of another kind than those before it. */
  see(row: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(row)) {
      const known = this.#fields.get(name)
      const found = ofJson(name, value)
      this.#fields.set(name, known === undefined ? found : joined(name, known, found))
    }
  }

  get features(): Features {
    return Object.fromEntries(this.#fields)
  }
}

function ofJson(name: string, value: unknown): Feature {
  if (value === null || value === undefined) return nothing
  if (typeof value === 'boolean') return feature.value('bool')
  if (typeof value === 'string') return feature.value('string')
  if (typeof value === 'number' || typeof value === 'bigint')
    return feature.value(Number.isInteger(Number(value)) ? 'int64' : 'float64')
  if (Array.isArray(value)) {
    let items: Feature = nothing
    for (const item of value) items = joined(name, items, ofJson(name, item))
    return feature.list(items)
  }
  return feature.struct(
    Object.fromEntries(
      Object.entries(value).map(([field, inner]) => [field, ofJson(`${name}.${field}`, inner)]),
    ),
  )
}

/** The feature that holds what both hold. */
function joined(name: string, a: Feature, b: Feature): Feature {
  if (isNothing(a)) return b
  if (isNothing(b)) return a
  if (a.kind === 'list' && b.kind === 'list') return feature.list(joined(name, a.items, b.items))
  if (a.kind === 'struct' && b.kind === 'struct') {
    const fields: Record<string, Feature> = { ...a.fields }
    for (const [field, of] of Object.entries(b.fields)) {
      const known = fields[field]
      fields[field] = known === undefined ? of : joined(`${name}.${field}`, known, of)
    }
    return feature.struct(fields)
  }
  if (a.kind === 'value' && b.kind === 'value') {
    if (a.dtype === b.dtype) return a
    const numbers = ['int64', 'float64']
    if (numbers.includes(a.dtype) && numbers.includes(b.dtype)) return feature.value('float64')
  }
  throw new Conflict(name, kindOf(a), kindOf(b))
}

const isNothing = (of: Feature): boolean => of.kind === 'value' && of.dtype === 'null'
const kindOf = (of: Feature): string => (of.kind === 'value' ? of.dtype : of.kind)

/** What a column of texts can be, from the narrowest on; pandas tries in this order too. */
const kinds = [
  ['int64', (text: string) => /^[+-]?\d+$/.test(text.trim())],
  ['float64', (text: string) => floatOf(text) !== undefined],
  ['bool', (text: string) => /^(true|false|True|False|TRUE|FALSE)$/.test(text)],
] as const

/**
 * Features of a table of texts, as pandas' `read_csv` finds them: int64, float64, bool, or string where a column has anything
 * else. Whole numbers of which some are missing are float64, as there; a column without values is too.
 */
export class FeaturesOfTexts {
  readonly #columns: readonly string[]
  /** Which of {@link kinds} are still possible. */
  readonly #possible: boolean[][]
  readonly #hasMissing: boolean[]

  constructor(columns: readonly string[]) {
    this.#columns = columns
    this.#possible = columns.map(() => kinds.map(() => true))
    this.#hasMissing = columns.map(() => false)
  }

  see(texts: readonly (string | null)[]): void {
    for (const [column, text] of texts.entries()) {
      if (text === null) this.#hasMissing[column] = true
      else
        for (const [kind, [, is]] of kinds.entries()) {
          const possible = this.#possible[column] as boolean[]
          if (possible[kind] && !is(text)) possible[kind] = false
        }
    }
  }

  get features(): Features {
    return Object.fromEntries(
      this.#columns.map((name, column) => {
        const [isInteger, isFloat, isBool] = this.#possible[column] as [boolean, boolean, boolean]
        if (isInteger && !this.#hasMissing[column]) return [name, feature.value('int64')]
        if (isFloat) return [name, feature.value('float64')]
        return [name, feature.value(isBool ? 'bool' : 'string')]
      }),
    )
  }
}
