import type { Kernel } from 'typegrad/engine'
import { Assembler } from '../../assembler/assembler.ts'
import { emitLoop } from '../../kernels/loop-table.ts'

/** A kernel as bytes. */
export interface Program {
  readonly code: Uint8Array
  /** Where in the code its loop begins: `void loop(void *pointers[], size_t task)`. */
  readonly entry: number
  readonly tasks: number
}

export function assemble(kernel: Kernel): Program {
  const assembler = new Assembler()
  const { entry, tasks } = emitLoop(assembler, kernel)
  return { code: assembler.finish(), entry: assembler.offsetOf(entry), tasks }
}

/** Memory that code can reach. What lies just before and behind it cannot be read or written at all. */
export interface Region {
  /** The address of the first byte as code sees it, a multiple of 4096. */
  readonly address: bigint
  readonly bytes: Uint8Array
}

/** What executes a program's bytes: this processor (native-executor.ts), or an emulator of another one. */
export interface Executor {
  /** A region for the table of pointers and one for each input and output. */
  readonly regions: readonly Region[]
  /** Puts code where it can be executed. It stays until the next call. */
  install(program: Program): void
  /** Executes one task of the installed program. */
  run(pointers: bigint, task: number): void
  /** Executes tasks side by side, in as many threads as there are; undefined where an executor has one thread. */
  runBeside?(pointers: bigint, tasks: readonly number[]): Promise<void>
}
