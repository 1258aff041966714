import { elementsKey } from '../base/dtype.ts'
import { type Node, topologicalOrder } from '../graph/node.ts'

/**
 * A string that is the same for graphs that compute the same from other values in memory, and the leaves
 * in the order in which it counts them.
 */
export function graphKey(outputs: readonly Node[]): {
  readonly key: string
  readonly leaves: readonly Node[]
} {
  const numbers = new Map<Node, number>()
  const leaves: Node[] = []
  const parts: string[] = []
  for (const node of topologicalOrder(outputs)) {
    numbers.set(node, numbers.size)
    if (node.kind === 'data' || node.kind === 'input') leaves.push(node)
    parts.push(nodeKey(node, numbers))
  }
  return { key: `${parts.join(';')}|${outputs.map((node) => numbers.get(node)).join()}`, leaves }
}

function nodeKey(node: Node, numbers: ReadonlyMap<Node, number>): string {
  switch (node.kind) {
    case 'data':
    case 'input':
      return `leaf ${node.dtype}[${node.shape}]`
    case 'constant':
      return `constant ${node.dtype}[${node.shape}]${elementsKey(node.params.data)}`
    case 'customGradient':
      return `customGradient(${inputsKey(node, numbers)})`
    case 'scan': {
      const { body, ...rest } = node.params
      // Captured nodes stand in the body for themselves: they are named by the loop's inputs.
      const inner = new Map<Node, number>()
      const offset = rest.carries + rest.sequences
      const own = body.inputs.slice(0, offset)
      own.forEach((placeholder, i) => {
        inner.set(placeholder, -1 - i)
      })
      body.inputs.slice(offset).forEach((captured, i) => {
        inner.set(captured, -1 - offset - i)
      })
      const parts: string[] = []
      for (const part of topologicalOrder(body.outputs, new Set(inner.keys()))) {
        if (inner.has(part)) continue
        inner.set(part, inner.size)
        parts.push(nodeKey(part, inner))
      }
      const results = body.outputs.map((output) => inner.get(output)).join()
      return `scan(${inputsKey(node, numbers)})${JSON.stringify(rest)}{${parts.join(';')}|${results}}`
    }
    default:
      return `${node.kind}(${inputsKey(node, numbers)})${node.shape.join()}${paramsKey(node.params)}`
  }
}

/** JSON has no infinities, NaN or −0. */
const paramsKey = (params: object): string =>
  JSON.stringify(params, (_, value) => {
    if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value
    return Object.is(value, -0) ? '-0' : String(value)
  })

const inputsKey = (node: Node, numbers: ReadonlyMap<Node, number>): string =>
  node.inputs.map((input) => numbers.get(input)).join()
