import { FormatError } from '../base/errors.ts'

/** Keras writes keys in snake case; typegrad's options are in camel case. Values stay as they are. */
export const toKerasKeys = (value: unknown): unknown => convert(value, snakeCase)
export const fromKerasKeys = (value: unknown): unknown => convert(value, camelCase)

const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const camelCase = (key: string): string =>
  key.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

function convert(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, rename))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), convert(item, rename)]))
}

/** JSON of a configuration file. @throws FormatError naming the file if it is not an object in JSON. */
export function parseConfig(text: string, file: string): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
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
      received: Array.isArray(parsed) ? 'an array' : typeof parsed,
    })
  }
  return parsed as Record<string, unknown>
}
