import type { DType } from '../base/dtype.ts'
import { DTypeError, ShapeError } from '../base/errors.ts'
import { denoInspect, nodeInspect } from '../base/inspect.ts'
import { boolean, checkOptions, optionsOf, string } from '../base/options.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { settleSoon } from './evaluator.ts'
import { describeNode, Tensor } from './tensor.ts'
import { currentScope } from './trace.ts'

/** Keeps what was made of variables' values, such as packed weights. */
export interface VariableWatcher {
  /** A variable has, or is about to have, another value. */
  changed(): void
}

export interface VariableOptions {
  /** What the variable is called in summaries, files and errors. Default `'variable'`. */
  readonly name?: string
  /** Whether training changes it. Default true. */
  readonly trainable?: boolean
}

const variableChecks = optionsOf<VariableOptions>()({ name: string, trainable: boolean })

/**
 * A tensor that changes: a weight, an optimizer's moment, a metric's total, a counter.
 *
 * Inside a compiled function a variable that is read becomes an input of the graph, and one that is
 * assigned becomes an output whose memory persists from call to call; small updates happen in place.
 *
 * @example
 * const count = new Variable(zeros([]), { name: 'count' })
 * const step = compile(() => { count.assign(count.value.add(1)) })
 * await step()
 * await count.value.item() // 1
 */
export class Variable<out S extends Shape = Shape> {
  readonly shape: S
  readonly dtype: DType
  name: string
  trainable: boolean
  /** The value outside of any trace. Engines' code alone touches it. */
  node: Node
  /**
   * True while a tensor outside may hold the same memory: the next update then writes elsewhere instead
   * of changing a tensor under its holder.
   */
  shared = true
  /** Variables outlive what watches them, and do not keep it alive. */
  readonly #watchers = new Set<WeakRef<VariableWatcher>>()

  constructor(initialValue: Tensor<S>, options: VariableOptions = {}) {
    checkOptions('Variable', options, variableChecks)
    this.shape = initialValue.shape
    this.dtype = initialValue.dtype
    this.node = initialValue.node
    this.name = options.name ?? 'variable'
    this.trainable = options.trainable ?? true
  }

  /** The value at this point of the program (or of the trace). */
  get value(): Tensor<S> {
    const scope = currentScope()
    if (scope !== undefined) return new Tensor(scope.read(this as unknown as Variable)) as Tensor<S>
    this.shared = true
    return new Tensor(this.node) as Tensor<S>
  }

  /**
   * Gives the variable a new value of the same shape and dtype.
   *
   * @throws ShapeError or DTypeError if `value` does not fit.
   */
  assign(value: Tensor): void {
    if (!sameShape(value.shape, this.shape)) {
      throw new ShapeError({
        where: `variable ${this.name}`,
        expected: `a value of shape ${formatShape(this.shape)}`,
        received: formatShape(value.shape),
      })
    }
    if (value.dtype !== this.dtype) {
      throw new DTypeError({
        where: `variable ${this.name}`,
        expected: `a value of dtype ${this.dtype}`,
        received: value.dtype,
        fix: `Cast it: value.cast('${this.dtype}').`,
      })
    }
    const scope = currentScope()
    if (scope !== undefined) {
      scope.assign(this as unknown as Variable, value.node)
      return
    }
    this.node = value.node
    this.shared = true
    this.changed()
    settleSoon(this)
  }

  /** As {@link Tensor.preview}: name, dtype, shape, and the values if they are there. */
  get preview(): string {
    return `Variable '${this.name}'${this.trainable ? '' : ' (not trained)'} ${describeNode(this.node)}`
  }

  [nodeInspect](depth?: number): string {
    return depth !== undefined && depth < 0 ? this.toString() : this.preview
  }

  [denoInspect](): string {
    return this.preview
  }

  toString(): string {
    return `Variable '${this.name}' (${this.dtype} ${formatShape(this.shape)})`
  }

  /** Tells a watcher of every change from now on. */
  watch(watcher: VariableWatcher): void {
    for (const known of this.#watchers) if (known.deref() === undefined) this.#watchers.delete(known)
    this.#watchers.add(new WeakRef(watcher))
  }

  /** To be called by code that puts another value into `node` or writes into its memory, before anything else runs. */
  changed(): void {
    for (const watcher of this.#watchers) watcher.deref()?.changed()
  }
}
