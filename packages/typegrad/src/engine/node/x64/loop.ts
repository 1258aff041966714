import type { Kernel } from '../../../kernel/kernel.ts'
import { type Assembler, condition, gp, type Label } from './assembler.ts'
import { emitElementwise } from './elementwise-loop.ts'
import { emitMaxPoolGradient } from './max-pool-gradient-loop.ts'
import { emitScatterAdd } from './scatter-add-loop.ts'

/** A kernel's loop, and how many tasks it has. */
export interface Loop {
  readonly entry: Label
  readonly tasks: number
}

/**
 * A kernel's loop, as a C function `void loop(void *pointers[], size_t task)`: pointers to the inputs' elements, then
 * to the outputs'. The calling convention is that of System V.
 */
export function emitLoop(assembler: Assembler, kernel: Kernel): Loop {
  switch (kernel.kind) {
    case 'elementwise':
      return emitElementwise(assembler, kernel)
    case 'maxPoolGradient':
      return emitMaxPoolGradient(assembler, kernel)
    case 'scatterAdd':
      return emitScatterAdd(assembler, kernel)
  }
}

/** A function that may use all registers, with `bytes` of the stack for itself. */
export function emitFunction(assembler: Assembler, bytes: number, body: () => void): Label {
  const saved = [gp.rbx, gp.rbp, gp.r12, gp.r13, gp.r14, gp.r15]
  const entry = assembler.label('loop')
  assembler.align(16)
  assembler.place(entry)
  for (const register of saved) assembler.push(register)
  assembler.subImmediate(gp.rsp, bytes)
  body()
  assembler.zeroUpper()
  assembler.addImmediate(gp.rsp, bytes)
  for (const register of saved.toReversed()) assembler.pop(register)
  assembler.ret()
  return entry
}

/** register = min(register, most) */
export function clamp(assembler: Assembler, register: number, most: number): void {
  const fits = assembler.label('fits')
  assembler.compareImmediate(register, most)
  assembler.jumpIf(condition.below, fits)
  assembler.moveSmall(register, most)
  assembler.place(fits)
}
