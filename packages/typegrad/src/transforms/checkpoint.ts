import { TraceError } from '../base/errors.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { apply } from '../ops/apply.ts'
import { currentGenerator } from '../random/generator.ts'
import { Tensor } from '../tensor/tensor.ts'
import { currentScope, type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { backward } from './backward.ts'

/**
 * The same function, whose intermediate values are not kept for the backward pass but computed again
 * (Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost, https://arxiv.org/abs/1604.06174).
 *
 * Memory then holds the arguments and one function's intermediates at a time, for one more forward pass.
 *
 * @param fn takes tensors and returns one; it may read variables and draw random numbers.
 * @example
 * const block = checkpoint((x: Tensor) => layer2.call(layer1.call(x)))
 */
export function checkpoint<A extends readonly Tensor[]>(fn: (...args: A) => Tensor): (...args: A) => Tensor {
  return (...args) => {
    const generator = currentGenerator()
    const sites = generator.sites
    const recording = new RecordingScope()
    const value = withScope(recording, () => fn(...args))
    if (!(value instanceof Tensor)) {
      throw new TraceError({
        where: 'checkpoint',
        expected: 'a function that returns one tensor',
        received: typeof value,
        fix: 'Return one tensor, or checkpoint the parts.',
      })
    }
    const read = [...recording.values]
    const kept = [...args.map((arg) => arg.node), ...read.map(([, node]) => node)]
    // The state of the generator as this trace reads it, so that a repetition draws the same numbers.
    const gradient = (cotangent: Node): (Node | null)[] => {
      // Held back until the cotangent is there: otherwise it would be computed at once, and kept.
      const again = kept.map((node) => makeNode('barrier', [node, cotangent], {}))
      const values = new Map(read.map(([variable], i) => [variable, again[args.length + i] as Node]))
      const repeat = () =>
        fn(...(again.slice(0, args.length).map((node) => new Tensor(node)) as unknown as A))
      const repeated = withScope(new RepeatingScope(values), () =>
        generator.sites === sites ? repeat() : generator.replaying(sites, repeat),
      )
      return backward([{ value: repeated.node, cotangent: new Tensor(cotangent) }], again).map(
        (g) => g?.node ?? null,
      )
    }
    return apply('customGradient', [value, ...kept.map((node) => new Tensor(node))], { gradient })
  }
}

/** Notes which variables a function reads, as which nodes. */
class RecordingScope implements VariableScope {
  readonly #outer = currentScope()
  readonly values = new Map<Variable, Node>()
  readonly #assigned = new Set<Variable>()

  read(variable: Variable): Node {
    const node = withScope(this.#outer, () => variable.value.node)
    if (!this.#assigned.has(variable) && !this.values.has(variable)) this.values.set(variable, node)
    return node
  }

  assign(variable: Variable, value: Node): void {
    this.#assigned.add(variable)
    withScope(this.#outer, () => variable.assign(new Tensor(value)))
  }
}

/** Gives a repetition the values that the first pass saw; its assignments have been made already. */
class RepeatingScope implements VariableScope {
  readonly #outer = currentScope()
  readonly #values: ReadonlyMap<Variable, Node>
  readonly #assigned = new Map<Variable, Node>()

  constructor(values: ReadonlyMap<Variable, Node>) {
    this.#values = values
  }

  read(variable: Variable): Node {
    return (
      this.#assigned.get(variable) ??
      this.#values.get(variable) ??
      withScope(this.#outer, () => variable.value.node)
    )
  }

  assign(variable: Variable, value: Node): void {
    this.#assigned.set(variable, value)
  }
}
