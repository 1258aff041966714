import { type Elements, elementsOf } from '../importing/elements.ts'
import { Interpreter } from '../importing/interpreter.ts'
import { OnnxSource } from '../importing/source.ts'
import type { FileTensor, FileType } from '../onnx/file.ts'
import { readOnnxFile } from '../onnx/read-file.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { readGolden } from './golden.ts'

/** A tensor as its bytes, in base64. */
export interface StoredElements {
  readonly type: FileType
  readonly shape: readonly number[]
  readonly data: string
}

/** A test of ONNX's own suite: a model of one operator, and what it gives. */
export interface OnnxNodeCase {
  readonly name: string
  readonly model: string
  readonly inputs: readonly StoredElements[]
  readonly outputs: readonly StoredElements[]
}

/** Some of ONNX's own tests of each operator, by tools/golden/make_onnx_nodes.py. */
export const onnxNodeCases = (): readonly OnnxNodeCase[] => readGolden('onnx-nodes.json')

/** Operators at the edges of their definitions, as ONNX Runtime has them, by tools/golden/make_onnx_edges.py. */
export const onnxEdgeCases = (): readonly OnnxNodeCase[] => readGolden('onnx-edges.json')

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'))

export const storedElements = (name: string, { type, shape, data }: StoredElements): Elements => {
  const tensor: FileTensor = { name, type, shape, content: { kind: 'bytes', bytes: bytesOf(data) } }
  return elementsOf(name, tensor)
}

/** A model of the suite that is run for known inputs, as shapes and axes have to be. */
export class OnnxNode {
  readonly inputs: readonly Tensor[]
  readonly name: string
  readonly op: string
  readonly #file
  readonly #source

  constructor({ name, model, inputs }: OnnxNodeCase) {
    this.name = name
    this.#file = readOnnxFile(bytesOf(model))
    this.#source = new OnnxSource(this.#file, new Map())
    this.op = this.#file.graph.nodes.at(-1)?.op ?? ''
    this.inputs = this.#file.graph.inputs.map(({ name: input }, i) => {
      const { data, shape, dtype } = storedElements(input, inputs[i] as StoredElements)
      return fromData(data, shape, dtype)
    })
  }

  /** What the node gives. Default: for the inputs of the case. */
  run(inputs: readonly Tensor[] = this.inputs): readonly Tensor[] {
    const { graph } = this.#file
    const { pool } = this.#source
    const given = graph.inputs.map(({ name, type }, i) => {
      const value = inputs[i] as Tensor
      pool.setType(value, type)
      return [name, value] as const
    })
    const outputs = graph.outputs.map(({ name }) => name)
    return new Interpreter(this.#file, pool).run(new Map(given), outputs) as readonly Tensor[]
  }
}
