import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { JsonObject } from './json.ts'

/** What a worker made of a case. */
export type Reply =
  | { readonly kind: 'answer'; readonly answer: JsonObject }
  | { readonly kind: 'error'; readonly message: string; readonly stack?: string }
  /** The process ended: a signal, or an exit of its own accord. */
  | { readonly kind: 'crash'; readonly message: string }
  | { readonly kind: 'timeout'; readonly message: string }

/**
 * A process that answers cases, one line of JSON each, and lives as long as it can: the start of Keras takes seconds.
 * One that ends or does not answer in time is replaced before the next case.
 */
export class Worker {
  #process: ChildProcess | undefined
  #answer: ((reply: Reply) => void) | undefined
  #stderr = ''
  readonly #command: readonly string[]
  readonly #environment: Readonly<Record<string, string>>

  constructor(command: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#command = command
    this.#environment = environment
  }

  /** The first answer of a process has five times as long: on a busy machine the start of Keras takes minutes. */
  async ask(request: JsonObject, allowed: number): Promise<Reply> {
    const milliseconds = this.#process === undefined ? 5 * allowed : allowed
    const child = this.#started()
    return await new Promise<Reply>((resolve) => {
      const timer = setTimeout(() => {
        this.end()
        finish({ kind: 'timeout', message: `no answer in ${milliseconds / 1000} s` })
      }, milliseconds)
      const finish = (reply: Reply): void => {
        clearTimeout(timer)
        this.#answer = undefined
        resolve(reply)
      }
      this.#answer = finish
      child.stdin?.write(`${JSON.stringify(request)}\n`)
    })
  }

  end(): void {
    this.#process?.kill('SIGKILL')
    this.#process = undefined
  }

  #started(): ChildProcess {
    if (this.#process !== undefined) return this.#process
    const [program, ...args] = this.#command as [string, ...string[]]
    const child = spawn(program, args, { env: { ...process.env, ...this.#environment } })
    this.#process = child
    this.#stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-2000)
    })
    // A write to a process that has just ended: its end is told by 'close'.
    child.stdin?.on('error', () => {})
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (line) => {
        // Libraries print too; answers are the lines that begin with a tab.
        if (line.startsWith('\t')) this.#answer?.(JSON.parse(line.slice(1)) as Reply)
      })
    child.on('error', (error) => {
      this.#process = undefined
      this.#answer?.({ kind: 'crash', message: error.message })
    })
    child.on('close', (code, signal) => {
      if (this.#process === child) this.#process = undefined
      const cause = signal === null ? `exit code ${code}` : `signal ${signal}`
      this.#answer?.({ kind: 'crash', message: `the process ended by ${cause}: ${this.#stderr.slice(-500)}` })
    })
    return child
  }
}
