/** `testing/`: commands as a user types them, with a terminal that keeps what is written. */

import { commands } from '../commands/table.ts'
import type { Command } from '../program/definition.ts'
import type { ExitCode } from '../program/failure.ts'
import { runWith } from '../run.ts'
import type { Asker, Terminal } from '../terminal/terminal.ts'

/** What a command wrote, and what it ended with. */
export interface Typed {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

export interface TypedOptions extends Partial<Terminal> {
  /** Is told all that is written to the screen, as it is. */
  readonly onError?: (text: string) => void
  /** Default: those of the program. */
  readonly commands?: readonly Command[]
}

/** Without a person to ask, without a screen, in English. */
export async function typed(line: string, options: TypedOptions = {}): Promise<Typed> {
  let [out, err] = ['', '']
  const { onError, commands: known = commands, ...terminal } = options
  const code = await runWith(known, words(line), {
    columns: undefined,
    environment: {},
    locale: 'en-US',
    ask: undefined,
    interrupted: new AbortController().signal,
    ...terminal,
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
      onError?.(text)
    },
  })
  return { code, out, err }
}

/** The words of a line behind `typegrad`, with blanks where quotation marks are around them. */
function words(line: string): string[] {
  const [first, ...rest] = Array.from(
    line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g),
    ([, a, b, c]) => a ?? b ?? c ?? '',
  )
  if (first !== 'typegrad') throw new Error(`A command begins with typegrad: ${line}`)
  return rest
}

/** An answer to each question. */
export const answering = (
  ...answers: readonly (string | undefined)[]
): Asker & { readonly asked: string[] } => {
  const left = [...answers]
  const asked: string[] = []
  const answer = async (question: string): Promise<string | undefined> => {
    asked.push(question)
    return left.shift()
  }
  return { choose: answer, text: answer, asked }
}
