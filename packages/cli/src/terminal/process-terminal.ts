import { prompts } from './prompts.ts'
import type { Terminal } from './terminal.ts'

/** The terminal of this process. A second Ctrl-C ends it at once. */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  const interruption = new AbortController()
  process.on('SIGINT', () => {
    if (interruption.signal.aborted) process.exit(130)
    interruption.abort()
  })
  // A reader that has seen enough (`| head`) is no fault; a full disk behind `>` is.
  stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(0)
    stderr.write(`typegrad: ${message}\n`)
    process.exit(1)
  })
  const canAsk = stdin.isTTY === true && stderr.isTTY === true
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    columns: stderr.isTTY === true ? (stderr.columns ?? 80) : undefined,
    environment: env,
    locale: Intl.DateTimeFormat().resolvedOptions().locale,
    ask: canAsk ? prompts : undefined,
    interrupted: interruption.signal,
  }
}
