import { parseArgs } from 'node:util'

type Value = string | number | boolean
type Options<T> = {
  readonly [K in keyof T]: T[K] extends number ? number : T[K] extends boolean ? boolean : string
}

/**
 * What the program was called with, such as `--epochs 5 --resume`; the defaults say which options there are. One whose
 * default is a whole number must be a whole one. A mistake ends the program with a line that says what there is.
 *
 * @param positional the option that words without a name are the value of, all together.
 * @example
 * const { epochs, resume } = programOptions({ epochs: 3, resume: false })
 */
export function programOptions<const T extends Readonly<Record<string, Value>>>(
  defaults: T,
  positional?: keyof T & string,
): Options<T> {
  try {
    return readOptions(defaults, process.argv.slice(2), positional)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

/** @throws Error for an option that is not there, or for text where a number should be. */
export function readOptions<const T extends Readonly<Record<string, Value>>>(
  defaults: T,
  args: readonly string[],
  positional?: keyof T & string,
): Options<T> {
  const expected = Object.entries(defaults)
    .map(([name, value]) =>
      name === positional
        ? `a ${name}`
        : typeof value === 'boolean'
          ? `--${name}`
          : `--${name} ${value === '' ? '…' : value}`,
    )
    .join(', ')
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [
        name,
        { type: typeof value === 'boolean' ? 'boolean' : 'string' } as const,
      ]),
    ),
    strict: false,
    tokens: true,
  })
  const values: Record<string, Value> = { ...defaults }
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional' && positional !== undefined) {
      values[positional] = `${values[positional]} ${token.value}`.trim()
      continue
    }
    const given = token.kind === 'positional' ? token.value : token.rawName
    const name = token.kind === 'option' ? token.name : ''
    if (!Object.hasOwn(defaults, name))
      throw new Error(`Options: expected some of ${expected}, received ${given}.`)
    const text = token.kind === 'option' ? token.value : undefined
    const kind = typeof defaults[name]
    if ((text === undefined) !== (kind === 'boolean')) {
      const wanted = kind === 'boolean' ? 'nothing behind it' : `a value, such as ${defaults[name]}`
      throw new Error(`--${name}: expected ${wanted}, received ${text ?? 'nothing'}.`)
    }
    const isWhole = Number.isInteger(defaults[name])
    if (kind === 'number' && !(isWhole ? /^\d+$/ : /^(\d+\.?\d*|\.\d+)$/).test(text ?? ''))
      throw new Error(
        `--${name}: expected a ${isWhole ? 'whole ' : ''}number, such as ${defaults[name]}, received ${text}.`,
      )
    values[name] = kind === 'boolean' ? true : kind === 'number' ? Number(text) : (text as string)
  }
  return values as Options<T>
}
