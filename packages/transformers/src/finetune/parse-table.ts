import { FormatError } from 'typegrad/core'

/** A row of a table, and the line of the file that it begins in, counted from 1. */
export interface TableRow {
  readonly row: Readonly<Record<string, string>>
  readonly line: number
}

/**
 * The rows of a table as text: names in the first line; values may stand in quotation marks, doubled ones within mean one, and
 * lines may end within them (RFC 4180, https://www.rfc-editor.org/rfc/rfc4180).
 *
 * @param where the file's name, for errors.
 * @throws FormatError for a row with another number of values than there are names, and a quotation that does not end.
 */
export function parseTable(text: string, separator: ',' | '\t', where: string): readonly TableRow[] {
  const [names, ...rows] = records(text.replace(/^\uFEFF/, ''), separator, where)
  return rows.map(({ values, line }) => {
    if (values.length === names?.values.length) {
      return { row: Object.fromEntries(names.values.map((name, i) => [name, values[i] as string])), line }
    }
    throw new FormatError({
      where: `${where}, line ${line}`,
      expected: `${names?.values.length} values, as there are names in the first line`,
      received: String(values.length),
      fix: 'A value with a separator in it stands in quotation marks.',
    })
  })
}

interface Line {
  readonly values: readonly string[]
  readonly line: number
}

function records(text: string, separator: string, where: string): readonly Line[] {
  const all: Line[] = []
  let values: string[] = []
  let value = ''
  let [line, first] = [1, 1]
  let quotedSince: number | undefined
  /** Whether the value stood in quotation marks, which makes an empty one a value. */
  let wasQuoted = false
  const endValue = () => {
    values.push(value)
    value = ''
    wasQuoted = false
  }
  const endRecord = () => {
    const isBlank = values.length === 0 && value === '' && !wasQuoted
    if (!isBlank) {
      endValue()
      all.push({ values, line: first })
    }
    values = []
    first = line
  }
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string
    if (character === '\n') line += 1
    if (quotedSince !== undefined) {
      if (character !== '"') value += character
      else if (text[i + 1] === '"') value += text[++i]
      else quotedSince = undefined
    } else if (character === '"' && value === '') {
      quotedSince = line
      wasQuoted = true
    } else if (character === separator) endValue()
    else if (character === '\n') endRecord()
    else if (character !== '\r' || text[i + 1] !== '\n') value += character
  }
  if (quotedSince !== undefined) {
    throw new FormatError({
      where: `${where}, line ${quotedSince}`,
      expected: 'a quotation mark at the end of the value',
      received: 'the end of the file',
    })
  }
  endRecord()
  return all
}
