import { type Cell, describeFeature, type Feature, type Features } from './feature.ts'

/** A stored value that its feature cannot be. */
export class Misfit extends Error {
  readonly expected: string
  readonly received: string
  /** The parts of the cell that lead to it. */
  path = ''

  constructor(of: Feature, received: unknown) {
    super('misfit')
    this.expected = describeFeature(of)
    this.received = shown(received)
  }
}

function shown(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  const text = value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value)
  return text === undefined ? 'nothing' : text.length > 80 ? `${text.slice(0, 80)} …` : text
}

/** Makes a stored value (of Parquet, Arrow, JSON or a text of CSV) the cell of a row. */
export type Decoder = (stored: unknown) => Cell

const integer = /^[+-]?\d+$/
const isInteger = (dtype: string): boolean => /^u?int\d+$/.test(dtype)
/** Counted in units that the dtype names. */
const isCount = (dtype: string): boolean => /^(time32|time64|duration)/.test(dtype)

/** A whole number as a number where that is exact. */
const exact = (value: bigint): number | bigint => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** @throws Misfit for a value that the feature cannot be. */
export function decoderOf(of: Feature): Decoder {
  const decode = presentDecoderOf(of)
  return (stored) => (stored === null || stored === undefined ? null : decode(stored))
}

function presentDecoderOf(of: Feature): (stored: unknown) => Cell {
  switch (of.kind) {
    case 'value':
      return valueDecoder(of, of.dtype)
    case 'classLabel': {
      const places = new Map(of.names.map((name, i) => [name, i]))
      return (stored) => {
        const place = typeof stored === 'string' ? (places.get(stored) ?? numberOr(stored)) : stored
        const label = typeof place === 'bigint' ? Number(place) : place
        if (typeof label === 'number' && Number.isInteger(label) && label >= -1 && label < of.names.length)
          return label
        throw new Misfit(of, stored)
      }
    }
    case 'list': {
      const item = decoderOf(of.items)
      return (stored) => {
        if (!Array.isArray(stored) && !ArrayBuffer.isView(stored)) throw new Misfit(of, stored)
        const values: ArrayLike<unknown> = stored as ArrayLike<unknown>
        return Array.from(values, (value, i) => inside(`[${i}]`, () => item(value)))
      }
    }
    case 'array': {
      const leaf = decoderOf({ kind: 'value', dtype: of.dtype })
      const nested = of.shape.reduceRight<Decoder>(
        (inner) => (stored) => {
          if (!Array.isArray(stored) && !ArrayBuffer.isView(stored)) throw new Misfit(of, stored)
          return Array.from(stored as ArrayLike<unknown>, inner)
        },
        leaf,
      )
      return nested
    }
    case 'struct': {
      const decode = rowDecoder(of.fields)
      return (stored) => {
        if (typeof stored !== 'object' || stored === null || Array.isArray(stored))
          throw new Misfit(of, stored)
        return decode(stored as Readonly<Record<string, unknown>>)
      }
    }
    case 'image':
    case 'audio':
      return (stored) => {
        if (typeof stored === 'string') return { bytes: null, path: stored }
        if (stored instanceof Uint8Array) return { bytes: stored.slice(), path: null }
        const { bytes = null, path = null } = stored as { bytes?: unknown; path?: unknown }
        if (!(bytes === null || bytes instanceof Uint8Array) || !(path === null || typeof path === 'string'))
          throw new Misfit(of, stored)
        return { bytes: bytes?.slice() ?? null, path }
      }
  }
}

/** A row by its features. Columns that a row lacks are null; those that the features lack are left out. */
export function rowDecoder(
  features: Features,
): (stored: Readonly<Record<string, unknown>>) => { [name: string]: Cell } {
  const decoders = Object.entries(features).map(([name, of]) => [name, decoderOf(of)] as const)
  return (stored) => {
    const row: { [name: string]: Cell } = {}
    for (const [name, decode] of decoders) row[name] = inside(`.${name}`, () => decode(stored[name]))
    return row
  }
}

/** Adds to a misfit where it was found. */
function inside<T>(step: string, decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Misfit) error.path = `${step}${error.path}`
    throw error
  }
}

const numberOr = (text: string): unknown => (integer.test(text) ? Number(text) : text)

function valueDecoder(of: Feature, dtype: string): (stored: unknown) => Cell {
  const refuse = (stored: unknown): never => {
    throw new Misfit(of, stored)
  }
  if (dtype === 'bool')
    return (stored) => {
      if (typeof stored === 'boolean') return stored
      if (stored === 'True' || stored === 'true' || stored === 'TRUE') return true
      if (stored === 'False' || stored === 'false' || stored === 'FALSE') return false
      return refuse(stored)
    }
  if (isInteger(dtype) || isCount(dtype))
    return (stored) => {
      if (typeof stored === 'bigint') return exact(stored)
      if (typeof stored === 'number' && Number.isInteger(stored)) return stored
      if (typeof stored === 'string' && integer.test(stored)) return exact(BigInt(stored))
      return refuse(stored)
    }
  if (dtype.startsWith('float') || dtype.startsWith('decimal') || dtype === 'double' || dtype === 'half')
    return (stored) => {
      if (typeof stored === 'number') return stored
      if (typeof stored === 'bigint') return Number(stored)
      if (typeof stored !== 'string' || stored.trim() === '') return refuse(stored)
      const number = floatOf(stored)
      return number === undefined ? refuse(stored) : number
    }
  if (/^(large_)?string(_view)?$/.test(dtype) || dtype === 'utf8')
    return (stored) => (typeof stored === 'string' ? stored : refuse(stored))
  if (dtype.includes('binary'))
    // A copy: the stored bytes are a part of a whole batch.
    return (stored) => (stored instanceof Uint8Array ? stored.slice() : refuse(stored))
  if (dtype.startsWith('timestamp') || dtype.startsWith('date'))
    return (stored) => {
      const date = stored instanceof Date ? stored : typeof stored === 'string' ? new Date(stored) : undefined
      return date === undefined || Number.isNaN(date.getTime()) ? refuse(stored) : date
    }
  // Of a type without a name here there is what the file's reader makes of it.
  return (stored) => (dtype === 'null' ? refuse(stored) : (stored as Cell))
}

/** A number as pandas reads it; undefined for what is none. */
export function floatOf(text: string): number | undefined {
  const trimmed = text.trim()
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) return trimmed.startsWith('-') ? -Infinity : Infinity
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return undefined
  return Number(trimmed)
}
