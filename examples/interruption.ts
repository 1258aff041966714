import { wrapped } from './text.ts'

/** Milliseconds within which signals are of one press: the terminal sends one, and npm and tsx hand on theirs. */
const samePress = 500

/**
 * What Ctrl-C does to a program that reads data, trains, and writes what came of it. It ends the program with a line that
 * says what is left behind, and with the code that shells expect of an interrupted program: 128 + 2, SIGINT's number.
 * Only while a model trains, the first Ctrl-C asks `fit` to stop behind its batch.
 *
 * Node calls the handler between turns of the event loop, so what is written by synchronous calls is never cut in two.
 *
 * @example
 * const interruption = new Interruption('Stopped while the data was read. Nothing was written.')
 * const data = await read()
 * interruption.stopsTraining('Stopped in the middle of a batch.')
 * await model.fit(data.x, data.y, { signal: interruption.signal })
 */
export class Interruption {
  readonly #stop = new AbortController()
  #message: string
  #trains = false
  #pressed = Number.NEGATIVE_INFINITY

  constructor(message: string) {
    this.#message = message
    process.on('SIGINT', () => {
      const now = performance.now()
      if (now - this.#pressed < samePress) return
      this.#pressed = now
      if (!this.#trains || this.signal.aborted) this.exit()
      console.log('\nStopping after this step … (Ctrl-C again ends at once)')
      this.#stop.abort()
    })
  }

  /** Aborted by the first Ctrl-C while the model trains. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** From now on the first Ctrl-C aborts the signal, and a second one ends the program with this line. */
  stopsTraining(message: string): void {
    this.#message = message
    this.#trains = true
  }

  /** From now on Ctrl-C ends the program with this line. */
  endsWith(message: string): void {
    this.#message = message
    this.#trains = false
  }

  /** Ends the program as Ctrl-C does. */
  exit(message: string = this.#message): never {
    console.log(`\n${wrapped(message, process.stdout.columns ?? 80)}`)
    process.exit(130)
  }
}
