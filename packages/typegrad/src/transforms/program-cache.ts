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

/** What the cache knows of a program. */
interface Entry {
  /** Weak: the program is its function's, and with the function go the variables and the model that it reads. */
  readonly program: WeakRef<KeptProgram>
  readonly executable: Executable
  readonly bytes: number
}

/** What runs work behind the runs that have been queued: the context of an engine. */
interface RunQueue {
  enqueue(work: () => void | Promise<void>): void | Promise<void>
}

/**
 * The programs of all compiled functions on one engine, the one used last at the end. Beyond the bound those go that
 * were used longest ago. The cache keeps no function alive: the programs of one that is garbage go too.
 */
export class ProgramCache {
  readonly #on: RunQueue
  readonly #max: number
  readonly #entries = new Set<Entry>()
  readonly #entryOf = new WeakMap<KeptProgram, Entry>()
  readonly #garbage = new FinalizationRegistry<Entry>((entry) => this.#remove(entry))
  #bytes = 0
  /** The one used last: a loop of one program need not move it. */
  #newest: Entry | undefined

  constructor(on: RunQueue, max = defaultProgramBytes) {
    this.#on = on
    this.#max = max
  }

  get size(): number {
    return this.#entries.size
  }

  /** Notes that a program is used now, for the first time or again. */
  use(program: KeptProgram): void {
    const entry = this.#entryOf.get(program) ?? this.#add(program)
    if (entry === this.#newest) return
    this.#newest = entry
    this.#entries.delete(entry)
    this.#entries.add(entry)
    for (const oldest of this.#entries) {
      if (this.#bytes <= this.#max || this.#entries.size <= alwaysKept) return
      this.#remove(oldest)
    }
  }

  /** Drops a program that has been used. */
  letGo(program: KeptProgram): void {
    const entry = this.#entryOf.get(program)
    if (entry !== undefined) this.#remove(entry)
  }

  #add(program: KeptProgram): Entry {
    const { executable, bytes } = program
    const entry = { program: new WeakRef(program), executable, bytes }
    this.#entryOf.set(program, entry)
    this.#garbage.register(program, entry, entry)
    this.#bytes += bytes
    return entry
  }

  #remove(entry: Entry): void {
    if (!this.#entries.delete(entry)) return
    if (this.#newest === entry) this.#newest = undefined
    this.#bytes -= entry.bytes
    this.#garbage.unregister(entry)
    const program = entry.program.deref()
    if (program !== undefined) {
      this.#entryOf.delete(program)
      program.drop()
    }
    // Behind the runs that have been queued with it.
    void this.#on.enqueue(() => entry.executable.dispose())
  }
}
