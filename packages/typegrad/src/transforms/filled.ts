import { type TypedArray, typedArray } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import { Pacer } from '../base/turn.ts'
import { makeNode, type Node, type NodeOf } from '../graph/node.ts'

/** The constant of one element that all of a node's elements are; undefined for any other node. */
export function filling(node: Node): NodeOf<'constant'> | undefined {
  let element = node
  while (element.kind === 'broadcast' || element.kind === 'reshape') element = element.inputs[0] as Node
  return element.kind === 'constant' && element.params.data.length === 1 ? element : undefined
}

/** Elements that are cut off at once: a millisecond's work. */
const slice = 1 << 20

/**
 * A leaf of as many elements as `node` has, all of them `element`'s. The runtime would make them while it loads the
 * model and keep them with it: zeros for the slots of all weights, twice. Zeros are not even written here: the system
 * gives memory that is zero, page by page, when it is first used.
 */
export async function filledLeaf({ shape, dtype }: Node, element: NodeOf<'constant'>): Promise<Node> {
  const host = typedArray(dtype, sizeOf(shape))
  const [value] = element.params.data
  if (!Object.is(Number(value), 0)) {
    const pacer = new Pacer()
    for (let from = 0; from < host.length; from += slice) {
      if (pacer.due()) await pacer.turn()
      fill(host, value as number, from, from + slice)
    }
  }
  return makeNode('data', [], { source: { host, dtype, shape } })
}

/** Element and array are of one dtype; TypeScript has no signature of fill() for a union of arrays. */
const fill = (host: TypedArray, value: number, from: number, to: number): unknown =>
  (host as Float32Array).fill(value, from, to)
