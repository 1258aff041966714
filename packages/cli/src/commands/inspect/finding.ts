import type { CommandContext } from '../../program/context.ts'

/** What was found in a file, for programs and for people. */
export interface Finding {
  readonly json: Readonly<Record<string, unknown>>
  readonly lines: (context: CommandContext) => readonly string[]
}
