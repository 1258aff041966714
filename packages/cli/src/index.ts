/**
 * `@typegrad/cli`: the command `typegrad`, for programs that call it with a terminal of their own.
 */
export { type ExitCode, exitCodes } from './program/failure.ts'
export { runTypegrad } from './run.ts'
export type { Asker, Choice, Terminal } from './terminal/terminal.ts'
