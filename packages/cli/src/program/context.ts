import type { Language, Text } from '../language/text.ts'
import { ProgressLine } from '../terminal/progress.ts'
import { type Terminal, usualColumns } from '../terminal/terminal.ts'
import { wrapped } from '../terminal/text-width.ts'
import { Interrupted } from './failure.ts'

/** What a command's work writes to: results, messages, progress. */
export class CommandContext {
  readonly language: Language
  /** Whether results are JSON. */
  readonly isJson: boolean
  readonly terminal: Terminal
  readonly progress: ProgressLine
  readonly #writing = new Set<Promise<unknown>>()

  /** Whether its work listens to Ctrl-C itself, to keep what it has; otherwise the command ends at once. */
  endsByItself = false

  constructor(terminal: Terminal, language: Language, isJson: boolean) {
    this.terminal = terminal
    this.language = language
    this.isJson = isJson
    this.progress = new ProgressLine(terminal)
  }

  /** Columns that texts may take: those of the screen, at most 100. */
  get columns(): number {
    return Math.min(100, this.terminal.columns ?? usualColumns)
  }

  /** The sentence in the language that is spoken. */
  say(text: Text): string {
    return text[this.language]
  }

  /** Writes lines of a result. */
  print(...lines: readonly string[]): void {
    for (const line of lines) this.terminal.out(`${line}\n`)
  }

  /** Writes a result as JSON. Numbers that JSON has no words for are null. */
  printJson(value: unknown): void {
    const text = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each), 2)
    this.terminal.out(`${text}\n`)
  }

  /** Writes a message beside the result. */
  note(text: Text): void {
    this.progress.clear()
    const { columns } = this.terminal
    const said = this.say(text)
    for (const line of columns === undefined ? [said] : wrapped(said, columns - 1))
      this.terminal.err(`${line}\n`)
  }

  /** @throws Interrupted after Ctrl-C. */
  goOn(): void {
    if (this.terminal.interrupted.aborted) throw new Interrupted()
  }

  /** Writes an output to its end, whatever interrupts the command meanwhile. @throws Interrupted where that was before. */
  async writing(output: string, work: () => Promise<void>): Promise<void> {
    this.goOn()
    await this.keeping(output, work)
  }

  /** The same for what is kept after an interruption. */
  async keeping(output: string, work: () => Promise<void>): Promise<void> {
    const written = work()
    this.#writing.add(written)
    try {
      await written
    } catch (error) {
      throw placed(error, output)
    } finally {
      this.#writing.delete(written)
    }
  }

  /** Ends with the last file that is being written. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writing)
  }
}

/** The system says of a full disk that it is one, and not where; of a copy it names what was copied. */
function placed(error: unknown, output: string): unknown {
  if (!(error instanceof Error)) return error
  const { code, path } = error as NodeJS.ErrnoException
  const isFull = code === 'ENOSPC' || code === 'EDQUOT'
  return path === undefined || isFull ? Object.assign(error, { path: output }) : error
}
