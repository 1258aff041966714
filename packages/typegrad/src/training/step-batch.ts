import { ArgumentError } from '../base/errors.ts'
import { flat, type Structured } from '../base/structured.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type DataTrees, type Nested, planted, type Tree } from './data-tree.ts'

/** Inputs alone, or with labels, or with these and weights of the samples, as the data has them. */
export type StepData = readonly [x: Nested<Tensor>, y?: Nested<Tensor>, sampleWeight?: Nested<Tensor>]

/**
 * What a step of training or evaluation is given: placeholders while it is traced.
 *
 * @example
 * // Data { anchor, positive } without labels, model.fit({ anchor, positive }, null):
 * override trainStep({ data: [{ anchor, positive }] }: StepBatch<readonly [{ anchor: Tensor; positive: Tensor }]>) { … }
 */
export class StepBatch<out D extends StepData = StepData> {
  /** One tensor for each input of the model. */
  readonly inputs: readonly Tensor[]
  /** One for each output; none where `fit` was given no labels. */
  readonly targets: readonly Tensor[]
  /** Weights of the samples, one tensor for each output; none where there are none. */
  readonly sampleWeights: readonly Tensor[]

  readonly #trees: DataTrees | undefined

  constructor(
    inputs: readonly Tensor[],
    targets: readonly Tensor[],
    sampleWeights: readonly Tensor[],
    trees?: DataTrees,
  ) {
    this.inputs = inputs
    this.targets = targets
    this.sampleWeights = sampleWeights
    this.#trees = trees
  }

  /** What the data gives, in its own lists and objects, as `train_step(self, data)` has it in Keras. */
  get data(): D {
    const { x, y, weights } = this.#trees ?? this.#lists()
    const parts = [
      planted(x, this.inputs),
      ...(y === null ? [] : [planted(y, this.targets)]),
      ...(y === null || weights === null ? [] : [planted(weights, this.sampleWeights)]),
    ]
    // The type parameter says what the data is.
    return parts as unknown as D
  }

  #lists(): DataTrees {
    const treeOf = (list: readonly Tensor[]): Tree => (list.length === 1 ? 0 : list.map((_, i) => i))
    const orNone = (list: readonly Tensor[]): Tree | null => (list.length === 0 ? null : treeOf(list))
    return { x: treeOf(this.inputs), y: orNone(this.targets), weights: orNone(this.sampleWeights) }
  }

  /** The input, of several the first: (batch, …). */
  get x(): Tensor {
    return this.inputs[0] as Tensor
  }

  /** The labels, of several outputs those of the first: (batch, …). @throws ArgumentError if there are none. */
  get y(): Tensor {
    const [first] = this.targets
    if (first !== undefined) return first
    throw new ArgumentError({
      where: 'trainStep',
      expected: 'labels in the data',
      received: 'inputs alone',
      fix: 'Give fit labels y, or let the step do without them.',
    })
  }

  /** The weights of the samples, if there are any: (batch). */
  get sampleWeight(): Tensor | undefined {
    return this.sampleWeights[0]
  }

  /** Number of samples. */
  get size(): number {
    return this.inputs[0]?.shape[0] ?? 0
  }
}

/** What a step has to tell: scalars by name. They are logged as they were in an epoch's last batch. */
export type StepLogs = Readonly<Record<string, Tensor>>

/** Predictions beside what they should be. */
export interface StepOutputs {
  /** Labels, as the step was given them. */
  readonly y: Structured<Tensor>
  /** Predictions, in the same structure. */
  readonly yPred: Structured<Tensor>
  /** How much each sample counts. Default: all the same. */
  readonly sampleWeight?: Structured<Tensor> | undefined
  /** What the loss is told. Default: whether the step that is traced trains; outside of one, that it does not. */
  readonly training?: boolean | undefined
}

/** One tensor or several, in a list or by name, as a list; nothing as none. */
export const asList = (outputs: Structured<Tensor> | undefined): readonly Tensor[] =>
  outputs === undefined ? [] : flat(outputs)
