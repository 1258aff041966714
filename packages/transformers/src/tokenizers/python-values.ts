import { Environment, type TemplateValue } from './jinja.ts'

const probe = new Environment()

/** The classes of values, which the package does not export: those of values that it makes. */
const classes = {
  string: probe.set('a string', '').constructor,
  boolean: probe.set('a boolean', true).constructor,
  integer: probe.set('an integer', 0).constructor,
  list: probe.set('a list', []).constructor,
  function: probe.lookupVariable('namespace').constructor,
} as const

const made =
  (kind: keyof typeof classes) =>
  (value: unknown): TemplateValue =>
    Reflect.construct(classes[kind], [value]) as TemplateValue

export const stringValue = made('string')
export const booleanValue = made('boolean')
export const integerValue = made('integer')
export const listValue = made('list')
export const functionValue = made('function') as (
  call: (args: readonly TemplateValue[]) => TemplateValue,
) => TemplateValue

export const isString = (value: TemplateValue): value is TemplateValue & { value: string } =>
  value.type === 'StringValue'
/** Lists and tuples. */
export const isList = (value: TemplateValue): value is TemplateValue & { value: TemplateValue[] } =>
  value.type === 'ArrayValue' || value.type === 'TupleValue'
/** Dictionaries, and the keywords of a call. */
export const isMapping = (
  value: TemplateValue,
): value is TemplateValue & { value: Map<string, TemplateValue> } =>
  value.type === 'ObjectValue' || value.type === 'KeywordArgumentsValue'
const isNamespace = (value: TemplateValue): value is TemplateValue & { value: Map<string, TemplateValue> } =>
  value.type === 'NamespaceValue'

const numberOf = (value: TemplateValue): number | undefined => {
  const is = ['IntegerValue', 'FloatValue', 'BooleanValue'].includes(value.type)
  return is ? Number(value.value) : undefined
}

/** Python's `==`. */
export function pythonEquals(a: TemplateValue, b: TemplateValue): boolean {
  const [x, y] = [numberOf(a), numberOf(b)]
  if (x !== undefined || y !== undefined) return x === y
  if (isString(a) || isString(b)) return isString(a) && isString(b) && a.value === b.value
  if (isList(a) && isList(b))
    return (
      a.type === b.type &&
      a.value.length === b.value.length &&
      a.value.every((item, i) => pythonEquals(item, b.value[i] as TemplateValue))
    )
  if (isMapping(a) && isMapping(b))
    return (
      a.value.size === b.value.size &&
      [...a.value].every(([key, item]) => {
        const other = b.value.get(key)
        return other !== undefined && pythonEquals(item, other)
      })
    )
  return a.type === b.type && a.value === b.value
}

/** Python's `str()` of a float: the shortest digits, with an exponent from 1e16 on and below 1e-4. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [digits, exponent = ''] = value.toExponential().split('e')
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text
}

/** Python's `str()` of a whole number, which has no exponent. */
const integerText = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) >= 1e21 ? String(BigInt(value)) : String(value)

/** Python's `str()`; an undefined value is empty. */
export function pythonText(value: TemplateValue): string {
  if (isString(value)) return value.value
  return value.type === 'UndefinedValue' ? '' : pythonRepr(value)
}

/** Python's `repr()`. */
export function pythonRepr(value: TemplateValue): string {
  if (isString(value)) return quoted(value.value)
  if (isList(value)) {
    const items = value.value.map(pythonRepr).join(', ')
    if (value.type === 'ArrayValue') return `[${items}]`
    return value.value.length === 1 ? `(${items},)` : `(${items})`
  }
  if (isMapping(value) || isNamespace(value)) {
    const entries = [...value.value].map(([key, item]) => `${quoted(key)}: ${pythonRepr(item)}`)
    const dictionary = `{${entries.join(', ')}}`
    return isNamespace(value) ? `<Namespace ${dictionary}>` : dictionary
  }
  switch (value.type) {
    case 'IntegerValue':
      return integerText(Number(value.value))
    case 'FloatValue':
      return floatText(Number(value.value))
    case 'BooleanValue':
      return value.value ? 'True' : 'False'
    case 'NullValue':
      return 'None'
    case 'UndefinedValue':
      return 'Undefined'
    default:
      return '<function>'
  }
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }

function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  // Python escapes what it calls not printable: controls, separators but for the space, what is not assigned.
  const escaped = text.replace(/[\\\p{C}\p{Z}]|'/gu, (one) => {
    if (one === "'") return mark === "'" ? "\\'" : one
    if (one === ' ') return one
    const point = one.codePointAt(0) as number
    const hex = point.toString(16)
    const long = point <= 0xff ? `\\x${hex.padStart(2, '0')}` : `\\u${hex.padStart(4, '0')}`
    return shortEscapes[one] ?? (point > 0xffff ? `\\U${hex.padStart(8, '0')}` : long)
  })
  return `${mark}${escaped}${mark}`
}

export interface JsonOptions {
  readonly ensureAscii?: boolean
  /** Spaces a level, or undefined for one line. */
  readonly indent?: number | undefined
  /** Between items, and between a key and its value. */
  readonly separators?: readonly [string, string] | undefined
  readonly sortKeys?: boolean
}

/** Python's `json.dumps`. */
export function pythonJson(value: TemplateValue, options: JsonOptions): string {
  const { ensureAscii = false, indent, sortKeys = false } = options
  const [between, colon] = options.separators ?? [indent === undefined ? ', ' : ',', ': ']
  const text = (given: string): string => {
    const json = JSON.stringify(given)
    if (!ensureAscii) return json
    return json.replace(/[\u007f-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
  }
  const wrapped = (items: readonly string[], [open, close]: string, level: number): string => {
    if (items.length === 0) return `${open}${close}`
    if (indent === undefined) return `${open}${items.join(between)}${close}`
    const line = `\n${' '.repeat(indent * (level + 1))}`
    return `${open}${line}${items.join(`${between}${line}`)}\n${' '.repeat(indent * level)}${close}`
  }
  const write = (one: TemplateValue, level: number): string => {
    if (isString(one)) return text(one.value)
    if (isList(one))
      return wrapped(
        one.value.map((item) => write(item, level + 1)),
        '[]',
        level,
      )
    if (isMapping(one)) {
      const entries = [...one.value]
      if (sortKeys) entries.sort(([a], [b]) => compareCodePoints(a, b))
      const items = entries.map(([key, item]) => `${text(key)}${colon}${write(item, level + 1)}`)
      return wrapped(items, '{}', level)
    }
    if (one.type === 'NullValue') return 'null'
    if (one.type === 'BooleanValue') return String(one.value)
    if (one.type === 'FloatValue' && !Number.isFinite(Number(one.value)))
      return Number.isNaN(Number(one.value)) ? 'NaN' : Number(one.value) > 0 ? 'Infinity' : '-Infinity'
    if (one.type === 'IntegerValue' || one.type === 'FloatValue') return pythonRepr(one)
    throw new Error(`${pythonRepr(one)} is not JSON serializable`)
  }
  return write(value, 0)
}

function compareCodePoints(a: string, b: string): number {
  const [x, y] = [Array.from(a), Array.from(b)]
  const place = x.findIndex((one, i) => one !== y[i])
  if (place < 0 || place >= y.length) return x.length - y.length
  return ((x[place] as string).codePointAt(0) as number) - ((y[place] as string).codePointAt(0) as number)
}

/** Python's `isspace`: JavaScript has the byte order mark too, and lacks the separators of ASCII and the next line. */
const isSpace = (one: string): boolean =>
  one === '\u0085' || (one >= '\u001c' && one <= '\u001f') || (/\s/.test(one) && one !== '\ufeff')

/** Python's `strip`, `lstrip` and `rstrip`: white space, or some characters. */
export function stripped(
  text: string,
  characters: string | undefined,
  side: 'both' | 'left' | 'right',
): string {
  const of = characters === undefined ? undefined : new Set(characters)
  const goes = (one: string): boolean => (of === undefined ? isSpace(one) : of.has(one))
  let [start, end] = [0, text.length]
  while (side !== 'right' && start < end) {
    const one = String.fromCodePoint(text.codePointAt(start) as number)
    if (!goes(one)) break
    start += one.length
  }
  while (side !== 'left' && end > start) {
    // The last two units are one character where they are halves of a pair.
    const pair = text.slice(Math.max(start, end - 2), end)
    const one = /^[\ud800-\udbff][\udc00-\udfff]$/.test(pair) ? pair : pair.slice(-1)
    if (!goes(one)) break
    end -= one.length
  }
  return text.slice(start, end)
}
