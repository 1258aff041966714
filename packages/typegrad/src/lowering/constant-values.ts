import { byteSize, type DType } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import type { Work } from '../base/work.ts'
import { type Kernel, kernelDomain } from '../kernel/kernel.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../onnx/model.ts'
import { readBy } from './lower.ts'

/** Dtype and shape of a value of a model. */
interface ValueType {
  readonly dtype: DType
  readonly shape: readonly (number | string)[]
}

/** What a model's constants alone decide, and which of it a run would otherwise make anew. */
export class ConstantValues {
  /** Nodes that read constants alone, by what they make. */
  readonly #makers = new Map<string, OnnxNode>()
  readonly #constants: ReadonlyMap<string, string>
  readonly #initializers: ReadonlyMap<string, OnnxTensor>
  readonly #kernels: ReadonlyMap<string, Kernel>

  private constructor(
    model: OnnxModel,
    constants: ReadonlyMap<string, string>,
    kernels: ReadonlyMap<string, Kernel>,
  ) {
    this.#constants = constants
    this.#initializers = new Map(model.graph.initializers.map((tensor) => [tensor.name, tensor]))
    this.#kernels = kernels
  }

  /** @param constants what the model reads and does not define: what tells each constant from all others, by its name. */
  static *finding(
    model: OnnxModel,
    constants: ReadonlyMap<string, string>,
    kernels: ReadonlyMap<string, Kernel>,
  ): Work<ConstantValues> {
    const values = new ConstantValues(model, constants, kernels)
    for (const node of model.graph.nodes) {
      yield
      if (!readBy(node).every((name) => name === '' || values.has(name))) continue
      for (const name of node.outputs) values.#makers.set(name, node)
    }
    return values
  }

  has(name: string): boolean {
    return this.#constants.has(name) || this.#initializers.has(name) || this.#makers.has(name)
  }

  /** Whether a value has to be computed from constants. */
  isComputed(name: string): boolean {
    return this.#makers.has(name)
  }

  /** The constants that a value is made of. */
  sourcesOf(name: string): Set<string> {
    const sources = new Set<string>()
    this.#visit(name, (value) => {
      if (this.#constants.has(value)) sources.add(value)
    })
    return sources
  }

  /**
   * How a value is made of constants: two values with one recipe have the same elements, in whatever models they are.
   * Undefined for what loops make, and of tables in the model.
   */
  recipeOf(name: string): string | undefined {
    const places = new Map<string, number>()
    const steps: string[] = []
    let isKnown = true
    this.#visit(name, (value) => {
      places.set(value, places.size)
      const step = this.#stepOf(value, places)
      if (step === undefined) isKnown = false
      else steps.push(step)
    })
    return isKnown ? steps.join('\n') : undefined
  }

  #stepOf(name: string, places: ReadonlyMap<string, number>): string | undefined {
    const constant = this.#constants.get(name)
    if (constant !== undefined) return constant
    const initializer = this.#initializers.get(name)
    if (initializer !== undefined) return textOf(initializer)
    const node = this.#makers.get(name)
    if (node === undefined) return undefined
    const { op, domain, inputs, outputs, attributes = {} } = node
    const work = domain === kernelDomain ? JSON.stringify(this.#kernels.get(op)) : op
    const details: string[] = []
    for (const [key, attribute] of Object.entries(attributes)) {
      const text = attributeText(attribute)
      if (text === undefined) return undefined
      details.push(`${key}=${text}`)
    }
    const operands = inputs.map((input) => places.get(input) ?? '')
    return `${domain ?? ''}.${work}(${operands})[${details}].${outputs.indexOf(name)}`
  }

  /** Visits a value after all that it is made of, each once. */
  #visit(name: string, visit: (name: string) => void, seen = new Set<string>()): void {
    if (name === '' || seen.has(name)) return
    seen.add(name)
    const maker = this.#makers.get(name)
    if (maker !== undefined) for (const input of readBy(maker)) this.#visit(input, visit, seen)
    visit(name)
  }
}

/** Numbers of a model up to which they are part of a recipe. */
const fewElements = 64

const textOf = ({ dtype, shape, data }: Omit<OnnxTensor, 'name'>): string | undefined =>
  data.length > fewElements ? undefined : `${dtype} [${shape}] ${bitsOf(data)}`

/** Bits, since numbers that print alike may differ. */
const bitsOf = ({ buffer, byteOffset, byteLength }: OnnxTensor['data']): string =>
  new Uint8Array(buffer, byteOffset, byteLength).join(' ')

function attributeText(attribute: OnnxAttribute): string | undefined {
  if (attribute.type === 'graph') return undefined
  return attribute.type === 'tensor' ? textOf(attribute.value) : JSON.stringify(attribute.value)
}

/** A constant that a run reads: where, and as what. */
export interface ConstantUse {
  readonly name: string
  /** Whether it is the second operand of a product or the kernel of a convolution, which are packed. */
  readonly isPacked: boolean
  /** The dtype that it has to be of to be packed. */
  readonly packedDType: DType
  /** Whether what the runtime packs it into serves all models that have the same constant: not for convolutions. */
  readonly isSharable: boolean
  /** The operator is a kernel, which reads its operand as it is. */
  readonly isOfKernel: boolean
}

/** Operators whose second operand the runtime packs, where it is of this dtype. */
const packingOperators: ReadonlyMap<string, DType> = new Map([
  ['MatMul', 'float32'],
  ['Gemm', 'float32'],
  ['Conv', 'float32'],
  ['ConvTranspose', 'float32'],
  ['MatMulNBits', 'uint8'],
])
const convolutions = new Set(['Conv', 'ConvTranspose'])
/** Kernels whose second operand is in the order that they read it in. */
const packedKernels = new Set<Kernel['kind']>(['product', 'panelProduct', 'winogradConv'])

/** Where what constants decide meets what they do not, in loops too. */
export function constantUses(
  { graph }: OnnxModel,
  values: ConstantValues,
  kernels: ReadonlyMap<string, Kernel>,
): ConstantUse[] {
  const uses: ConstantUse[] = []
  const look = ({ nodes }: OnnxGraph): void => {
    for (const { op, domain, inputs, outputs, attributes = {} } of nodes) {
      for (const attribute of Object.values(attributes)) if (attribute.type === 'graph') look(attribute.value)
      if (outputs.some((name) => values.has(name))) continue
      const kind = domain === kernelDomain ? kernels.get(op)?.kind : undefined
      const packs = kind === undefined ? packingOperators.has(op) : packedKernels.has(kind)
      inputs.forEach((name, i) => {
        if (name === '' || !values.has(name)) return
        uses.push({
          name,
          isPacked: packs && i === 1,
          packedDType: packingOperators.get(op) ?? 'float32',
          isSharable: !convolutions.has(op),
          isOfKernel: kind !== undefined,
        })
      })
    }
  }
  look(graph)
  return uses
}

/** Bytes of a value whose shape is known. */
export const bytesOfValue = ({ dtype, shape }: ValueType): number =>
  byteSize[dtype] * sizeOf(shape.map((size) => (typeof size === 'number' ? size : 0)))
