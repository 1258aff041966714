import { sizeOf } from '../base/shape.ts'
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../onnx/model.ts'

/** A constant matrix or kernel of floats. */
export interface FloatConstant {
  /** Of the initializer that it is made of. */
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Floats of a graph that never change: initializers, and what only moves their elements. */
export class Constants {
  readonly #initializers: ReadonlyMap<string, OnnxTensor>
  readonly #producers: ReadonlyMap<string, OnnxNode>

  constructor({ initializers, nodes }: OnnxGraph) {
    this.#initializers = new Map(initializers.map((tensor) => [tensor.name, tensor]))
    this.#producers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])))
  }

  /** The constant of this name; undefined for what is none. */
  of(name: string): FloatConstant | undefined {
    const initializer = this.#initializers.get(name)
    if (initializer !== undefined) {
      const { data, shape } = initializer
      return data instanceof Float32Array ? { name, shape, data } : undefined
    }
    const node = this.#producers.get(name)
    const [source] = node?.inputs ?? []
    if (node === undefined || source === undefined) return undefined
    if (node.op === 'Identity') return this.of(source)
    if (node.op !== 'Transpose' && node.op !== 'Reshape') return undefined
    const moved = this.of(source)
    if (moved === undefined) return undefined
    if (node.op === 'Transpose') {
      const perm = node.attributes?.perm
      return transposed(moved, perm?.type === 'ints' ? perm.value : moved.shape.map((_, i) => i).reverse())
    }
    const shape = this.#initializers.get(node.inputs[1] ?? '')
    return shape === undefined ? undefined : { ...moved, shape: sizesOf(shape, moved) }
  }
}

/** Sizes of a Reshape, of which 0 is what the tensor has and −1 what is left. */
function sizesOf({ data }: OnnxTensor, { shape, data: { length } }: FloatConstant): readonly number[] {
  const asked = [...data].map(Number).map((size, i) => (size === 0 ? (shape[i] as number) : size))
  const known = sizeOf(asked.filter((size) => size !== -1))
  return asked.map((size) => (size === -1 ? length / known : size))
}

function transposed({ name, shape, data }: FloatConstant, perm: readonly number[]): FloatConstant {
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
  const sizes = perm.map((axis) => shape[axis] as number)
  const steps = perm.map((axis) => strides[axis] as number)
  const moved = new Float32Array(data.length)
  const place = sizes.map(() => 0)
  let from = 0
  for (let to = 0; to < moved.length; to++) {
    moved[to] = data[from] as number
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1
      from += steps[axis] as number
      if ((place[axis] as number) < (sizes[axis] as number)) break
      from -= (steps[axis] as number) * (sizes[axis] as number)
      place[axis] = 0
    }
  }
  return { name, shape: sizes, data: moved }
}
