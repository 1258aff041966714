import { ArgumentError, ShapeError } from '../base/errors.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import type { Executable } from '../engine/engine.ts'
import { type OnnxModel as ImportedModel, onnxModel } from '../importing/index.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { OnnxModel, OnnxValue } from '../onnx/model.ts'
import { asTensor, type TensorLike, tensor } from '../tensor/create.ts'
import { evaluateAll, Tensor } from '../tensor/tensor.ts'
import { currentContext } from '../transforms/engine-context.ts'

/** What a program takes: a tensor, or several by name. */
export type ProgramInputs = TensorLike | Readonly<Record<string, TensorLike>>

/** Programs for so many combinations of shapes are kept. */
const most = 16

/**
 * A model in 8 bits: a file of ONNX that ONNX Runtime computes in integers, here and elsewhere. Made by `quantizeStatic` and
 * `quantizeDynamic`.
 */
export class QuantizedProgram {
  /** The file. */
  readonly bytes: Uint8Array
  /** Names of the weights that are int8. */
  readonly quantized: readonly string[]
  readonly #model: OnnxModel
  readonly #programs = new Map<string, Promise<Executable>>()

  constructor(model: OnnxModel, quantized: readonly string[]) {
    this.#model = model
    this.bytes = encodeModel(model)
    this.quantized = quantized
  }

  get inputs(): readonly OnnxValue[] {
    return this.#model.graph.inputs
  }

  /**
   * The outputs for these inputs, by name, computed in integers.
   *
   * @throws ArgumentError for inputs that are missing or unknown; ShapeError for one of another shape.
   * @example
   * const { dense } = await program.predict(images)
   */
  async predict(inputs: ProgramInputs): Promise<Readonly<Record<string, Tensor>>> {
    const given = namedInputs('QuantizedProgram.predict', this.inputs, inputs)
    const sizes = sizesOf('QuantizedProgram.predict', this.inputs, given)
    await evaluateAll(given)
    const context = await currentContext()
    const key = given.map(({ shape }) => formatShape(shape)).join()
    let loading = this.#programs.get(key)
    if (loading === undefined) {
      const [oldest] = this.#programs.keys()
      if (this.#programs.size >= most && oldest !== undefined) this.#programs.delete(oldest)
      loading = context.engine.load(encodeModel(this.#of(sizes)))
      this.#programs.set(key, loading)
    }
    const executable = await loading
    const storages = await Promise.all(
      given.map(async (value) => context.engine.upload(await value.data(), value.dtype, value.shape)),
    )
    const outputs = executable.outputs.map(({ dtype, shape }) => context.engine.allocate(dtype, shape))
    await context.enqueue(() => executable.run(storages, outputs))
    const results = executable.outputs.map(async ({ name, dtype, shape }, i) => {
      const data = await context.engine.read(outputs[i] as (typeof outputs)[number])
      return [name, tensor(data, { dtype, shape })] as const
    })
    return Object.fromEntries(await Promise.all(results))
  }

  /**
   * The file as a model that trains: rounding is computed in floats, and gradients pass straight through it
   * (quantisation-aware training that begins with the ranges of the calibration). Slower than `predict`.
   *
   * @example
   * const model = await program.toModel()
   * model.compile({ optimizer: 'adam', loss: 'mse' })
   */
  async toModel(): Promise<ImportedModel> {
    return await onnxModel(this.bytes)
  }

  /** With sizes in the place of their names. */
  #of(sizes: ReadonlyMap<string, number>): OnnxModel {
    const fixed = (value: OnnxValue): OnnxValue => ({
      ...value,
      shape: value.shape.map((size) => (typeof size === 'string' ? (sizes.get(size) ?? size) : size)),
    })
    const { graph } = this.#model
    return {
      ...this.#model,
      graph: { ...graph, inputs: graph.inputs.map(fixed), outputs: graph.outputs.map(fixed) },
    }
  }
}

const isByName = (inputs: ProgramInputs): inputs is Readonly<Record<string, TensorLike>> =>
  typeof inputs === 'object' &&
  !(inputs instanceof Tensor || Array.isArray(inputs) || ArrayBuffer.isView(inputs))

/** Inputs in the model's order, of its dtypes. @throws ArgumentError for those that are missing or unknown. */
export function namedInputs(
  where: string,
  ports: readonly OnnxValue[],
  inputs: ProgramInputs,
): readonly Tensor[] {
  const names = ports.map(({ name }) => name)
  const [only] = names
  const byName = isByName(inputs) ? inputs : names.length === 1 ? { [only as string]: inputs } : {}
  const unknown = Object.keys(byName).filter((name) => !names.includes(name))
  const missing = names.filter((name) => !Object.hasOwn(byName, name))
  if (unknown.length > 0 || missing.length > 0) {
    throw new ArgumentError({
      where,
      expected: `the inputs ${names.map((name) => `'${name}'`).join(', ')}`,
      received: `${Object.keys(byName).slice(0, 8).join(', ') || 'none'}`,
    })
  }
  return ports.map(({ name, dtype }) => {
    const value = asTensor(byName[name] as TensorLike, dtype)
    return value.dtype === dtype ? value : value.cast(dtype)
  })
}

/** What the named sizes of inputs are. @throws ShapeError for an input that does not fit. */
export function sizesOf(
  where: string,
  ports: readonly OnnxValue[],
  given: readonly Tensor[],
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  ports.forEach(({ name, shape }, i) => {
    const received: Shape = given[i]?.shape ?? []
    const fits =
      received.length === shape.length &&
      shape.every((size, axis) => {
        const actual = received[axis] as number
        if (typeof size === 'number') return size === actual
        const known = sizes.get(size) ?? actual
        sizes.set(size, known)
        return known === actual
      })
    if (fits) return
    throw new ShapeError({
      where: `${where}: '${name}'`,
      expected: `shape [${shape.join(', ')}]`,
      received: formatShape(received),
    })
  })
  return sizes
}
