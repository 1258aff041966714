import type { DType } from '../../base/dtype.ts'
import { ArgumentError, ShapeError } from '../../base/errors.ts'
import { denoInspect, nodeInspect } from '../../base/inspect.ts'
import type { Structured } from '../../base/structured.ts'
import { makeNode } from '../../graph/node.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { type VariableScope, withScope } from '../../tensor/trace.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { Outputs } from './outputs.ts'

import { batchName, formatSymbolicShape, type NamedShape, type SymbolicShape, withoutNames } from './sizes.ts'

export type { Outputs } from './outputs.ts'

export { formatSymbolicShape, type NamedShape, type SymbolicShape } from './sizes.ts'

/**
 * What a call of a layer is told beside its inputs. It belongs to the call: the same layer called again is told
 * something else, and a saved model keeps what each of its calls was told.
 */
export interface CallOptions {
  /** Whether the layer trains, whatever the model around it does. Default: as the model, and false outside of one. */
  readonly training?: boolean | undefined
  /**
   * Which steps of the (first) input count: booleans (batch, time); or a list, one for each input, null for one without.
   * Default: the masks that the inputs have; null: the layer's call is told of none, whatever the inputs have.
   */
  readonly mask?:
    | Tensor
    | SymbolicTensor
    | readonly (Tensor | SymbolicTensor | null | undefined)[]
    | null
    | undefined
  /** What layers beyond that take; see `callOptions` of each. Tensors may stand in arrays and objects here. */
  readonly [option: string]: unknown
}

/** What a place of a model knows of the layer that it comes from; `layerOf` in `layer.ts` gives the layer itself. */
export interface AppliedLayer {
  readonly name: string
  readonly className: string
}

/** One use of a layer: what it was applied to and what came out. */
export interface Application {
  readonly layer: AppliedLayer
  /** What the layer was given, then the symbolic tensors among the options of the call. */
  readonly inputs: readonly SymbolicTensor[]
  /** How many of them the layer was given. */
  readonly arity: number
  /** Whether the layer was given a list rather than a single tensor. */
  readonly listed: boolean
  /** What the call was told beside them. */
  readonly options: CallOptions
}

/**
 * A place in a functional model: no value, only a shape, a dtype and the layer that it comes from.
 *
 * @example
 * const x = input({ shape: [784] })
 * const y = layers.dense({ units: 10 }).apply(x)
 * const classifier = model({ inputs: x, outputs: y })
 */
export class SymbolicTensor {
  /** With null for each size that only the data will tell, as in Keras. */
  readonly shape: SymbolicShape
  /** The shape with the names of open sizes: `[null, 'length', 8]`, the batch in front. */
  readonly sizes: NamedShape
  readonly dtype: DType
  readonly application: Application
  /** Which of the application's outputs this is. */
  readonly index: number

  constructor(sizes: NamedShape, dtype: DType, application: Application, index = 0) {
    this.shape = withoutNames(sizes)
    this.sizes = sizes
    this.dtype = dtype
    this.application = application
    this.index = index
  }

  toString(): string {
    return `SymbolicTensor(${this.dtype} ${formatSymbolicShape(this.sizes)} of ${this.application.layer.name})`
  }

  [nodeInspect](): string {
    return this.toString()
  }

  [denoInspect](): string {
    return this.toString()
  }
}

/** The places of a functional model where outputs of such a form are. */
export type SymbolicOf<Out extends Structured<Tensor>> = Out extends Tensor
  ? SymbolicTensor
  : { readonly [K in keyof Out]: SymbolicTensor }

/** Shape and dtype of what a function of tensors gives, where some dimensions of its arguments are open. */
export interface SymbolicSpec {
  readonly shape: SymbolicShape
  /** The shape with the names of open sizes. Default: they have none. */
  readonly sizes?: NamedShape
  readonly dtype: DType
}

type Pair = readonly [number, number]

/** The sizes that stand in the place of open ones in the two traces. */
export interface TraceSizes {
  readonly batch: Pair
  /** For sizes without a name, which are taken to fit each other. */
  readonly open: Pair
  /** For the first, second, … name: such that none of them, nor `open`, follows from another. */
  readonly named: (index: number) => Pair
}

/** Large enough for windows, and far enough apart that strides tell them apart. */
export const traceSizes: TraceSizes = {
  batch: [2, 3],
  open: [509, 1021],
  named: (index) => [523 + 14 * index, 1031 + 10 * index],
}

/**
 * The shapes that a function of tensors gives, found by tracing it twice with different sizes in the place
 * of the open dimensions: what differs between the two is open in the result. So a layer's shape rule is
 * its computation itself. A size that is in both traces what stands for a name has this name.
 *
 * Sizes of different names differ: a function that needs them to be one is refused. One without a name fits any.
 *
 * @param where the function's name, for errors.
 * @param read gets the variables that the function reads.
 * @throws ShapeError naming sizes that do not fit each other.
 */
export function inferOutputs(
  where: string,
  inputs: readonly SymbolicSpec[],
  fn: (inputs: Tensor[]) => Outputs,
  read: Set<Variable> = new Set(),
  { batch, open, named }: TraceSizes = traceSizes,
): Required<SymbolicSpec>[] {
  const declared = inputs.map(({ shape, sizes = shape }) => sizes)
  const found = new Set(declared.flat().filter((size) => typeof size === 'string'))
  found.delete(batchName)
  const names = [...found]
  const apart = new Map([[batchName, batch], ...names.map((name, i) => [name, named(i)] as const)])
  try {
    return specsWith(apart, open)
  } catch (cause) {
    if (!(cause instanceof ShapeError) || names.length === 0) throw cause
    // A size without a name may have to be one of those that have one.
    const isOpen = declared.some((sizes) => sizes.slice(1).includes(null))
    for (const name of isOpen ? names : []) {
      const specs = specsIfFitting(apart, apart.get(name) as Pair)
      if (specs !== undefined) return specs
    }
    const together = new Map(names.map((name) => [name, open]))
    if (names.length > 1 && specsIfFitting(together.set(batchName, batch), open) !== undefined)
      throw differentNames(where, names, declared)
    throw cause
  }

  function specsIfFitting(stands: ReadonlyMap<string, Pair>, open: Pair) {
    try {
      return specsWith(stands, open)
    } catch (cause) {
      if (cause instanceof ShapeError) return undefined
      throw cause
    }
  }

  function specsWith(stands: ReadonlyMap<string, Pair>, open: Pair): Required<SymbolicSpec>[] {
    const [first, second] = [traceWith(stands, open, 0), traceWith(stands, open, 1)]
    return first.map(({ dtype, shape }, i) => {
      const sizes = shape.map((d, axis) => sizeOf([d, (second[i] as Tensor).shape[axis] ?? d], axis))
      return { dtype, shape: withoutNames(sizes), sizes }
    })

    /** A number, the name of what is open, or null where it has none or is the batch in front. */
    function sizeOf([a, b]: Pair, axis: number): number | string | null {
      if (a === b) return a
      for (const [name, stand] of stands)
        if (stand[0] === a && stand[1] === b) return name === batchName && axis === 0 ? null : name
      return null
    }
  }

  function traceWith(stands: ReadonlyMap<string, Pair>, open: Pair, which: 0 | 1): readonly Tensor[] {
    const placeholders = inputs.map(({ dtype }, i) => {
      const shape = (declared[i] as NamedShape).map((size, axis) => {
        if (typeof size === 'number') return size
        return (size === null ? (axis === 0 ? batch : open) : (stands.get(size) as Pair))[which]
      })
      return new Tensor(makeNode('input', [], { name: `symbolic_${i}`, dtype, shape }))
    })
    const outputs = withScope(new ShapesOnly(read), () => fn(placeholders))
    return Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor]
  }
}

const differentNames = (where: string, names: readonly string[], shapes: readonly NamedShape[]): ShapeError =>
  new ShapeError({
    where,
    expected: 'sizes of one name where they have to be the same',
    received: `${names.map((name) => `'${name}'`).join(' and ')} in ${shapes.map(formatSymbolicShape).join(' and ')}`,
    fix: 'Give the inputs one name for both.',
  })

/** Variables as they are, and no change of them: nothing of this trace will run. */
class ShapesOnly implements VariableScope {
  readonly #variables: Set<Variable>

  constructor(variables: Set<Variable>) {
    this.#variables = variables
  }

  read(variable: Variable) {
    this.#variables.add(variable)
    return variable.node
  }
  assign(): void {}
}

/** A shape whose dimensions but the first are known. @throws ArgumentError naming the layer otherwise. */
export function knownShape(where: string, shape: SymbolicShape, axes: readonly number[]): number[] {
  return axes.map((axis) => {
    const size = shape.at(axis)
    if (typeof size === 'number') return size
    throw new ArgumentError({
      where,
      expected: `a known size along axis ${axis}`,
      received: `shape ${formatSymbolicShape(shape)}`,
      fix: 'Give the model an inputShape.',
    })
  })
}
