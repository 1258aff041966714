import { CommanderError } from 'commander'
import { commands } from './commands/table.ts'
import { type Language, languageOf, languages } from './language/text.ts'
import type { CommandContext } from './program/context.ts'
import type { Command } from './program/definition.ts'
import { explain } from './program/explain.ts'
import { type ExitCode, exitCodes, Interrupted } from './program/failure.ts'
import { programOf } from './program/program.ts'
import type { Terminal } from './terminal/terminal.ts'
import { wrapped } from './terminal/text-width.ts'

/**
 * Does what a command line says.
 *
 * @param args what stands behind `typegrad`.
 * @returns the exit code: 0 where it was done, 1 where it could not be, 2 for a command line that cannot be meant, 130 after Ctrl-C.
 * @example
 * process.exitCode = await runTypegrad(['inspect', 'customers.csv'], terminal)
 */
export const runTypegrad = (args: readonly string[], terminal: Terminal): Promise<ExitCode> =>
  runWith(commands, args, terminal)

/** The same for other commands. */
export async function runWith(
  commands: readonly Command[],
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const language = languageIn(args, terminal)
  let context: CommandContext | undefined
  const interrupted = new Promise<never>((_, reject) => {
    // Work that keeps what it has ends by itself.
    const stop = (): void => {
      if (context?.endsByItself !== true) reject(new Interrupted())
    }
    if (terminal.interrupted.aborted) stop()
    else terminal.interrupted.addEventListener('abort', stop, { once: true })
  })
  const program = programOf(commands, {
    terminal,
    language,
    begun: (made) => {
      context = made
    },
  })
  try {
    // Without a command, help is what was wanted.
    const line = args.length === 0 ? ['--help'] : args
    await Promise.race([program.parseAsync(line, { from: 'user' }), interrupted])
    return exitCodes.right
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.right
    await context?.settled()
    const { message, code } = explain(error, language)
    context?.progress.clear()
    const said = `typegrad${{ en: ': ', zh: '：' }[language]}${message}`
    const lines = terminal.columns === undefined ? [said] : wrapped(said, terminal.columns - 1)
    for (const line of lines) terminal.err(`${line}\n`)
    if (terminal.environment.TYPEGRAD_STACK === '1' && error instanceof Error)
      terminal.err(`${error.stack}\n`)
    return code
  }
}

/** `--lang` goes before the locale; what cannot be meant is complained of when the line is read. */
function languageIn(args: readonly string[], { environment, locale }: Terminal): Language {
  const at = args.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='))
  const given = at < 0 ? undefined : (args[at]?.split('=')[1] ?? args[at + 1])
  return languages.find((language) => language === given) ?? languageOf(environment, locale)
}
