import { type Node, withInputs } from '../graph/node.ts'
import type { RewriteRule } from './rewrite.ts'

/**
 * Computes once what is computed twice from the same inputs. Gradient rules repeat themselves freely
 * (each term of a product rule names both factors) because this pass is there.
 */
export function commonSubexpressions(): RewriteRule {
  const ids = new Map<Node, number>()
  const known = new Map<string, Node>()
  const idOf = (node: Node): number => {
    const id = ids.get(node) ?? ids.size
    ids.set(node, id)
    return id
  }
  return (node) => {
    switch (node.kind) {
      // A leaf is itself; a loop's body is too large to compare; a barrier is there not to be merged.
      case 'input':
      case 'data':
      case 'scan':
      case 'barrier':
        return node
      default: {
        const params = node.kind === 'constant' ? constantKey(node) : JSON.stringify(node.params)
        const key = `${node.kind}(${node.inputs.map(idOf).join()})${params}`
        const twin = known.get(key)
        if (twin !== undefined) return twin
        known.set(key, node)
        return withInputs(node, node.inputs)
      }
    }
  }
}

function constantKey({ params: { data, dtype, shape } }: Node & { kind: 'constant' }): string {
  // −0 and 0 print alike but are not.
  const values = Array.from(data as ArrayLike<number | bigint>, (value) =>
    Object.is(value, -0) ? '-0' : String(value),
  )
  return `${dtype}[${shape}]${values.join()}`
}
