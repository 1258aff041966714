/**
 * `graph/`: nodes, the closed list of primitives, and the shape and dtype of what each gives. It knows `base` alone:
 * no tensor, no gradient, no ONNX.
 */
import { ShapeError } from '../base/errors.ts'
import { formatShape, type Shape } from '../base/shape.ts'
import { complete, type Work } from '../base/work.ts'
import { type Inferred, inferRules } from './infer.ts'
import type { Node, Primitive, PrimitiveParams } from './primitives.ts'

export type { DataSource, Node, NodeOf } from './primitives.ts'

/**
 * Makes a node and checks that its inputs fit: the one place where shapes and dtypes are inferred.
 *
 * @throws ShapeError or DTypeError of the primitive's rule in `infer.ts`; ShapeError for dimensions that are no sizes.
 */
export function makeNode<P extends Primitive>(
  kind: P,
  inputs: readonly Node[],
  params: PrimitiveParams[P],
): Node {
  const infer = inferRules[kind] as (inputs: readonly Node[], params: PrimitiveParams[P]) => Inferred
  const { shape, dtype } = infer(inputs, params)
  for (const dimension of shape) if (!isDimension(dimension)) throw notAShape(kind, shape)
  // The union over all kinds cannot be rebuilt from a generic one; `kind` and `params` agree by signature.
  const node = { kind, inputs, params, shape, dtype } as unknown as Node
  for (const recording of recordings) recording.add(node)
  return node
}

const isDimension = (size: number): boolean => Number.isSafeInteger(size) && size >= 0

const notAShape = (kind: Primitive, shape: Shape): ShapeError =>
  new ShapeError({
    where: kind,
    expected: 'a shape of whole numbers of at least 0',
    received: formatShape(shape),
    fix: 'Sizes must be known while the graph is made: a tensor or undefined in a shape is none.',
  })

const recordings = new Set<Set<Node>>()

/** Runs `body` and tells which nodes were made: all others that its value needs come from outside of it. */
export function recordNodes<T>(body: () => T): { readonly value: T; readonly made: ReadonlySet<Node> } {
  const made = new Set<Node>()
  recordings.add(made)
  try {
    return { value: body(), made }
  } finally {
    recordings.delete(made)
  }
}

/** The same operation on other inputs. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
  return inputs.every((input, i) => input === node.inputs[i])
    ? node
    : makeNode(node.kind, inputs, node.params)
}

/** Whether a node is given to a graph rather than computed in it. */
export const isLeaf = ({ kind }: Node): boolean => kind === 'input' || kind === 'data'

/**
 * Nodes that `outputs` need, each after all of its inputs; nothing above `stops` (which are themselves in it).
 * Iterative: graphs are deeper than the stack.
 */
export const topologicalOrder = (...args: Parameters<typeof topologicalOrderWork>): Node[] =>
  complete(topologicalOrderWork(...args))

/** Nodes that are visited in one portion. */
const portion = 256

/** The same as work that may be interrupted: a training step has thousands of nodes. */
export function* topologicalOrderWork(outputs: Iterable<Node>, stops?: ReadonlySet<Node>): Work<Node[]> {
  const order: Node[] = []
  const seen = new Set<Node>()
  // The path to the node at hand, and how many inputs of each node on it have been visited.
  const path: Node[] = []
  const visited: number[] = []
  const open = (node: Node): void => {
    seen.add(node)
    path.push(node)
    visited.push(stops?.has(node) ? node.inputs.length : 0)
  }
  for (const output of outputs) {
    if (seen.has(output)) continue
    open(output)
    while (path.length > 0) {
      const last = path.length - 1
      const node = path[last] as Node
      const i = visited[last] as number
      if (i < node.inputs.length) {
        visited[last] = i + 1
        const input = node.inputs[i] as Node
        if (!seen.has(input)) open(input)
        continue
      }
      path.pop()
      visited.pop()
      order.push(node)
      if (order.length % portion === 0) yield
    }
  }
  return order
}
