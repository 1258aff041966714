import { byteSize } from '../../../base/dtype.ts'
import { sizeOf } from '../../../base/shape.ts'
import { elementsRead } from '../../../kernel/bounds.ts'
import { type Kernel, signatureOf } from '../../../kernel/kernel.ts'
import { dtypeCode } from '../../../onnx/fields.ts'
import { Assembler, condition, gp, type Label } from './assembler.ts'
import { emitLoop } from './loop-table.ts'

/** Addresses of the functions of ONNX Runtime that a kernel calls. */
export interface KernelCallees {
  readonly getInput: bigint
  readonly getOutput: bigint
  readonly getData: bigint
  readonly parallelFor: bigint
  readonly getSizeInBytes: bigint
  readonly createStatus: bigint
}

/** Version of `OrtCustomOp`: every field below exists from this one on. */
const structVersion = 22

/**
 * The fields of `OrtCustomOp` behind its version, in order.
 * https://onnxruntime.ai/docs/api/c/struct_ort_custom_op.html
 */
const structFields = [
  'createKernel',
  'getName',
  'getExecutionProviderType',
  'getInputType',
  'getInputTypeCount',
  'getOutputType',
  'getOutputTypeCount',
  'kernelCompute',
  'kernelDestroy',
  'getInputCharacteristic',
  'getOutputCharacteristic',
  'getInputMemoryType',
  'getVariadicInputMinArity',
  'getVariadicInputHomogeneity',
  'getVariadicOutputMinArity',
  'getVariadicOutputHomogeneity',
  'createKernelV2',
  'kernelComputeV2',
  'inferOutputShape',
  'getStartVersion',
  'getEndVersion',
  'getMayInplace',
  'releaseMayInplace',
  'getAliasMap',
  'releaseAliasMap',
] as const
type StructField = (typeof structFields)[number]

/** A custom operator's machine code, and where its struct will stand in it. */
export interface CustomOp {
  readonly code: Assembler
  /** Writes addresses into the struct, once it is known where the code will stand. */
  finish(address: bigint): { readonly bytes: Uint8Array; readonly struct: bigint }
}

/**
 * A kernel as an operator of ONNX Runtime: the struct that describes it, small functions that answer the runtime's
 * questions, and the function that computes, all of it code that knows its kernel's shapes.
 */
export function assembleCustomOp(name: string, kernel: Kernel, callees: KernelCallees): CustomOp {
  const code = new Assembler()
  const { entry, tasks } = emitLoop(code, kernel)
  const { inputs, outputs } = signatureOf(kernel)

  const labels = new Map<StructField, Label>()
  /** A function of the struct; those that share a body share an entry. */
  const fn = (fields: readonly StructField[], body: () => void): void => {
    const label = code.label(fields.join())
    code.align(16)
    code.place(label)
    body()
    for (const field of fields) labels.set(field, label)
  }
  const answer = (value: number) => () => {
    code.moveSmall(gp.rax, value)
    code.ret()
  }
  const table = (content: Uint8Array): Label => {
    const label = code.label('table')
    code.align(8)
    code.place(label)
    code.data(content)
    return label
  }
  const int32s = (values: readonly number[]): Label =>
    table(new Uint8Array(Int32Array.from(values.length === 0 ? [0] : values).buffer))

  const string = (content: string): Label => table(new TextEncoder().encode(`${content}\0`))
  const text = string(name)
  const tooShort = string(`kernel '${name}' (${kernel.kind}): an input has fewer elements than are read`)
  const read = elementsRead(kernel)
  // Never empty, and nowhere a null pointer.
  const dimensions = outputs.map(({ shape }) =>
    table(new Uint8Array(BigInt64Array.from([...shape, 0].map(BigInt)).buffer)),
  )
  const types = {
    input: int32s(inputs.map(({ dtype }) => dtypeCode[dtype])),
    output: int32s(outputs.map(({ dtype }) => dtypeCode[dtype])),
  }
  // An output may take the memory of any input that has its elements in its order.
  const pairs = inputs.flatMap((input, i) =>
    outputs.flatMap((output, o) =>
      input.isAligned && input.dtype === output.dtype && sizeOf(output.shape) > 1 ? [[i, o] as const] : [],
    ),
  )
  const inPlace = { input: int32s(pairs.map(([i]) => i)), output: int32s(pairs.map(([, o]) => o)) }

  fn(['getName'], () => {
    code.address(gp.rax, { label: text })
    code.ret()
  })
  fn(['getInputTypeCount'], answer(inputs.length))
  fn(['getOutputTypeCount'], answer(outputs.length))
  fn(['getStartVersion', 'getVariadicInputMinArity', 'getVariadicInputHomogeneity'], answer(1))
  fn(['getVariadicOutputMinArity', 'getVariadicOutputHomogeneity'], answer(1))
  fn(['getEndVersion'], answer(0x7fffffff))
  fn(
    [
      'getExecutionProviderType',
      'kernelDestroy',
      'getInputCharacteristic',
      'getOutputCharacteristic',
      'getInputMemoryType',
      'releaseMayInplace',
      'getAliasMap',
      'releaseAliasMap',
    ],
    answer(0),
  )
  for (const [field, label] of [
    ['getInputType', types.input],
    ['getOutputType', types.output],
  ] as const) {
    fn([field], () => {
      code.address(gp.rax, { label })
      code.loadSmall(gp.rax, { base: gp.rax, index: gp.rsi, scale: 4 })
      code.ret()
    })
  }
  // The operator has no state beside its code: the struct serves as the kernel.
  fn(['createKernelV2'], () => {
    code.store({ base: gp.rcx }, gp.rdi)
    code.moveSmall(gp.rax, 0)
    code.ret()
  })
  fn(['getMayInplace'], () => {
    code.address(gp.rax, { label: inPlace.input })
    code.store({ base: gp.rdi }, gp.rax)
    code.address(gp.rax, { label: inPlace.output })
    code.store({ base: gp.rsi }, gp.rax)
    code.moveSmall(gp.rax, pairs.length)
    code.ret()
  })
  fn(['kernelComputeV2'], () =>
    emitCompute(code, {
      inputBytes: inputs.map(({ dtype }, i) => (read[i] as number) * byteSize[dtype]),
      tooShort,
      outputs: outputs.map(({ shape }, i) => ({ rank: shape.length, dimensions: dimensions[i] as Label })),
      entry,
      tasks,
      callees,
    }),
  )

  code.align(16)
  const struct = code.label('struct')
  code.place(struct)
  code.data(new Uint8Array(8 * (1 + structFields.length)))
  return {
    code,
    finish(address) {
      const bytes = code.finish()
      const view = new DataView(bytes.buffer)
      const at = code.offsetOf(struct)
      view.setUint32(at, structVersion, true)
      structFields.forEach((field, i) => {
        const label = labels.get(field)
        if (label !== undefined)
          view.setBigUint64(at + 8 * (i + 1), address + BigInt(code.offsetOf(label)), true)
      })
      return { bytes, struct: address + BigInt(at) }
    },
  }
}

interface Computation {
  /** Bytes that are read of each input, which has at least as many. */
  readonly inputBytes: readonly number[]
  /** What is said of one that has fewer. */
  readonly tooShort: Label
  readonly outputs: readonly { readonly rank: number; readonly dimensions: Label }[]
  readonly entry: Label
  readonly tasks: number
  readonly callees: KernelCallees
}

const invalidArgument = 2

/**
 * `OrtStatus *compute(void *kernel, OrtKernelContext *context)`: asks the runtime where inputs and outputs are, and runs
 * the loop, on its threads where there are several tasks. An input that is shorter than what the loop reads is an error.
 */
function emitCompute(
  code: Assembler,
  { inputBytes, tooShort, outputs, entry, tasks, callees }: Computation,
): void {
  const inputs = inputBytes.length
  const pointers = inputs + outputs.length
  const value = { base: gp.rsp, displacement: 8 * pointers }
  const [exit, refuse] = [code.label('exit'), code.label('refuse')]
  const call = (address: bigint): void => {
    code.moveImmediate(gp.rax, address)
    code.call(gp.rax)
    code.test(gp.rax)
    code.jumpIf(condition.notEqual, exit)
  }
  code.push(gp.rbp)
  code.move(gp.rbp, gp.rsp)
  code.push(gp.rbx)
  code.push(gp.r12)
  // Calls want the stack on a multiple of 16, where it stands now.
  code.subImmediate(gp.rsp, Math.ceil((8 * (pointers + 1)) / 16) * 16)
  code.move(gp.rbx, gp.rsi)
  for (let i = 0; i < pointers; i++) {
    code.move(gp.rdi, gp.rbx)
    code.moveSmall(gp.rsi, i < inputs ? i : i - inputs)
    const output = outputs[i - inputs]
    if (output === undefined) {
      code.address(gp.rdx, value)
      call(callees.getInput)
      const bytes = inputBytes[i] as number
      if (bytes > 0) {
        // The size is put where the pointer will be.
        const size = { base: gp.rsp, displacement: 8 * i }
        code.load(gp.rdi, value)
        code.address(gp.rsi, size)
        call(callees.getSizeInBytes)
        code.moveImmediate(gp.rax, BigInt(bytes - 1))
        code.compareMemory(gp.rax, size)
        code.jumpIf(condition.aboveOrEqual, refuse)
      }
    } else {
      code.address(gp.rdx, { label: output.dimensions })
      code.moveSmall(gp.rcx, output.rank)
      code.address(gp.r8, value)
      call(callees.getOutput)
    }
    code.load(gp.rdi, value)
    code.address(gp.rsi, { base: gp.rsp, displacement: 8 * i })
    call(callees.getData)
  }
  if (tasks === 1) {
    code.move(gp.rdi, gp.rsp)
    code.moveSmall(gp.rsi, 0)
    code.address(gp.rax, { label: entry })
    code.call(gp.rax)
    code.moveSmall(gp.rax, 0)
  } else {
    code.move(gp.rdi, gp.rbx)
    code.address(gp.rsi, { label: entry })
    code.moveSmall(gp.rdx, tasks)
    // As many batches as there are threads.
    code.moveSmall(gp.rcx, 0)
    code.move(gp.r8, gp.rsp)
    code.moveImmediate(gp.rax, callees.parallelFor)
    code.call(gp.rax)
  }
  code.jump(exit)
  code.place(refuse)
  code.moveSmall(gp.rdi, invalidArgument)
  code.address(gp.rsi, { label: tooShort })
  code.moveImmediate(gp.rax, callees.createStatus)
  code.call(gp.rax)
  code.place(exit)
  code.address(gp.rsp, { base: gp.rbp, displacement: -16 })
  code.pop(gp.r12)
  code.pop(gp.rbx)
  code.pop(gp.rbp)
  code.ret()
}
