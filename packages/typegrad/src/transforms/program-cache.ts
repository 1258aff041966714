import type { Executable } from '../engine/engine.ts'

/** What loaded programs may take together, where the engine does not say. */
export const defaultProgramBytes = 512 * 2 ** 20

/** So many are kept whatever they take: a loop that takes turns among a few must not compile them again and again. */
const alwaysKept = 16

/**
 * What a loaded program takes. 4,000 batch sizes of a small model took 2 GB, half a megabyte each (graph, session,
 * kernels). That a large model takes ten times its bytes more is an assumption: the runtime does not tell.
 */
const [bytesOfAny, timesModel] = [500 * 2 ** 10, 10] as const

/** What a program of a model of so many bytes is taken to need. */
export const programBytes = (modelBytes: number): number => bytesOfAny + timesModel * modelBytes

/** A program that can be let go. */
export interface KeptProgram {
  readonly executable: Executable
  readonly bytes: number
  /** Told when it has been let go: it must not be run any more. */
  readonly drop: () => void
}

/** What runs work behind the runs that have been queued: a runtime. */
interface RunQueue {
  enqueue(work: () => void | Promise<void>): void | Promise<void>
}

/**
 * The programs of all compiled functions on one engine, the one used last at the end. Beyond the bound those go that
 * were used longest ago.
 */
export class ProgramCache {
  readonly #on: RunQueue
  readonly #most: number
  readonly #programs = new Set<KeptProgram>()
  #bytes = 0

  constructor(on: RunQueue, most = defaultProgramBytes) {
    this.#on = on
    this.#most = most
  }

  /** Notes that a program is used now, for the first time or again. */
  use(program: KeptProgram): void {
    if (this.#programs.delete(program)) this.#bytes -= program.bytes
    this.#programs.add(program)
    this.#bytes += program.bytes
    for (const oldest of this.#programs) {
      if (this.#bytes <= this.#most || this.#programs.size <= alwaysKept) return
      this.letGo(oldest)
    }
  }

  /** Drops a program that has been used. */
  letGo(program: KeptProgram): void {
    if (!this.#programs.delete(program)) return
    this.#bytes -= program.bytes
    program.drop()
    // Behind the runs that have been queued with it.
    void this.#on.enqueue(() => program.executable.dispose())
  }
}
