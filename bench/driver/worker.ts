import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A program that a peer's worker runs as, and what of the environment it needs. */
export interface Command {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export type Request =
  | { readonly cmd: 'setup'; readonly workload: unknown; readonly folder: string }
  | { readonly cmd: 'losses' }
  | { readonly cmd: 'round'; readonly n: number; readonly repeat: number }
  | { readonly cmd: 'memory' }
  | { readonly cmd: 'exit' }

export interface Answer {
  /** Absent where all went well. */
  readonly error?: string
  /** A workload that the peer does not have, with the reason. */
  readonly absent?: string
  /** setup: versions, what was chosen, and the time of the first step with its compilation. */
  readonly version?: string
  readonly compileMs?: number
  readonly note?: string
  /** losses: numbers that must agree among peers. */
  readonly losses?: readonly number[]
  /** round: milliseconds a run. */
  readonly times?: readonly number[]
  /** memory: bytes. */
  readonly peak?: number
  readonly resident?: number
}

/** The longest that a worker may take to answer: a large model is compiled in minutes where the machine is small. */
const patience = 15 * 60_000

/**
 * A peer in a process of its own, which answers JSON lines with JSON lines. A worker that does not have its turn
 * is stopped by a signal, so that pools of threads that spin while they wait take nothing from the worker that has it.
 */
export class Worker {
  readonly peer: string
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  #errors = ''
  #stopped = false
  #peakIsOwn = false

  constructor(peer: string, { command, args, env = {}, cwd }: Command) {
    this.peer = peer
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(cwd === undefined ? {} : { cwd }),
    })
    this.#child.on('error', (error) => {
      this.#errors += error.message
    })
    this.#child.stdin?.on('error', () => {})
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-4000)
    })
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream })
    this.#answers = lines[Symbol.asyncIterator]()
  }

  /** @throws Error with what the worker wrote if it ends or fails. */
  async ask(request: Request): Promise<Answer> {
    this.resume()
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.#next(request.cmd)
    if (done === true) throw new Error(`${this.peer} ended: ${lastLines(this.#errors)}`)
    const answer = JSON.parse(value) as Answer
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer
  }

  async #next(cmd: string): Promise<IteratorResult<string>> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer to '${cmd}' in 15 minutes`)), patience)
    })
    try {
      return await Promise.race([this.#answers.next(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  /** Takes the processor from the worker until it is asked something. */
  pause(): void {
    if (process.platform === 'win32' || this.#stopped) return
    this.#stopped = this.#child.kill('SIGSTOP')
  }

  resume(): void {
    if (!this.#stopped) return
    this.#child.kill('SIGCONT')
    this.#stopped = false
  }

  /** Lets the peak of resident memory begin from what is resident now, where the system can: on Linux. */
  forgetPeak(): void {
    try {
      writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5')
      this.#peakIsOwn = true
    } catch {
      this.#peakIsOwn = false
    }
  }

  /** Bytes that were resident at most since `forgetPeak`; undefined where that could not be done. */
  peak(): number | undefined {
    if (!this.#peakIsOwn) return undefined
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8'))
    return line === null ? undefined : Number(line[1]) * 1024
  }

  end(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined)
        resolve()
      this.#child.once('close', () => resolve())
    })
    this.resume()
    this.#child.kill('SIGKILL')
    return ended
  }
}

const lastLines = (text: string): string =>
  text.trim().split('\n').slice(-3).join(' | ').slice(-500) || 'without a word'
