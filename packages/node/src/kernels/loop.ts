/**
 * What the loops share: how they are called, and the control flow that they are made of. The loops import this file, and
 * it imports none of them (the table is loop-table.ts).
 *
 * Every loop is a C function `void loop(void *pointers[], size_t task)` in System V's calling convention:
 *
 * | register | holds at entry |
 * | --- | --- |
 * | rdi | the table of pointers: to each input's elements, then to each output's (`tablePointer`) |
 * | rsi | the number of the task, from 0 |
 * | rsp | the loop's own bytes of the stack (`stackSlot`); only rsp must stay as it is |
 */
import { type Assembler, condition, gp, type Label, type Operand } from '../assembler/assembler.ts'

/** A kernel's loop, and how many tasks it has. */
export interface Loop {
  readonly entry: Label
  readonly tasks: number
}

/** A function that may use all registers but rsp, with `bytes` of the stack for itself. */
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

/** The loop's word of the stack with this number; words have eight bytes. */
export const stackSlot = (i: number): Operand => ({ base: gp.rsp, displacement: 8 * i })

/** The pointer with this number in the table that a register holds. */
export const tablePointer = (i: number, table: number = gp.rdi): Operand => ({
  base: table,
  displacement: 8 * i,
})

/** rax, rdx = rax / divisor, rax % divisor, without a sign. Changes rcx. */
export function divideBy(assembler: Assembler, divisor: number): void {
  assembler.moveSmall(gp.rdx, 0)
  assembler.moveSmall(gp.rcx, divisor)
  assembler.divide(gp.rcx)
}

/** Jumps over `body` where the last comparison's condition holds. */
export function skipIf(assembler: Assembler, which: number, body: () => void): void {
  const skipped = assembler.label('skipped')
  assembler.jumpIf(which, skipped)
  body()
  assembler.place(skipped)
}

/** Runs `holds` where the last comparison's condition holds, and `fails` where it does not, which stands first. */
export function choose(
  assembler: Assembler,
  which: number,
  { fails, holds }: { readonly fails: () => void; readonly holds: () => void },
): void {
  const [held, done] = [assembler.label('holds'), assembler.label('done')]
  assembler.jumpIf(which, held)
  fails()
  assembler.jump(done)
  assembler.place(held)
  holds()
  assembler.place(done)
}

/** register = min(register, max), without a sign. */
export function clamp(assembler: Assembler, register: number, max: number): void {
  assembler.compareImmediate(register, max)
  skipIf(assembler, condition.below, () => assembler.moveSmall(register, max))
}

/** Runs `body` as often as `register` says, which is not 0; `register` counts down. */
export function countDown(assembler: Assembler, register: number, body: () => void): void {
  const loop = assembler.label('loop')
  assembler.place(loop)
  body()
  assembler.subImmediate(register, 1)
  assembler.jumpIf(condition.notEqual, loop)
}

/** The same where `register` may be 0. */
export function countDownOrSkip(assembler: Assembler, register: number, body: () => void): void {
  assembler.test(register)
  skipIf(assembler, condition.equal, () => countDown(assembler, register, body))
}

/** The same with the count on the stack, which is not 0. Changes rax. */
export function countDownSlot(assembler: Assembler, slot: Operand, body: () => void): void {
  const loop = assembler.label('loop')
  assembler.place(loop)
  body()
  assembler.load(gp.rax, slot)
  assembler.subImmediate(gp.rax, 1)
  assembler.store(slot, gp.rax)
  assembler.jumpIf(condition.notEqual, loop)
}

/** Where a register stops counting: at a number, at what another register holds, or at what memory holds. */
export type Limit = { readonly number: number } | { readonly register: number } | Operand

/** Runs `body` at least once, each time with `register` up by `by`, until it is no longer below `to`. */
export function countUp(
  assembler: Assembler,
  register: number,
  { by = 1, to }: { readonly by?: number; readonly to: Limit },
  body: () => void,
): void {
  const loop = assembler.label('loop')
  assembler.place(loop)
  body()
  assembler.addImmediate(register, by)
  if ('number' in to) assembler.compareImmediate(register, to.number)
  else if ('register' in to) assembler.compare(register, to.register)
  else assembler.compareMemory(register, to)
  assembler.jumpIf(condition.below, loop)
}
