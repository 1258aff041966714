/**
 * `terminal/`: what the command writes to and asks: streams of text, a line that shows progress, columns of letters that may be two
 * columns wide. It knows languages and nothing of commands.
 */

/** What the command meets outside of itself; tests bring their own. */
export interface Terminal {
  /** Writes results. */
  readonly out: (text: string) => void
  /** Writes messages and progress. */
  readonly err: (text: string) => void
  /** Columns of the screen that messages go to; undefined where it is none: a file or another program. */
  readonly columns: number | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The system's locale, for where the environment has none: `zh-CN`. */
  readonly locale: string
  /** Asks the person at the terminal; undefined where there is nobody to ask. */
  readonly ask: Asker | undefined
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal
}

/** Questions to the person at the terminal; undefined for one that Ctrl-C answered. */
export interface Asker {
  choose(question: string, choices: readonly Choice[]): Promise<string | undefined>
  text(question: string, suggestion: string): Promise<string | undefined>
}

export interface Choice {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

/** Columns that texts are made for where there is no screen. */
export const usualColumns = 80
