import { ArgumentError, StateError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import type { CallContext, Layer } from '../layers/layer.ts'
import type { Outputs, SymbolicShape } from '../layers/symbolic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Model, type ModelInput, type Reader } from './model.ts'
import type { Port } from './samples.ts'

export interface SequentialOptions {
  /** Default `sequential`, with a number from the second on. */
  readonly name?: string
  /** Whether training changes the model's weights. Default true. */
  readonly trainable?: boolean
}

/** Layers one after another; see {@link sequential}. */
export class Sequential extends Model {
  readonly className = 'Sequential'
  readonly #layers: Layer[] = []
  #outputShape: SymbolicShape | undefined

  constructor(layers: readonly Layer[] = [], options: SequentialOptions = {}) {
    super(options)
    for (const layer of layers) this.add(layer)
  }

  /** Appends a layer. A first layer with an inputShape builds the model at once. */
  add(layer: Layer): void {
    const twin = this.#layers.find((other) => other === layer || other.name === layer.name)
    if (twin !== undefined) {
      throw new ArgumentError({
        where: 'sequential',
        expected: 'layers of different names',
        received: `two named '${layer.name}'`,
        fix: 'Give one of them another name.',
      })
    }
    this.#layers.push(layer)
    const shape = this.#layers[0]?.inputShape
    if (this.built) {
      this.#outputShape = layer.computeOutputShape(this.#outputShape as SymbolicShape)
    } else if (shape !== undefined) {
      this.ensureBuilt([null, ...shape])
    }
  }

  override get sublayers(): readonly Layer[] {
    return this.#layers
  }

  override build(inputShape: SymbolicShape | readonly SymbolicShape[]): void {
    let shape = inputShape as SymbolicShape
    for (const layer of this.#layers) shape = layer.computeOutputShape(shape)
    this.#outputShape = shape
  }

  call(inputs: Outputs, context: CallContext): Tensor {
    if (this.#layers.length === 0) {
      throw new StateError({
        where: 'sequential',
        expected: 'at least one layer',
        received: 'none',
        fix: 'Call add(layer).',
      })
    }
    const { dtype } = this.modelInputs[0] as ModelInput
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor
    return this.#layers.reduce((value, layer) => layer.apply(value, context), x.cast(dtype) as Tensor)
  }

  get modelInputs(): readonly ModelInput[] {
    const first = this.#layers[0]
    const built = this.builtFor as SymbolicShape | undefined
    const shape = built ?? (first?.inputShape === undefined ? undefined : [null, ...first.inputShape])
    return [
      {
        name: first === undefined ? 'input' : `${first.name}_input`,
        shape,
        dtype: first?.inputDType ?? 'float32',
      },
    ]
  }

  get modelOutputs(): readonly Port[] {
    const last = this.#layers.at(-1)
    return last === undefined ? [] : [{ name: last.name, shape: this.#outputShape }]
  }

  readersOf(): readonly Reader[] {
    return this.#layers.slice(0, 1).map((layer) => ({ layer, index: 0 }))
  }

  override getConfig(): Record<string, unknown> {
    return {
      name: this.name,
      trainable: this.trainable,
      layers: this.#layers.map((layer) => serialize(layer)),
    }
  }
}

/**
 * A model of layers one after another.
 *
 * If the first layer has an `inputShape` (one sample, without the batch) the model is built at once;
 * otherwise on its first data.
 *
 * @example
 * const classifier = sequential([
 *   layers.dense({ units: 64, activation: 'relu', inputShape: [784] }),
 *   layers.dense({ units: 10, activation: 'softmax' }),
 * ])
 */
export const sequential = (layers: readonly Layer[] = [], options: SequentialOptions = {}): Sequential =>
  new Sequential(layers, options)
