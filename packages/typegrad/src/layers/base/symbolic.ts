import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { denoInspect, nodeInspect } from '../../base/inspect.ts'
import type { Structured } from '../../base/structured.ts'
import { makeNode } from '../../graph/node.ts'
import { Tensor } from '../../tensor/tensor.ts'
import { type VariableScope, withScope } from '../../tensor/trace.ts'
import type { Variable } from '../../tensor/variable.ts'
import type { Outputs } from './outputs.ts'

export type { Outputs } from './outputs.ts'

/** Sizes of dimensions; null where only the data will tell, as for the batch. */
export type SymbolicShape = readonly (number | null)[]

/** `[null, 784]` as it is printed: `[batch, 784]`, with `?` for what else is open. */
export const formatSymbolicShape = (shape: SymbolicShape): string =>
  `[${shape.map((d, i) => d ?? (i === 0 ? 'batch' : '?')).join(', ')}]`

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
  readonly shape: SymbolicShape
  readonly dtype: DType
  readonly application: Application
  /** Which of the application's outputs this is. */
  readonly index: number

  constructor(shape: SymbolicShape, dtype: DType, application: Application, index = 0) {
    this.shape = shape
    this.dtype = dtype
    this.application = application
    this.index = index
  }

  toString(): string {
    return `SymbolicTensor(${this.dtype} ${formatSymbolicShape(this.shape)} of ${this.application.layer.name})`
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
  readonly dtype: DType
}

/** The sizes that stand in the place of open ones in the two traces. */
export interface TraceSizes {
  readonly batch: readonly [number, number]
  readonly open: readonly [number, number]
}

/** Large enough for windows, and far enough apart that strides tell them apart. */
export const traceSizes: TraceSizes = { batch: [2, 3], open: [509, 1021] }

/**
 * The shapes that a function of tensors gives, found by tracing it twice with different sizes in the place
 * of the open dimensions: what differs between the two is open in the result. So a layer's shape rule is
 * its computation itself.
 *
 * @param read gets the variables that the function reads.
 */
export function inferOutputs(
  inputs: readonly SymbolicSpec[],
  fn: (inputs: Tensor[]) => Outputs,
  read: Set<Variable> = new Set(),
  { batch, open }: TraceSizes = traceSizes,
): SymbolicSpec[] {
  const [first, second] = [traceWith(batch[0], open[0]), traceWith(batch[1], open[1])]
  return first.map((a, i) => {
    const b = second[i] as Tensor
    return { dtype: a.dtype, shape: a.shape.map((d, axis) => (d === b.shape[axis] ? d : null)) }
  })

  function traceWith(batch: number, open: number): readonly Tensor[] {
    const placeholders = inputs.map(
      ({ shape, dtype }, i) =>
        new Tensor(
          makeNode('input', [], {
            name: `symbolic_${i}`,
            dtype,
            shape: shape.map((d, axis) => d ?? (axis === 0 ? batch : open)),
          }),
        ),
    )
    const outputs = withScope(new ShapesOnly(read), () => fn(placeholders))
    return Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor]
  }
}

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
