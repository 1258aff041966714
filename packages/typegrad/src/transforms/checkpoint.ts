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
    const scope = new RecordingScope()
    const { value, draws } = withScope(scope, () => generator.recording(() => fn(...args)))
    if (!(value instanceof Tensor)) {
      throw new TraceError({
        where: 'checkpoint',
        expected: 'a function that returns one tensor',
        received: typeof value,
        fix: 'Return one tensor, or checkpoint the parts.',
      })
    }
    const variables = [...scope.values]
    const kept = [
      ...args.map((arg) => arg.node),
      ...variables.map(([, node]) => node),
      ...draws.map(({ key }) => key.node),
    ]
    const gradient = (cotangent: Node): (Node | null)[] => {
      // Held back until the cotangent is there: otherwise it would be computed at once, and kept.
      const again = kept.map((node) => new Tensor(makeNode('barrier', [node, cotangent], {})))
      const inputs = again.slice(0, args.length)
      const values = new Map(
        variables.map(([variable], i) => [variable, (again[args.length + i] as Tensor).node]),
      )
      const keys = again.slice(args.length + variables.length)
      // The same numbers as in the first pass.
      const sameDraws = draws.map(({ site }, i) => ({ key: keys[i] as Tensor, site }))
      // The barriers have the arguments' shapes and dtypes, one for one.
      const repeat = () => fn(...(inputs as unknown as A))
      const repeated = withScope(new RepeatingScope(values), () => generator.replaying(sameDraws, repeat))
      const seed = { value: repeated.node, cotangent: new Tensor(cotangent) }
      return backward(
        [seed],
        again.map(({ node }) => node),
      ).map((g) => g?.node ?? null)
    }
    return apply('customGradient', [value, ...kept.map((node) => new Tensor(node))], { gradient })
  }
}

/** Notes which variables a function reads, as which nodes. */
class RecordingScope implements VariableScope {
  readonly outer = currentScope()
  readonly values = new Map<Variable, Node>()
  readonly #assigned = new Set<Variable>()

  read(variable: Variable): Node {
    const node = withScope(this.outer, () => variable.value.node)
    if (!this.#assigned.has(variable) && !this.values.has(variable)) this.values.set(variable, node)
    return node
  }

  assign(variable: Variable, value: Node): void {
    this.#assigned.add(variable)
    withScope(this.outer, () => variable.assign(new Tensor(value)))
  }
}

/** Gives a repetition the values that the first pass saw; its assignments have been made already. */
class RepeatingScope implements VariableScope {
  readonly outer = currentScope()
  readonly #values: ReadonlyMap<Variable, Node>
  readonly #assigned = new Map<Variable, Node>()

  constructor(values: ReadonlyMap<Variable, Node>) {
    this.#values = values
  }

  read(variable: Variable): Node {
    return (
      this.#assigned.get(variable) ??
      this.#values.get(variable) ??
      withScope(this.outer, () => variable.value.node)
    )
  }

  assign(variable: Variable, value: Node): void {
    this.#assigned.set(variable, value)
  }
}
