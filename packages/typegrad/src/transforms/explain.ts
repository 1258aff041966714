import { formatShape } from '../base/shape.ts'
import { type Node, topologicalOrder } from '../graph/node.ts'
import type { OnnxModel, OnnxNode } from '../onnx/model.ts'

/** A graph as numbered lines, one a node, followed by the operators that it became. */
export function explainGraph(outputs: readonly Node[], model: OnnxModel, bytes: number): string {
  const order = topologicalOrder(outputs)
  const numbers = new Map(order.map((node, i) => [node, i]))
  const width = String(order.length).length + 1
  const lines = order.map((node, i) => {
    const inputs = node.inputs.map((input) => `%${numbers.get(input)}`).join(', ')
    const params = describe(node)
    return `${`%${i}`.padStart(width)} = ${node.kind}(${inputs})${params} : ${node.dtype} ${formatShape(node.shape)}`
  })
  const counts = new Map<string, number>()
  for (const { op } of model.graph.nodes.flatMap(withBodies)) counts.set(op, (counts.get(op) ?? 0) + 1)
  const operators = [...counts].sort(([, a], [, b]) => b - a).map(([op, count]) => `${op} ×${count}`)
  return [
    ...lines,
    `returns ${outputs.map((node) => `%${numbers.get(node)}`).join(', ')}`,
    `${order.length} nodes → ONNX: ${model.graph.nodes.length} operators, ${bytes} bytes`,
    operators.join(', '),
  ].join('\n')
}

function describe(node: Node): string {
  switch (node.kind) {
    case 'constant':
      return node.params.data.length <= 4 ? ` {${node.params.data.join(', ')}}` : ' {…}'
    case 'input':
      return ` {${node.params.name}}`
    case 'scan':
      return ` {length ${node.params.length}, ${topologicalOrder(node.params.body.outputs).length} nodes a step}`
    case 'data':
    case 'customGradient':
      return ''
    default: {
      const entries = Object.entries(node.params).filter(([key]) => key !== 'shape' && key !== 'dtype')
      return entries.length === 0
        ? ''
        : ` {${entries.map(([key, value]) => `${key}: ${JSON.stringify(value)}`).join(', ')}}`
    }
  }
}

const withBodies = (node: OnnxNode): OnnxNode[] => [
  node,
  ...Object.values(node.attributes ?? {}).flatMap((a) =>
    a.type === 'graph' ? a.value.nodes.flatMap(withBodies) : [],
  ),
]
