import type { Language, Text } from '../language/text.ts'

/** What the command ends with. */
export const exitCodes = {
  right: 0,
  /** What was asked for could not be done. */
  failed: 1,
  /** The command line cannot be meant: a wrong option, a column that there is not, an output that exists. */
  wrongUse: 2,
  /** Ctrl-C, as shells have it: 128 and the number of the signal. */
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What an error of the command says, by the library's formula, in each language. */
export interface FailureParts {
  /** What is complained of: an option, a file. */
  readonly where: string
  readonly expected: Text
  readonly received: Text
  readonly fix?: Text
}

/** An error of the command itself. */
export class Failure extends Error {
  readonly parts: FailureParts
  readonly code: ExitCode

  constructor(parts: FailureParts, code: ExitCode = exitCodes.failed) {
    super(sentence(parts, 'en'))
    this.name = 'Failure'
    this.parts = parts
    this.code = code
  }
}

/** A command line that cannot be meant. */
export class UsageFailure extends Failure {
  constructor(parts: FailureParts) {
    super(parts, exitCodes.wrongUse)
    this.name = 'UsageFailure'
  }
}

/** Ctrl-C, where nothing is to be kept. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted')
    this.name = 'Interrupted'
  }
}

export function sentence({ where, expected, received, fix }: FailureParts, language: Language): string {
  if (language === 'zh')
    return `${where}：应为${spaced(expected.zh)}，实际是${spaced(received.zh)}。${fix?.zh ?? ''}`
  return `${where}: expected ${expected.en}, received ${received.en}.${fix === undefined ? '' : ` ${fix.en}`}`
}

/** A blank between Chinese and Latin letters. */
const spaced = (text: string): string => (/^[\w'"/.-]/.test(text) ? ` ${text}` : text)
