import { checkSpelling, optionsOf, string } from '../base/options.ts'
import type { Configurable } from '../base/serialization.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import { zeros } from '../tensor/create.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { currentScope, withScope } from '../tensor/trace.ts'
import { Variable } from '../tensor/variable.ts'
import { Accumulator } from './accumulator.ts'

/** What every metric's factory takes. */
export interface MetricOptions {
  /** Its name in logs. Default: the metric's name as Keras has it, such as `binary_accuracy`. */
  readonly name?: string | undefined
}

export const metricChecks = optionsOf<MetricOptions>()({ name: string })

/**
 * A number about a model's outputs that is gathered over batches.
 *
 * What has been gathered stands in variables, so that updates can be a part of a compiled step.
 *
 * @example
 * class LargestError extends Metric {
 *   readonly className = 'LargestError'
 *   readonly #largest = this.addVariable('largest')
 *   updateState(yTrue: Tensor, yPred: Tensor) {
 *     this.#largest.assign(this.#largest.value.maximum(yPred.sub(yTrue).abs().max()))
 *   }
 *   result() { return this.#largest.value }
 * }
 */
export abstract class Metric implements Configurable {
  /** The class's name in saved configurations; Keras's where Keras has the metric. */
  abstract readonly className: string
  /** What logs call it. */
  name: string
  readonly #variables: Variable[] = []

  /** @param defaultName the name if the options have none. */
  constructor({ name, ...others }: MetricOptions = {}, defaultName = 'metric') {
    checkSpelling('metric', others, metricChecks)
    this.name = name ?? defaultName
  }

  /**
   * Whether steps that the model's output masks are left out. As in Keras these are the means of values that labels and
   * predictions have step by step; other metrics (precision, AUC, intersection over union, …) count all steps.
   */
  get heedsMasks(): boolean {
    return false
  }

  /** The metric itself, with another name in logs. */
  renamed(name: string): this {
    this.name = name
    return this
  }

  /** What has been gathered so far. */
  get variables(): readonly Variable[] {
    return this.#variables
  }

  /** A float32 number (or tensor) that begins, and after `reset` begins again, with 0. */
  protected addVariable(name: string, shape: Shape = []): Variable {
    // In a trace too it begins as memory: a metric may learn the shape from its first batch.
    const value = withScope(undefined, () => zero(shape))
    const variable = new Variable(value, { name: `${this.name}/${name}`, trainable: false })
    this.#variables.push(variable)
    return variable
  }

  /** A sum over batches that begins, and after `reset` begins again, with 0 and keeps what float32 rounds off. */
  protected addSum(name: string, shape: Shape = []): Accumulator {
    return new Accumulator(this.addVariable(name, shape), this.addVariable(`${name}_lost`, shape))
  }

  /**
   * Takes a batch into account. Traceable.
   *
   * @param sampleWeight what each sample (or position) counts: (batch) or the shape of the values.
   */
  abstract updateState(yTrue: Tensor, yPred: Tensor, sampleWeight?: Tensor): void

  /** The number so far: a scalar, for some metrics and options a vector. Traceable. */
  abstract result(): Tensor

  /** Forgets all batches. Traceable. */
  reset(): void {
    for (const variable of this.#variables) variable.assign(zero(variable.shape))
  }

  /** Takes up what another metric of the kind had gathered, by the names of its variables. */
  restore(gathered: ReadonlyMap<string, Tensor>): void {
    for (const variable of this.#variables) {
      const value = gathered.get(variable.name)
      if (value !== undefined) variable.assign(value)
    }
  }

  /** What makes the metric again with these options; JSON. */
  getConfig(): Record<string, unknown> {
    return { name: this.name }
  }
}

/** 0 as a part of the graph in a trace, as memory outside of one, where it then need not be computed. */
const zero = (shape: Shape): Tensor =>
  currentScope() === undefined ? fromData(new Float32Array(sizeOf(shape)), shape, 'float32') : zeros(shape)
