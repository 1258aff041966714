import { ArgumentError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import type { CallContext, Layer } from '../layers/layer.ts'
import { type Application, type Outputs, type SymbolicShape, SymbolicTensor } from '../layers/symbolic.ts'
import { Tensor } from '../tensor/tensor.ts'
import { Model, type ModelInput } from './model.ts'
import type { Port } from './source.ts'

export interface FunctionalOptions {
  readonly inputs: SymbolicTensor | readonly SymbolicTensor[]
  readonly outputs: SymbolicTensor | readonly SymbolicTensor[]
  /** Default `functional`, with a number from the second on. */
  readonly name?: string
}

/** A graph of layers; see {@link model}. */
export class Functional extends Model {
  readonly className = 'Functional'
  readonly #inputs: readonly SymbolicTensor[]
  readonly #outputs: readonly SymbolicTensor[]
  /** Uses of layers, each after those whose results it takes. */
  readonly #order: readonly Application[]

  constructor({ inputs, outputs, ...options }: FunctionalOptions) {
    super(options)
    this.#inputs = Array.isArray(inputs) ? inputs : [inputs as SymbolicTensor]
    this.#outputs = Array.isArray(outputs) ? outputs : [outputs as SymbolicTensor]
    this.#order = applicationsInOrder(this.#inputs, this.#outputs)
    checkNames(this.sublayers)
    const shapes = this.#inputs.map((i) => i.shape)
    this.ensureBuilt(shapes.length === 1 ? (shapes[0] as SymbolicShape) : shapes)
  }

  override get sublayers(): readonly Layer[] {
    return [...new Set(this.#order.map((application) => application.layer))]
  }

  call(inputs: Outputs, context: CallContext): Outputs {
    const list = (Array.isArray(inputs) ? inputs : [inputs]) as readonly Tensor[]
    if (list.length !== this.#inputs.length) {
      throw new ArgumentError({
        where: this.name,
        expected: `${this.#inputs.length} inputs (${this.modelInputs.map((port) => port.name).join(', ')})`,
        received: `${list.length}`,
      })
    }
    const values = new Map<Application, readonly Tensor[]>()
    this.#inputs.forEach((symbolic, i) => {
      values.set(symbolic.application, [(list[i] as Tensor).cast(symbolic.dtype) as Tensor])
    })
    const valueAt = ({ application, index }: SymbolicTensor): Tensor =>
      values.get(application)?.[index] as Tensor
    for (const application of this.#order) {
      if (values.has(application)) continue
      const arguments_ = application.inputs.map(valueAt)
      const result: Outputs = application.layer.apply(
        (application.listed ? arguments_ : arguments_[0]) as Tensor,
        context,
      )
      values.set(application, result instanceof Tensor ? [result] : (result as readonly Tensor[]))
    }
    const results = this.#outputs.map(valueAt)
    return results.length === 1 ? (results[0] as Tensor) : results
  }

  get modelInputs(): readonly ModelInput[] {
    return this.#inputs.map(({ shape, dtype, application }) => ({
      name: application.layer.name,
      shape,
      dtype,
    }))
  }

  get modelOutputs(): readonly Port[] {
    return this.#outputs.map(({ shape, application }) => ({ name: application.layer.name, shape }))
  }

  /** Keras's vocabulary: layers with the uses of each, a use naming the layers and outputs that it takes. */
  override getConfig(): Record<string, unknown> {
    const uses = new Map<Layer, Application[]>()
    for (const application of this.#order) {
      const list = uses.get(application.layer) ?? []
      list.push(application)
      uses.set(application.layer, list)
    }
    const history = ({ application, index }: SymbolicTensor) => [
      application.layer.name,
      (uses.get(application.layer) as Application[]).indexOf(application),
      index,
    ]
    return {
      name: this.name,
      trainable: this.trainable,
      layers: [...uses].map(([layer, applications]) => ({
        ...serialize(layer),
        name: layer.name,
        inboundNodes: applications
          .filter((application) => application.inputs.length > 0)
          .map((application) => {
            const tensors = application.inputs.map((symbolic) => ({
              className: '__keras_tensor__',
              config: { shape: symbolic.shape, dtype: symbolic.dtype, kerasHistory: history(symbolic) },
            }))
            return { args: application.listed ? [tensors] : tensors, kwargs: {} }
          }),
      })),
      inputLayers: this.#inputs.map(history),
      outputLayers: this.#outputs.map(history),
    }
  }
}

/** Depth first from the outputs. @throws ArgumentError naming an input that is missing or that nothing reaches. */
function applicationsInOrder(
  inputs: readonly SymbolicTensor[],
  outputs: readonly SymbolicTensor[],
): Application[] {
  for (const [role, list] of [
    ['inputs', inputs],
    ['outputs', outputs],
  ] as const) {
    const odd = list.find((item) => !(item instanceof SymbolicTensor))
    if (odd === undefined && list.length > 0) continue
    throw new ArgumentError({
      where: `model: ${role}`,
      expected: 'symbolic tensors, made by input({ shape }) and layers applied to them',
      received: list.length === 0 ? 'none' : typeof odd,
    })
  }
  const given = new Set(inputs.map((i) => i.application))
  const order: Application[] = []
  const seen = new Set<Application>()
  const stack = outputs.map((output) => output.application).reverse()
  while (stack.length > 0) {
    const application = stack[stack.length - 1] as Application
    const waiting = given.has(application)
      ? []
      : application.inputs.map((i) => i.application).filter((a) => !seen.has(a))
    if (seen.has(application) || waiting.length === 0) {
      stack.pop()
      if (!seen.has(application)) {
        seen.add(application)
        order.push(application)
      }
    } else stack.push(...waiting.reverse())
  }
  const missing = order.find((application) => application.inputs.length === 0 && !given.has(application))
  if (missing !== undefined) {
    throw new ArgumentError({
      where: 'model',
      expected: 'all inputs that the outputs depend on',
      received: `inputs without '${missing.layer.name}'`,
      fix: `Add it to inputs.`,
    })
  }
  const idle = inputs.find((i) => !seen.has(i.application))
  if (idle !== undefined) {
    throw new ArgumentError({
      where: 'model',
      expected: 'inputs that lead to an output',
      received: `'${idle.application.layer.name}', which no output depends on`,
      fix: 'Remove it from inputs.',
    })
  }
  return order
}

function checkNames(layers: readonly Layer[]): void {
  const names = new Set<string>()
  for (const { name } of layers) {
    if (names.has(name)) {
      throw new ArgumentError({
        where: 'model',
        expected: 'layers of different names',
        received: `two named '${name}'`,
        fix: 'Give one of them another name.',
      })
    }
    names.add(name)
  }
}

/**
 * A model of layers in any arrangement without cycles: several inputs and outputs, branches, shared layers.
 *
 * @example
 * const x = input({ shape: [32] })
 * const h = layers.dense({ units: 32, activation: 'relu' }).apply(x)
 * const residual = model({ inputs: x, outputs: layers.add().apply([x, h]) })
 */
export const model = (options: FunctionalOptions): Functional => new Functional(options)
