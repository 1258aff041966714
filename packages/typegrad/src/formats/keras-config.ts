import { describe } from '../base/describe.ts'
import { FormatError } from '../base/errors.ts'
import { parseJson } from '../base/json.ts'
import { isWholeFloat, withoutPythonNumbers } from './python-json.ts'

/**
 * Keras writes keys in snake case; typegrad's options are in camel case. Values stay as they are, and keys that
 * the way back would not restore, such as names of layers with numbers (`dense_1`), are written behind a `=`.
 */
export const toKerasKeys = (value: unknown): unknown => convert(value, written)
/** Keys as typegrad has them, from Keras's or from {@link toKerasKeys}. */
export const fromKerasKeys = (value: unknown): unknown => convert(value, read)

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camelCase = (key: string): string =>
  key.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const read = (key: string): string => (key.startsWith('=') ? key.slice(1) : camelCase(key))
const written = (key: string): string => (read(snakeCase(key)) === key ? snakeCase(key) : `=${key}`)

function convert(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), convert(item, rename)]))
}

const mixingNames =
  'Add|Divide|DivideNoNan|FloorDivide|Maximum|Minimum|Mod|Multiply|Power|Subtract|TrueDivide|Where'
const mixing = new RegExp(`"class_name": ?"(?:${mixingNames})"`)
const isMixing = new RegExp(`^(?:${mixingNames})$`)

/** Floats that are whole as numbers, but for arguments of operations that tell them from integers. */
function plainFloats(value: unknown): unknown {
  if (isWholeFloat(value)) return value.config
  const { class_name: className } = (value ?? {}) as { readonly class_name?: unknown }
  const takesFloats = typeof className === 'string' && isMixing.test(className)
  return mapped(value, (item, key) =>
    takesFloats && key === 'inbound_nodes' ? mapped(item, plainCall) : plainFloats(item),
  )
}

/** A call, `{ args, kwargs }`, whose arguments keep their floats as they are; what stands in lists among them does not. */
const plainCall = (call: unknown): unknown =>
  mapped(call, (given) => mapped(given, (item) => (isWholeFloat(item) ? item : plainFloats(item))))

/** An array or object with each member changed; anything else as it is. */
function mapped(value: unknown, change: (item: unknown, key: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, i) => change(item, String(i)))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item, key)]))
}

/** JSON of a configuration file. @throws FormatError naming the file if it is not an object in JSON. */
export function parseConfig(text: string, file: string): Record<string, unknown> {
  let parsed: unknown
  try {
    // Of two arguments of an operation 2.0 makes floats of integers, where 2 does not.
    const keepsFloats = mixing.test(text) && /\d\.0\b/.test(text)
    const json = parseJson(withoutPythonNumbers(text, keepsFloats))
    parsed = keepsFloats ? plainFloats(json) : json
  } catch (cause) {
    throw new FormatError(
      {
        where: file,
        expected: 'JSON',
        received: `text that breaks off or is damaged (${(cause as Error).message})`,
      },
      { cause },
    )
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new FormatError({
      where: file,
      expected: 'a JSON object',
      received: describe(parsed),
    })
  }
  return parsed as Record<string, unknown>
}
