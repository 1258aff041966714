import type { DType } from '../../base/dtype.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { anything, boolean, needed, optionsOf, string } from '../../base/options.ts'
import { formatShape, type Shape } from '../../base/shape.ts'
import type { InitializerIdentifier } from '../../initializers/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Variable } from '../../tensor/variable.ts'
import { fieldValues } from './fields.ts'

export interface WeightOptions {
  readonly name: string
  readonly shape: Shape
  /** Default `'glorotUniform'`. */
  readonly initializer?: InitializerIdentifier
  /** Default true. */
  readonly trainable?: boolean
  /** Dtype of the values. Default: the layer's. */
  readonly dtype?: DType
  /** A penalty on the weight that is added to the loss. Default none. */
  readonly regularizer?: WeightRegularizer | undefined
  /** What the weight is made to be after every step. Default none. */
  readonly constraint?: WeightConstraint | undefined
}

export const weightChecks = optionsOf<WeightOptions>()({
  name: needed(string),
  shape: needed(anything),
  initializer: anything,
  trainable: boolean,
  dtype: anything,
  regularizer: anything,
  constraint: anything,
})

/** Adds to the loss what a weight costs. */
export interface WeightRegularizer {
  penalty(weight: Tensor): Tensor
}

/** Makes of a weight what it has to be. */
export interface WeightConstraint {
  apply(weight: Tensor): Tensor
}

/**
 * The weights that are a layer's own and not those of layers in it: variables that its `addWeight` made, and others that
 * stand in its fields. Their order is that in which they were met, whatever becomes of the fields.
 */
export class OwnWeights {
  readonly #layer: { readonly trainable: boolean }
  /** Those that were made to be trained, and the others. */
  readonly #trained = new Set<Variable>()
  readonly #untrained = new Set<Variable>()
  /** Those that `addWeight` made; the rest stand in fields. */
  readonly #added = new Set<Variable>()
  readonly #regularizers = new Map<Variable, WeightRegularizer>()
  readonly #constraints = new Map<Variable, WeightConstraint>()

  constructor(layer: { readonly trainable: boolean }) {
    this.#layer = layer
  }

  add(
    weight: Variable,
    { regularizer, constraint }: Pick<WeightOptions, 'regularizer' | 'constraint'>,
  ): void {
    this.#meetFields()
    this.#added.add(weight)
    this.#meet(weight)
    if (regularizer !== undefined) this.#regularizers.set(weight, regularizer)
    if (constraint !== undefined) this.#constraints.set(weight, constraint)
  }

  /** Says of those that were made to be trained whether training changes them. */
  setTrainable(trainable: boolean): void {
    this.#meetFields()
    for (const weight of [...this.#trained, ...this.trainedSources]) weight.trainable = trainable
  }

  /** As the layer reads them, computed ones too: those made to be trained first. */
  get present(): readonly Variable[] {
    const inFields = this.#meetFields()
    return [...this.#trained, ...this.#untrained].filter(
      (weight) => this.#added.has(weight) || inFields.has(weight),
    )
  }

  /** In the place of one that adapters compute, what it is computed from. */
  get sources(): readonly Variable[] {
    return unique(this.present.flatMap((weight) => weight.definition?.sources ?? [weight]))
  }

  /** Those of `sources` that were made to be trained, frozen or not. */
  get trainedSources(): readonly Variable[] {
    return unique(
      this.present.flatMap(
        (weight) => weight.definition?.trained ?? (this.#trained.has(weight) ? [weight] : []),
      ),
    )
  }

  get regularizers(): readonly (readonly [Variable, WeightRegularizer])[] {
    return ofBases(this.#regularizers)
  }

  get constraints(): readonly (readonly [Variable, WeightConstraint])[] {
    return ofBases(this.#constraints)
  }

  /** Notes a weight; one of a frozen layer is frozen. */
  #meet(weight: Variable): void {
    if (this.#trained.has(weight) || this.#untrained.has(weight)) return
    if (!weight.trainable) this.#untrained.add(weight)
    else {
      this.#trained.add(weight)
      if (!this.#layer.trainable) weight.trainable = false
    }
  }

  /** Notes variables that stand in fields by now. @returns them. */
  #meetFields(): ReadonlySet<Variable> {
    const found = fieldValues(this.#layer).filter((value) => value instanceof Variable)
    for (const weight of found) this.#meet(weight)
    return new Set(found)
  }
}

/** What holds for a weight that adapters compute holds for its base. */
const ofBases = <T>(byWeight: ReadonlyMap<Variable, T>): (readonly [Variable, T])[] =>
  [...byWeight].map(([weight, told]) => [weight.definition?.base ?? weight, told])

export const unique = <T>(items: readonly T[]): T[] => [...new Set(items)]

/**
 * Replaces the values of weights, all or none.
 *
 * @throws ArgumentError if their number differs, ShapeError naming the weight whose shape does.
 */
export function assignAll(where: string, weights: readonly Variable[], values: readonly Tensor[]): void {
  if (values.length !== weights.length) {
    throw new ArgumentError({
      where,
      expected: `${weights.length} tensors (${weights.map((w) => `${w.name} ${formatShape(w.shape)}`).join(', ')})`,
      received: `${values.length}`,
    })
  }
  weights.forEach((weight, i) => {
    const value = values[i] as Tensor
    if (formatShape(value.shape) !== formatShape(weight.shape)) {
      throw new ShapeError({
        where,
        expected: `shape ${formatShape(weight.shape)} for ${weight.name}`,
        received: formatShape(value.shape),
      })
    }
  })
  weights.forEach((weight, i) => {
    weight.assign((values[i] as Tensor).cast(weight.dtype))
  })
}
