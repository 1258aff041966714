import { dtypeCode, type Kernel, signatureOf, sizeOf } from 'typegrad/engine'
import { Assembler, gp, type Label } from '../assembler/assembler.ts'
import { emitCompute, type KernelCallees } from './custom-op-compute.ts'
import { emitLoop } from './loop-table.ts'

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
 * A kernel as an operator of ONNX Runtime, all of it code and data that know their kernel's shapes: the loop, tables,
 * small functions that answer the runtime's questions, the function that computes, and the struct that names them all.
 */
export function assembleCustomOp(name: string, kernel: Kernel, callees: KernelCallees): CustomOp {
  const code = new Assembler()
  const loop = emitLoop(code, kernel)
  const tables = emitTables(code, name, kernel)
  const functions: Functions = { code, labels: new Map() }
  emitAnswer(functions, ['getName'], () => {
    code.address(gp.rax, { label: tables.name })
    code.ret()
  })
  emitConstantAnswers(functions, kernel)
  emitTableAnswers(functions, tables)
  emitAnswer(functions, ['kernelComputeV2'], () => emitCompute(code, kernel, { loop, tables, callees }))

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
        const label = functions.labels.get(field)
        if (label !== undefined)
          view.setBigUint64(at + 8 * (i + 1), address + BigInt(code.offsetOf(label)), true)
      })
      return { bytes, struct: address + BigInt(at) }
    },
  }
}

/** What the functions point at, as data among the code. */
interface Tables {
  readonly name: Label
  /** What is said of an input that has fewer elements than the loop reads. */
  readonly tooShort: Label
  /** Of each output. */
  readonly dimensions: readonly Label[]
  readonly inputTypes: Label
  readonly outputTypes: Label
  /** Pairs of an input and the output that may take its memory: how many, and their numbers. */
  readonly inPlace: { readonly count: number; readonly inputs: Label; readonly outputs: Label }
}

function emitTables(code: Assembler, name: string, kernel: Kernel): Tables {
  const { inputs, outputs } = signatureOf(kernel)
  const table = (content: Uint8Array): Label => {
    const label = code.label('table')
    code.align(8)
    code.place(label)
    code.data(content)
    return label
  }
  const string = (content: string): Label => table(new TextEncoder().encode(`${content}\0`))
  // Neither a table of no elements nor a null pointer.
  const int32s = (values: readonly number[]): Label =>
    table(new Uint8Array(Int32Array.from(values.length === 0 ? [0] : values).buffer))
  const int64s = (values: readonly number[]): Label =>
    table(new Uint8Array(BigInt64Array.from([...values, 0].map(BigInt)).buffer))
  // An output may take the memory of any input that has its elements in its order.
  const pairs = inputs.flatMap((input, i) =>
    outputs.flatMap((output, o) =>
      input.isAligned && input.dtype === output.dtype && sizeOf(output.shape) > 1 ? [[i, o] as const] : [],
    ),
  )
  return {
    name: string(name),
    tooShort: string(`kernel '${name}' (${kernel.kind}): an input has fewer elements than are read`),
    dimensions: outputs.map(({ shape }) => int64s(shape)),
    inputTypes: int32s(inputs.map(({ dtype }) => dtypeCode[dtype])),
    outputTypes: int32s(outputs.map(({ dtype }) => dtypeCode[dtype])),
    inPlace: {
      count: pairs.length,
      inputs: int32s(pairs.map(([i]) => i)),
      outputs: int32s(pairs.map(([, o]) => o)),
    },
  }
}

/** The code of the struct's functions, by the field that points at them. */
interface Functions {
  readonly code: Assembler
  readonly labels: Map<StructField, Label>
}

/** A function of the struct; fields that share a body share an entry. */
function emitAnswer({ code, labels }: Functions, fields: readonly StructField[], body: () => void): void {
  const label = code.label(fields.join())
  code.align(16)
  code.place(label)
  body()
  for (const field of fields) labels.set(field, label)
}

/** Functions that always give one number. */
function emitConstantAnswers(functions: Functions, kernel: Kernel): void {
  const { code } = functions
  const { inputs, outputs } = signatureOf(kernel)
  const answer = (fields: readonly StructField[], value: number): void =>
    emitAnswer(functions, fields, () => {
      code.moveSmall(gp.rax, value)
      code.ret()
    })
  answer(['getInputTypeCount'], inputs.length)
  answer(['getOutputTypeCount'], outputs.length)
  answer(['getStartVersion', 'getVariadicInputMinArity', 'getVariadicInputHomogeneity'], 1)
  answer(['getVariadicOutputMinArity', 'getVariadicOutputHomogeneity'], 1)
  answer(['getEndVersion'], 0x7fffffff)
  answer(
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
    0,
  )
}

/** Functions that give an element of a table, or several tables; arguments are in rdi, rsi, rdx and rcx. */
function emitTableAnswers(functions: Functions, { inputTypes, outputTypes, inPlace }: Tables): void {
  const { code } = functions
  for (const [field, label] of [
    ['getInputType', inputTypes],
    ['getOutputType', outputTypes],
  ] as const) {
    emitAnswer(functions, [field], () => {
      code.address(gp.rax, { label })
      code.loadSmall(gp.rax, { base: gp.rax, index: gp.rsi, scale: 4 })
      code.ret()
    })
  }
  // The operator has no state beside its code: the struct serves as the kernel.
  emitAnswer(functions, ['createKernelV2'], () => {
    code.store({ base: gp.rcx }, gp.rdi)
    code.moveSmall(gp.rax, 0)
    code.ret()
  })
  emitAnswer(functions, ['getMayInplace'], () => {
    code.address(gp.rax, { label: inPlace.inputs })
    code.store({ base: gp.rdi }, gp.rax)
    code.address(gp.rax, { label: inPlace.outputs })
    code.store({ base: gp.rsi }, gp.rax)
    code.moveSmall(gp.rax, inPlace.count)
    code.ret()
  })
}
