/**
 * The function of an operator that computes: `OrtStatus *compute(void *kernel, OrtKernelContext *context)`. It asks the
 * runtime where inputs and outputs are, and runs the loop, on the runtime's threads where there are several tasks. An
 * input that is shorter than what the loop reads is an error.
 *
 * | register | holds |
 * | --- | --- |
 * | rbx, rbp | the context; the stack as it was at entry, for the way out |
 * | rdi, rsi, rdx, rcx, r8, rax | arguments and results of calls |
 * | stack | the loop's table of pointers (`tablePointer`), then `value`: an input or output as the runtime has it |
 *
 * rax is the status at the exit: 0, what a failed call returned, or the error that `refuse` makes.
 */
import { byteSize, type Kernel, signatureOf } from 'typegrad/engine'
import { type Assembler, condition, gp, type Label, type Operand } from '../assembler/assembler.ts'
import { elementsRead } from './bounds.ts'
import { type Loop, stackSlot } from './loop.ts'

/** Addresses of the functions of ONNX Runtime that a kernel calls. */
export interface KernelCallees {
  readonly getInput: bigint
  readonly getOutput: bigint
  readonly getData: bigint
  readonly parallelFor: bigint
  readonly getSizeInBytes: bigint
  readonly createStatus: bigint
}

/** What the function calls, and the data that it points at. */
export interface ComputeParts {
  readonly loop: Loop
  readonly callees: KernelCallees
  readonly tables: {
    /** What is said of an input that has fewer elements than the loop reads. */
    readonly tooShort: Label
    /** Of each output. */
    readonly dimensions: readonly Label[]
  }
}

/** `OrtErrorCode`: ORT_INVALID_ARGUMENT. */
const invalidArgument = 2

const context = gp.rbx

interface Computation extends ComputeParts {
  readonly code: Assembler
  readonly value: Operand
  /** Where an input is refused, and where the function ends. */
  readonly refuse: Label
  readonly exit: Label
}

export function emitCompute(code: Assembler, kernel: Kernel, parts: ComputeParts): void {
  const { inputs, outputs } = signatureOf(kernel)
  const read = elementsRead(kernel)
  const pointers = inputs.length + outputs.length
  const value = stackSlot(pointers)
  const computation = { ...parts, code, value, refuse: code.label('refuse'), exit: code.label('exit') }

  code.push(gp.rbp)
  code.move(gp.rbp, gp.rsp)
  code.push(gp.rbx)
  code.push(gp.r12)
  // Calls want the stack on a multiple of 16, where it is now.
  code.subImmediate(gp.rsp, Math.ceil((8 * (pointers + 1)) / 16) * 16)
  code.move(context, gp.rsi)
  inputs.forEach(({ dtype }, i) => {
    emitInput(computation, i, { pointer: stackSlot(i), bytes: (read[i] as number) * byteSize[dtype] })
  })
  outputs.forEach(({ shape }, i) => {
    emitOutput(computation, i, { pointer: stackSlot(inputs.length + i), rank: shape.length })
  })
  emitRun(computation)
  emitExit(computation)
}

/** Calls a function of the runtime that returns a status; any but 0 is the function's own result. */
function emitCall({ code, exit }: Computation, address: bigint): void {
  code.moveImmediate(gp.rax, address)
  code.call(gp.rax)
  code.test(gp.rax)
  code.jumpIf(condition.notEqual, exit)
}

/** pointer = the elements of an input, which has to have so many bytes. */
function emitInput(
  computation: Computation,
  i: number,
  { pointer, bytes }: { readonly pointer: Operand; readonly bytes: number },
): void {
  const { code, callees, value, refuse } = computation
  code.move(gp.rdi, context)
  code.moveSmall(gp.rsi, i)
  code.address(gp.rdx, value)
  emitCall(computation, callees.getInput)
  if (bytes > 0) {
    // The size is put where the pointer will be.
    const size = pointer
    code.load(gp.rdi, value)
    code.address(gp.rsi, size)
    emitCall(computation, callees.getSizeInBytes)
    code.moveImmediate(gp.rax, BigInt(bytes - 1))
    code.compareMemory(gp.rax, size)
    code.jumpIf(condition.aboveOrEqual, refuse)
  }
  emitData(computation, pointer)
}

/** pointer = the elements of an output, which the runtime makes. */
function emitOutput(
  computation: Computation,
  i: number,
  { pointer, rank }: { readonly pointer: Operand; readonly rank: number },
): void {
  const { code, callees, tables, value } = computation
  code.move(gp.rdi, context)
  code.moveSmall(gp.rsi, i)
  code.address(gp.rdx, { label: tables.dimensions[i] as Label })
  code.moveSmall(gp.rcx, rank)
  code.address(gp.r8, value)
  emitCall(computation, callees.getOutput)
  emitData(computation, pointer)
}

/** pointer = the elements of `value`. */
function emitData(computation: Computation, pointer: Operand): void {
  const { code, callees, value } = computation
  code.load(gp.rdi, value)
  code.address(gp.rsi, pointer)
  emitCall(computation, callees.getData)
}

/** Runs the loop's tasks: its only one by itself, several on the runtime's threads. rax = 0. */
function emitRun({ code, loop, callees, exit }: Computation): void {
  const table = gp.rsp
  if (loop.tasks === 1) {
    code.move(gp.rdi, table)
    code.moveSmall(gp.rsi, 0)
    code.address(gp.rax, { label: loop.entry })
    code.call(gp.rax)
    code.moveSmall(gp.rax, 0)
  } else {
    code.move(gp.rdi, context)
    code.address(gp.rsi, { label: loop.entry })
    code.moveSmall(gp.rdx, loop.tasks)
    // As many batches as there are threads.
    code.moveSmall(gp.rcx, 0)
    code.move(gp.r8, table)
    code.moveImmediate(gp.rax, callees.parallelFor)
    code.call(gp.rax)
  }
  code.jump(exit)
}

/** The error of an input that is too short, and the way out. */
function emitExit({ code, callees, tables, refuse, exit }: Computation): void {
  code.place(refuse)
  code.moveSmall(gp.rdi, invalidArgument)
  code.address(gp.rsi, { label: tables.tooShort })
  code.moveImmediate(gp.rax, callees.createStatus)
  code.call(gp.rax)
  code.place(exit)
  code.address(gp.rsp, { base: gp.rbp, displacement: -16 })
  code.pop(gp.r12)
  code.pop(gp.rbx)
  code.pop(gp.rbp)
  code.ret()
}
