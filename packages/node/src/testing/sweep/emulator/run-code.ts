import { Assembler, gp } from '../../../assembler/assembler.ts'
import { emitFunction } from '../../../kernels/loop.ts'
import type { Executor, Region } from '../executor.ts'

/** Registers in which `runCode` hands pointers to its code: to the inputs, and to the output. */
export const pointer = { inputs: [gp.rbx, gp.rbp, gp.r12], output: gp.r13 } as const

/**
 * Runs a few instructions.
 *
 * @param inputs up to three.
 * @param output what the output holds before; it ends where its region does.
 * @returns what it holds after.
 */
export function runCode(
  executor: Executor,
  inputs: readonly Int32Array[],
  output: Int32Array,
  emit: (assembler: Assembler) => void,
): Int32Array {
  const assembler = new Assembler()
  const entry = emitFunction(assembler, 0, () => {
    inputs.forEach((_, i) => {
      assembler.load(pointer.inputs[i] as number, { base: gp.rdi, displacement: 8 * i })
    })
    assembler.load(pointer.output, { base: gp.rdi, displacement: 8 * inputs.length })
    emit(assembler)
  })
  executor.install({ code: assembler.finish(), entry: assembler.offsetOf(entry), tasks: 1 })
  const [table, ...regions] = executor.regions as readonly [Region, ...Region[]]
  const addresses = new BigUint64Array(table.bytes.buffer, table.bytes.byteOffset, inputs.length + 1)
  const placed = [...inputs, output].map((content, i) => {
    const { address, bytes } = regions[i] as Region
    const offset = bytes.length - content.byteLength
    bytes.set(new Uint8Array(content.buffer, content.byteOffset, content.byteLength), offset)
    addresses[i] = address + BigInt(offset)
    return () => new Int32Array(bytes.slice(offset).buffer)
  })
  executor.run(table.address, 0)
  return placed.at(-1)?.() ?? output
}
