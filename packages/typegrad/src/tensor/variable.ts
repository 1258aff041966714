import type { DType } from '../base/dtype.ts'
import { DTypeError, ShapeError, StateError } from '../base/errors.ts'
import { denoInspect, nodeInspect } from '../base/inspect.ts'
import { boolean, checkOptions, optionsOf, string } from '../base/options.ts'
import { formatShape, type Shape, sameShape } from '../base/shape.ts'
import type { Node } from '../graph/node.ts'
import { DefinedValue, type DefinitionBy } from './definition.ts'
import { settleSoon } from './evaluator.ts'
import { ScopeStack } from './scope-stack.ts'
import { describeNode, scalar, Tensor } from './tensor.ts'

/** How a variable is computed from others: see {@link DefinitionBy}. */
export type Definition = DefinitionBy<Variable>

/** What decides about variables in the traces that are under way; `trace.ts` says what it means. */
export const scopes = new ScopeStack<Variable>()

/** Keeps what was made of variables' values, such as packed weights. */
export interface VariableWatcher {
  /** A variable has, or is about to have, another value. */
  changed(): void
}

let redefinitions = 0

/** Counts how often variables became computed from others, or ceased to be: while it stays, every trace is true. */
export const redefinitionCount = (): number => redefinitions

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
  /** How often the meaning of a read has changed: traces of before are no longer true. */
  revision = 0
  /** How often the value has changed: copies of one version are alike, and what was made of an earlier one is not of this. */
  version = 0
  #defined: DefinedValue<Variable> | undefined
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

  /** What the variable is computed from; undefined for one that holds its value itself. */
  get definition(): Definition | undefined {
    return this.#defined?.definition
  }

  /** Makes the value a function of other variables, in the place of the one that the variable holds. */
  define(definition: Definition): void {
    this.#redefine(new DefinedValue(definition))
    // The base has the memory now.
    this.node = scalar(0).node
  }

  /** Makes the variable hold a value of its own again, which fits its shape and dtype. */
  undefine(value: Tensor): void {
    this.#redefine(undefined)
    this.assign(value)
  }

  #redefine(defined: DefinedValue<Variable> | undefined): void {
    const sources = [this.#defined, defined].flatMap((one) => one?.definition.sources ?? [])
    this.#defined = defined
    redefinitions++
    for (const variable of new Set<Variable>([this as unknown as Variable, ...sources])) {
      variable.revision++
      variable.changed()
    }
  }

  /** The value at this point of the program (or of the trace). */
  get value(): Tensor<S> {
    if (this.#defined !== undefined) return this.#defined.read() as Tensor<S>
    const scope = scopes.current
    if (scope !== undefined) return new Tensor(scope.read(this as unknown as Variable)) as Tensor<S>
    this.shared = true
    return new Tensor(this.node) as Tensor<S>
  }

  /**
   * Gives the variable a new value of the same shape and dtype.
   *
   * @throws ShapeError or DTypeError if `value` does not fit; StateError for one that is computed from others.
   */
  assign(value: Tensor): void {
    if (this.#defined !== undefined) {
      const { sources } = this.#defined.definition
      throw new StateError({
        where: `variable ${this.name}`,
        expected: 'a variable that holds its value itself, to assign one',
        received: `one that adapters compute from ${sources.map(({ name }) => `'${name}'`).join(', ')}`,
        fix: 'Assign these, or merge the adapters first; a model that was compiled before has to be compiled again.',
      })
    }
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
    const scope = scopes.current
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
    if (this.#defined !== undefined) return `${this}, computed by adapters`
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
    this.version++
    for (const watcher of this.#watchers) watcher.deref()?.changed()
  }
}
