import { type Node, topologicalOrder } from '../graph/node.ts'

/** Nodes that parts of a graph may share without being one: they cost nothing to have twice. */
const isLeaf = ({ inputs }: Node): boolean => inputs.length === 0

/**
 * Splits outputs into those that have no computation in common, by their places in the list. Together they are all of
 * the outputs, each once and in order.
 */
export function independentParts(outputs: readonly Node[]): number[][] {
  // A forest of nodes: those of a tree belong together.
  const parents = new Map<Node, Node>()
  const rootOf = (node: Node): Node => {
    let root = node
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next
    // Paths are made short, so that a long chain is not walked again and again.
    for (let at = node; at !== root; ) {
      const next = parents.get(at) as Node
      parents.set(at, root)
      at = next
    }
    return root
  }
  for (const node of topologicalOrder(outputs)) {
    for (const input of node.inputs) {
      if (isLeaf(input)) continue
      const [a, b] = [rootOf(node), rootOf(input)]
      if (a !== b) parents.set(b, a)
    }
  }
  const parts = new Map<Node, number[]>()
  outputs.forEach((output, i) => {
    const root = rootOf(output)
    const part = parts.get(root)
    if (part === undefined) parts.set(root, [i])
    else part.push(i)
  })
  return [...parts.values()]
}
