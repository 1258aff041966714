import { isFloating } from '../base/dtype.ts'
import { TraceError } from '../base/errors.ts'
import { makeNode, type Node, recordNodes, topologicalOrder } from '../graph/node.ts'
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
 * @param fn takes tensors and returns one; it may read variables and other tensors, and draw random numbers.
 * @example
 * const block = checkpoint((x: Tensor) => layer2.call(layer1.call(x)))
 */
export function checkpoint<A extends readonly Tensor[]>(fn: (...args: A) => Tensor): (...args: A) => Tensor {
  return (...args) => {
    const generator = currentGenerator()
    const scope = new RecordingScope()
    // Nodes of their own, to be told from the same tensors read without being given.
    const marks = args.map((arg) => makeNode('identity', [arg.node], {}))
    const marked = marks.map((mark) => new Tensor(mark)) as unknown as A
    const {
      value: { value, draws },
      made,
    } = recordNodes(() => withScope(scope, () => generator.recording(() => fn(...marked))))
    if (!(value instanceof Tensor)) {
      throw new TraceError({
        where: 'checkpoint',
        expected: 'a function that returns one tensor',
        received: typeof value,
        fix: 'Return one tensor, or checkpoint the parts.',
      })
    }
    const variables = [...scope.marks].map(([variable, mark]) => [variable, mark.inputs[0] as Node] as const)
    const kept = [
      ...args.map((arg) => arg.node),
      ...variables.map(([, node]) => node),
      ...draws.map(({ key }) => key.node),
    ]
    // What the function read without being given it: the repetition reads the same nodes.
    const captured = capturedBy(value.node, made, new Set([...marks, ...scope.marks.values()]))
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
      const targets = [...again.map(({ node }) => node), ...captured]
      return backward([seed], targets).map((g) => g?.node ?? null)
    }
    return apply('customGradient', [value, ...[...kept, ...captured].map((node) => new Tensor(node))], {
      gradient,
    })
  }
}

/** Floating-point nodes from outside that the function's nodes read, but for what it was given. */
function capturedBy(value: Node, made: ReadonlySet<Node>, given: ReadonlySet<Node>): Node[] {
  const inside = topologicalOrder([value], given).filter((node) => made.has(node) && !given.has(node))
  const read = new Set([value, ...inside.flatMap((node) => node.inputs)])
  return [...read].filter((node) => !made.has(node) && !given.has(node) && isFloating(node.dtype))
}

/** Notes which variables a function reads, as nodes of their own. */
class RecordingScope implements VariableScope {
  readonly outer = currentScope()
  readonly marks = new Map<Variable, Node>()
  readonly #assigned = new Set<Variable>()

  read(variable: Variable): Node {
    const node = withScope(this.outer, () => variable.value.node)
    if (this.#assigned.has(variable)) return node
    const mark = this.marks.get(variable) ?? makeNode('identity', [node], {})
    this.marks.set(variable, mark)
    return mark
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
