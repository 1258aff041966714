import { makeNode } from '../graph/node.ts'
import type { TraceSizes } from '../layers/base/symbolic.ts'
import type { FileTensor } from '../onnx/file.ts'
import { Tensor } from '../tensor/tensor.ts'
import { faultsError } from './faults.ts'
import { type Fault, Interpreter } from './interpreter.ts'
import type { OnnxInput, OnnxOutput } from './network-parts.ts'
import type { OnnxSource, ReadTensor } from './source.ts'

/**
 * Sizes that stand for open ones, where shapes are found: networks of images want multiples of their strides, and those of words no
 * more than they have positions for, so several are tried.
 */
export const candidates: readonly TraceSizes[] = [64, 640, 224, 16, 512].map((base) => ({
  batch: [2, 3],
  open: [base, 2 * base],
  named: (i) => [base + 32 * (i + 1), 2 * base + 96 * (i + 1)],
}))

/** What going through a network for shapes alone has told. */
export interface Traced {
  /** Which of the `candidates` fit. */
  readonly sizes: number
  /** The file's tensors that it reads, in order. */
  readonly read: ReadonlyMap<FileTensor, ReadTensor>
}

/** @throws FormatError for all that the network has and nobody knows. */
export function traced(
  source: OnnxSource,
  inputs: readonly OnnxInput[],
  constants: ReadonlyMap<string, Tensor>,
  outputs: readonly OnnxOutput[],
): Traced {
  let first: readonly Fault[] | undefined
  for (const [sizes, candidate] of candidates.entries()) {
    const { faults, read } = lookedThrough(source, inputs, constants, outputs, candidate)
    if (faults.length === 0) return { sizes, read }
    first ??= faults
    // Other sizes do not help with what is not known.
    if (!faults.some(({ isOfShapes }) => isOfShapes)) break
  }
  throw faultsError(first ?? [], inputs)
}

/** Goes through a network for shapes alone: what is wrong with it, and which of the file's tensors it reads. */
function lookedThrough(
  source: OnnxSource,
  inputs: readonly OnnxInput[],
  constants: ReadonlyMap<string, Tensor>,
  outputs: readonly OnnxOutput[],
  { batch, open, named }: TraceSizes,
): { readonly faults: readonly Fault[]; readonly read: ReadonlyMap<FileTensor, ReadTensor> } {
  const names = [...new Set(inputs.flatMap(({ shape }) => shape).filter((size) => typeof size === 'string'))]
  const pairOf = (size: string | null, axis: number): readonly [number, number] => {
    if (size === 'batch' || (size === null && axis === 0)) return batch
    return size === null ? open : named(names.indexOf(size))
  }
  const faults: Fault[] = []
  const read = new Map<FileTensor, ReadTensor>()
  const ends = outputs.map(({ name }) => name)
  const isOpen = inputs.some(({ shape }) => shape.some((size) => typeof size !== 'number'))
  for (const which of isOpen ? ([0, 1] as const) : ([0] as const)) {
    const given = new Map(constants)
    for (const { name, dtype, shape } of inputs) {
      const sizes = shape.map((size, axis) => (typeof size === 'number' ? size : pairOf(size, axis)[which]))
      given.set(name, new Tensor(makeNode('input', [], { name, dtype, shape: sizes })))
    }
    new Interpreter(source.file, source.readingPool(read), faults).run(given, ends)
    if (faults.length > 0) break
  }
  return { faults, read }
}
