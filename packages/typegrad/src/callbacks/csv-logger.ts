import { ArgumentError, FormatError } from '../base/errors.ts'
import { boolean, needed, optionsOf, string } from '../base/options.ts'
import { checked, object, optional, whole } from '../base/schema.ts'
import { takes } from '../base/takes.ts'
import { Callback, type Logs } from './callback.ts'

export interface CSVLoggerOptions {
  /** The file. Its folder is made if need be. */
  readonly filename: string
  /** What stands between the values: one character. Default `','`. */
  readonly separator?: string
  /** Whether lines are added to a file that exists, rather than replacing it. Default false. */
  readonly append?: boolean
}

export const csvLoggerChecks = optionsOf<CSVLoggerOptions>()({
  filename: needed(string),
  separator: string,
  append: boolean,
})

const files = () => import('../formats/append.node.ts')
const endOfLine = '\r\n'
/** Ends of lines as other programs write them, too. */
const ends = /\r\n|\r|\n/g

/** Writes the logs of each epoch into a file; see {@link csvLogger}. */
@takes(csvLoggerChecks)
export class CSVLogger extends Callback {
  override readonly addsLogs = []
  override readonly seesAllLogs = true
  readonly #filename: string
  readonly #separator: string
  readonly #append: boolean
  #columns: readonly string[] | undefined
  /** Lines of the file, as far as this training knows of it. */
  #lines = 0

  constructor({ filename, separator = ',', append = false }: CSVLoggerOptions) {
    super()
    if (separator.length !== 1 || /["\r\n]/.test(separator)) {
      throw new ArgumentError({
        where: 'csvLogger: separator',
        expected: 'one character that is no quote and no end of a line',
        received: JSON.stringify(separator),
      })
    }
    this.#filename = filename
    this.#separator = separator
    this.#append = append
  }

  /** Reads the header of a file that is appended to, so that another file is refused before anything is trained. */
  override async onTrainBegin(): Promise<void> {
    this.#columns = undefined
    this.#lines = 0
    if (this.#append) await this.#takeUp()
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    this.#columns ??= await this.#begin(logs)
    const later = Object.keys(logs).filter((name) => !this.#columns?.includes(name))
    if (later.length > 0) await this.#widen(later)
    const values = this.#columns.map((name) => (name === 'epoch' ? String(epoch) : inPython(logs[name])))
    await this.#write(values)
  }

  /** Goes on with what the file has, if it has something. */
  async #takeUp(): Promise<void> {
    const text = await (await files()).readLog(this.#filename)
    if (text === '') return
    // A line that a crash cut off, or an editor left without an end.
    if (!/[\r\n]$/.test(text)) await (await files()).appendToLog(this.#filename, endOfLine)
    const lines = linesOf(text)
    const columns = cells(lines[0] as string, this.#separator)
    if (!columns.includes('epoch')) {
      throw new FormatError({
        where: `csvLogger: ${this.#filename}`,
        expected: "a file whose first line names its columns, 'epoch' among them",
        received: JSON.stringify(lines[0]?.slice(0, 80)),
        fix: 'Write into another file, or leave append out.',
      })
    }
    this.#columns = columns
    this.#lines = lines.length
  }

  /** Begins the file with Keras's columns: sorted, with those of a validation that may come later. */
  async #begin(logs: Logs): Promise<readonly string[]> {
    await (await files()).cutLog(this.#filename, 0)
    const names = Object.keys(logs).sort()
    const later = names.some((name) => name.startsWith('val_')) ? [] : names.map((name) => `val_${name}`)
    const columns = ['epoch', ...names, ...later]
    await this.#write(columns)
    return columns
  }

  /** Adds columns behind those that there are: earlier epochs have no value in them. */
  async #widen(later: readonly string[]): Promise<void> {
    const { readLog, writeLog } = await files()
    const columns = [...(this.#columns ?? []), ...later]
    const [, ...rows] = linesOf(await readLog(this.#filename))
    const gap = `${this.#separator}NA`.repeat(later.length)
    const lines = [this.#line(columns), ...rows.map((row) => row + gap)]
    await writeLog(this.#filename, lines.map((line) => line + endOfLine).join(''))
    this.#columns = columns
  }

  async #write(values: readonly string[]): Promise<void> {
    await (await files()).appendToLog(this.#filename, this.#line(values) + endOfLine)
    this.#lines += 1
  }

  #line(values: readonly string[]): string {
    return values.map((value) => this.#quoted(value)).join(this.#separator)
  }

  #quoted(value: string): string {
    const isPlain = !value.includes(this.#separator) && !/["\r\n]/.test(value)
    return isPlain ? value : `"${value.replaceAll('"', '""')}"`
  }

  override getState(): unknown {
    return { lines: this.#lines }
  }

  /** What was written after the state was kept is written again. */
  override async setState(state: unknown): Promise<void> {
    // An older version counted bytes, which tell as well where to go on.
    const check = object({ lines: optional(whole()), bytes: optional(whole()) })
    const { lines = 0, bytes } = checked(check, state, 'csvLogger')
    const { readLog, cutLog } = await files()
    const begun = bytes === undefined ? startOf(await readLog(this.#filename), lines) : undefined
    await cutLog(this.#filename, bytes ?? new TextEncoder().encode(begun).length)
    await this.#takeUp()
  }
}

/** The first lines of a text, with their ends. */
function startOf(text: string, lines: number): string {
  const last = [...text.matchAll(ends)][lines - 1]
  if (last !== undefined) return text.slice(0, last.index + last[0].length)
  return lines === 0 ? '' : text
}

/** The lines of a text, the last of which may lack its end. */
const linesOf = (text: string): string[] => text.replace(/(\r\n|\r|\n)$/, '').split(ends)

/** As Python's csv module writes it, so that one reader serves both. */
function inPython(value: number | undefined): string {
  if (value === undefined) return 'NA'
  if (Number.isNaN(value)) return 'nan'
  return String(value).replace('Infinity', 'inf')
}

/** The values of a line. */
function cells(line: string, separator: string): string[] {
  const found: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const letter = line[i] as string
    if (letter === '"' && quoted && line[i + 1] === '"') {
      cell += '"'
      i += 1
    } else if (letter === '"') quoted = !quoted
    else if (letter === separator && !quoted) {
      found.push(cell)
      cell = ''
    } else cell += letter
  }
  return [...found, cell]
}

/**
 * Writes the logs of each epoch as a line of a CSV file, which has the same form as Keras's: the names in
 * alphabetical order behind `epoch` (counted from 0), `NA` where there is no value. A log that first appears in a later
 * epoch becomes a column behind the others (Keras leaves it aside). Node only.
 *
 * A training that {@link backupAndRestore} resumes goes on with its file, whatever `append` says.
 *
 * @throws ArgumentError for a separator of several characters; FormatError, before anything is trained, if the file
 * that is appended to has no column `epoch`.
 * @example
 * await model.fit(x, y, { epochs: 20, callbacks: [csvLogger({ filename: 'runs/log.csv' })] })
 */
export const csvLogger = (options: CSVLoggerOptions): CSVLogger => new CSVLogger(options)
