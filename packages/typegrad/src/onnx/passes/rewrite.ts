import { makeNode, type Node, topologicalOrder, withInputs } from '../../graph/node.ts'

/** What stands in the place of a node whose inputs have been rewritten; the node itself to leave it. */
export type RewriteRule = (node: Node) => Node

/**
 * Rewrites a graph from its leaves to its outputs: a rule sees every node once, on its final inputs.
 * Bodies of loops are rewritten too; what they take from around them stays theirs.
 */
export function rewriteGraph(outputs: readonly Node[], rule: RewriteRule, stops?: ReadonlySet<Node>): Node[] {
  const rewritten = new Map<Node, Node>()
  const of = (node: Node): Node => rewritten.get(node) ?? node
  for (const node of topologicalOrder(outputs, stops)) {
    if (stops?.has(node)) continue
    const rebuilt = withInputs(node, node.inputs.map(of))
    rewritten.set(node, rule(rebuilt.kind === 'scan' ? withRewrittenBody(rebuilt, rule) : rebuilt))
  }
  return outputs.map(of)
}

function withRewrittenBody(node: Node & { kind: 'scan' }, rule: RewriteRule): Node {
  const { body } = node.params
  const outputs = rewriteGraph(body.outputs, rule, new Set(body.inputs))
  if (outputs.every((output, i) => output === body.outputs[i])) return node
  return makeNode('scan', node.inputs, { ...node.params, body: { ...body, outputs } })
}
