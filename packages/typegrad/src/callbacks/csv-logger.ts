import { ArgumentError, FormatError } from '../base/errors.ts'
import { boolean, needed, optionsOf, string } from '../base/options.ts'
import { checked, list, object, orNull, text, whole } from '../base/schema.ts'
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

/** Writes the logs of each epoch into a file; see {@link csvLogger}. */
@takes(csvLoggerChecks)
export class CSVLogger extends Callback {
  override readonly addsLogs = []
  override readonly seesAllLogs = true
  readonly #filename: string
  readonly #separator: string
  readonly #append: boolean
  #columns: readonly string[] | undefined
  /** Length of the file, as far as this training knows of it. */
  #bytes = 0

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

  override onTrainBegin(): void {
    this.#columns = undefined
    this.#bytes = 0
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    this.#columns ??= await this.#begin(logs)
    const unknown = Object.keys(logs).find((name) => !this.#columns?.includes(name))
    if (unknown !== undefined) {
      throw new FormatError({
        where: `csvLogger: ${this.#filename}`,
        expected: `logs named ${this.#columns.join(', ')}, as the file's first line has them`,
        received: `'${unknown}' besides`,
        fix: 'Write another training into another file.',
      })
    }
    const values = this.#columns.map((name) => (name === 'epoch' ? String(epoch) : inPython(logs[name])))
    await this.#write(values)
  }

  /** The columns of the file, which is empty or to be gone on with. */
  async #begin(logs: Logs): Promise<readonly string[]> {
    const { readLog, cutLog } = await files()
    const text = this.#append ? await readLog(this.#filename) : ''
    if (text !== '') {
      this.#bytes = new TextEncoder().encode(text).length
      // A line that a crash cut off, or an editor left without an end.
      if (!/[\r\n]$/.test(text)) await this.#add(endOfLine)
      return cells(text.slice(0, text.search(/[\r\n]|$/)), this.#separator)
    }
    await cutLog(this.#filename, 0)
    // Keras's columns: sorted, with those of a validation that may come later.
    const names = Object.keys(logs).sort()
    const later = names.some((name) => name.startsWith('val_')) ? [] : names.map((name) => `val_${name}`)
    const columns = ['epoch', ...names, ...later]
    await this.#write(columns)
    return columns
  }

  async #write(values: readonly string[]): Promise<void> {
    await this.#add(values.map((value) => this.#quoted(value)).join(this.#separator) + endOfLine)
  }

  async #add(text: string): Promise<void> {
    const { appendToLog } = await files()
    await appendToLog(this.#filename, text)
    this.#bytes += new TextEncoder().encode(text).length
  }

  #quoted(value: string): string {
    const isPlain = !value.includes(this.#separator) && !/["\r\n]/.test(value)
    return isPlain ? value : `"${value.replaceAll('"', '""')}"`
  }

  override getState(): unknown {
    return { columns: this.#columns ?? null, bytes: this.#bytes }
  }

  /** What was written after the state was kept is written again. */
  override async setState(state: unknown): Promise<void> {
    const { columns, bytes } = checked(
      object({ columns: orNull(list(text)), bytes: whole() }),
      state,
      'csvLogger',
    )
    this.#columns = columns ?? undefined
    this.#bytes = bytes
    if (columns !== null) await (await files()).cutLog(this.#filename, bytes)
  }
}

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
 * alphabetical order behind `epoch` (counted from 0), `NA` where there is no value. Node only.
 *
 * A training that {@link backupAndRestore} resumes goes on with its file, whatever `append` says.
 *
 * @throws ArgumentError for a separator of several characters; FormatError, after the first epoch, if the file
 * that is appended to has not got the training's columns.
 * @example
 * await model.fit(x, y, { epochs: 20, callbacks: [csvLogger({ filename: 'runs/log.csv' })] })
 */
export const csvLogger = (options: CSVLoggerOptions): CSVLogger => new CSVLogger(options)
