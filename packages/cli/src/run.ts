import { CommanderError } from 'commander'
import { commands } from './commands/table.ts'
import { type Language, languageOf, languages } from './language/text.ts'
import type { CommandContext } from './program/context.ts'
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
export async function runTypegrad(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
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
    await Promise.race([program.parseAsync([...args], { from: 'user' }), interrupted])
    return exitCodes.right
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.right
    await context?.settled()
    const { message, code } = explain(error, language)
    context?.progress.clear()
    const lines =
      terminal.columns === undefined
        ? [`typegrad: ${message}`]
        : wrapped(`typegrad: ${message}`, terminal.columns - 1)
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
