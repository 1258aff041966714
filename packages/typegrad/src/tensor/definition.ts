import type { Node } from '../graph/node.ts'
import { Tensor } from './tensor.ts'

/**
 * What a variable's value is while it is computed from other variables, as PyTorch's parametrizations do it: a weight of
 * an adapted layer, which the layer goes on reading as if nothing had happened. V is the class of variables.
 */
export interface DefinitionBy<V> {
  /** The variable in the place of the one that is computed: what regularizers and constraints hold for. */
  readonly base: V
  /** All that the value is computed from, the base first: the layer's weights instead of the computed one. */
  readonly sources: readonly V[]
  /** Those of the sources that are made to be trained, frozen or not. */
  readonly trained: readonly V[]
  /** The value, from those of the sources alone: no random numbers, no other state. Traced where it is read. */
  compute(): Tensor
  /**
   * The value as a sum, where training drops some of what parts of it are multiplied with; undefined where it drops nothing. For layers whose
   * output is linear in their weight: each part has a product of its own.
   */
  addends?(): readonly Addend[] | undefined
}

/** A part of a weight, and the share of its inputs that training drops. */
export interface Addend {
  readonly value: Tensor
  readonly inputDropout: number
}

/** A definition at work: as long as the sources stay the same, several reads in a trace have one value. */
export class DefinedValue<V extends { readonly value: Tensor }> {
  readonly definition: DefinitionBy<V>
  /** The last value and what the sources were then; weak, so that no trace and no memory outlives its use. */
  #last: { readonly sources: readonly WeakRef<Node>[]; readonly value: WeakRef<Node> } | undefined

  constructor(definition: DefinitionBy<V>) {
    this.definition = definition
  }

  /**
   * The value at this point of the program or the trace. The scopes that are open (a gradient's, a checkpoint's) see
   * the sources being read.
   */
  read(): Tensor {
    const nodes = this.definition.sources.map((source) => source.value.node)
    const known = this.#last
    const value = known?.value.deref()
    if (value !== undefined && known?.sources.every((source, i) => source.deref() === nodes[i]))
      return new Tensor(value)
    const made = this.definition.compute()
    this.#last = { sources: nodes.map((node) => new WeakRef(node)), value: new WeakRef(made.node) }
    return made
  }
}
