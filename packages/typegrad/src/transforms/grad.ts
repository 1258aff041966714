/**
 * `transforms/`: what is done with functions of tensors: gradients, compilation, evaluation. It brings graph, passes,
 * lowering and engine together, and knows no layer.
 */
import { isFloating } from '../base/dtype.ts'
import { ShapeError, StateError, TraceError } from '../base/errors.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { asWork, complete, type Work, within } from '../base/work.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { ones } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { currentScope, type VariableScope, withScope } from '../tensor/trace.ts'
import type { Variable } from '../tensor/variable.ts'
import { differentiateWork } from './backward.ts'
import { orZeros } from './seed.ts'
import { flattenTree, type Tree, unflattenTree } from './tree.ts'

export interface ValueAndGradients<V extends readonly Variable[] = readonly Variable[]> {
  /** What the function returned. */
  readonly value: Tensor<[]>
  /** dvalue/dvariable for each variable, in their order and shapes. */
  readonly grads: { readonly [K in keyof V]: V[K] extends Variable<infer S> ? Tensor<S> : never }
}

/**
 * A function's value and its gradient with respect to its first argument (a tensor, or tensors in arrays and
 * objects), or with respect to variables that it reads.
 *
 * @throws ShapeError if the function's value is not a scalar.
 * @example
 * const lossAndGradient = valueAndGrad((w: Tensor<[3, 1]>) => x.matmul(w).sub(y).square().mean())
 * const { value, grad } = lossAndGradient(w)
 *
 * const { value, grads } = valueAndGrad(() => lossOf(model.call(x), y), model.trainableWeights)
 */
export function valueAndGrad<const V extends readonly Variable[]>(
  fn: () => Tensor,
  variables: V,
): ValueAndGradients<V>
export function valueAndGrad<W extends Tree, A extends readonly unknown[]>(
  fn: (first: W, ...rest: A) => Tensor,
): (first: W, ...rest: A) => { readonly value: Tensor<[]>; readonly grad: W }
export function valueAndGrad(
  fn: (...args: unknown[]) => Tensor,
  variables?: readonly Variable[],
): ValueAndGradients | ((...args: unknown[]) => { value: Tensor; grad: unknown }) {
  if (variables !== undefined) return complete(valueAndGradWork(() => asWork(fn), variables))
  return (first, ...rest) => {
    const leaves: Tensor[] = []
    const structure = flattenTree(first, leaves)
    // Fresh nodes for the arguments: what was computed from them before does not count.
    const marked = leaves.map((leaf) => mark(leaf.node))
    const value = fn(unflattenTree(structure, tensors(marked).values()), ...rest)
    const grads = complete(gradients(value, marked))
    return { value, grad: unflattenTree(structure, grads.values()) }
  }
}

/**
 * The gradient of a scalar function with respect to its first argument.
 *
 * @example
 * const cube = (x: Tensor<[]>) => x.pow(3)
 * await grad(cube)(scalar(2)).item()             // 12
 * await grad(grad(cube))(scalar(2)).item()       // 12
 */
export function grad<W extends Tree, A extends readonly unknown[]>(
  fn: (first: W, ...rest: A) => Tensor,
): (first: W, ...rest: A) => W {
  const both = valueAndGrad(fn)
  return (first, ...rest) => both(first, ...rest).grad
}

/** `valueAndGrad` with respect to variables, of work and as work that may be interrupted. */
export function* valueAndGradWork(
  fn: () => Work<Tensor>,
  variables: readonly Variable[],
): Work<ValueAndGradients> {
  const scope = new MarkingScope(variables)
  const value = yield* within((portion) => withScope(scope, portion), fn())
  const marked = variables.map((variable) => scope.markOf(variable))
  return { value: value as Tensor<[]>, grads: yield* gradients(value, marked) }
}

function* gradients(value: unknown, marked: readonly Node[]): Work<Tensor[]> {
  if (!(value instanceof Tensor)) {
    throw new TraceError({
      where: 'grad',
      expected: 'a function that returns a tensor',
      received: value instanceof Promise ? 'a promise' : typeof value,
      fix: 'Differentiated functions are synchronous and return their loss.',
    })
  }
  if (value.size !== 1 || !isFloating(value.dtype)) {
    throw new ShapeError({
      where: 'grad',
      expected: 'a function whose value is one floating-point number',
      received: `${value.dtype} ${formatShape(value.shape as Shape)}`,
      fix: 'Reduce it first, with mean() or sum().',
    })
  }
  const seed = { value: value.node, cotangent: ones(value.shape, { dtype: value.dtype }) }
  return (yield* differentiateWork([seed], marked)).map((g, i) => orZeros(g, marked[i] as Node))
}

const mark = (node: Node): Node => makeNode('identity', [node], {})
const tensors = (nodes: readonly Node[]): Tensor[] => nodes.map((node) => new Tensor(node))

/** What layers read of an adapted weight is no variable to learn: its sources are. */
const notHeld = ({ name, definition }: Variable): StateError =>
  new StateError({
    where: 'valueAndGrad',
    expected: 'variables that hold their values themselves',
    received: `'${name}', which adapters compute from ${definition?.sources.map((source) => `'${source.name}'`).join(', ')}`,
    fix: 'Take trainableWeights anew after layers were adapted; a model that was compiled before has to be compiled again.',
  })

/** Gives watched variables a node of their own inside of a differentiated function. */
class MarkingScope implements VariableScope {
  readonly outer = currentScope()
  readonly #marks = new Map<Variable, Node>()
  readonly #assigned = new Map<Variable, Node>()

  constructor(variables: readonly Variable[]) {
    const computed = variables.find(({ definition }) => definition !== undefined)
    if (computed !== undefined) throw notHeld(computed)
    for (const variable of variables) this.#marks.set(variable, mark(this.#outerRead(variable)))
  }

  markOf(variable: Variable): Node {
    return this.#marks.get(variable) as Node
  }

  read(variable: Variable): Node {
    return this.#assigned.get(variable) ?? this.#marks.get(variable) ?? this.#outerRead(variable)
  }

  assign(variable: Variable, value: Node): void {
    this.#assigned.set(variable, value)
    withScope(this.outer, () => variable.assign(new Tensor(value)))
  }

  #outerRead(variable: Variable): Node {
    return withScope(this.outer, () => variable.value.node)
  }
}
