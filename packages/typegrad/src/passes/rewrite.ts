import { complete, type Work } from '../base/work.ts'
import { makeNode, type Node, topologicalOrderWork, withInputs } from '../graph/node.ts'

/** What stands in the place of a node whose inputs have been rewritten; the node itself to leave it. */
export type RewriteRule = (node: Node) => Node

/**
 * Rewrites a graph from its leaves to its outputs: a rule sees every node once, on its final inputs.
 * Bodies of loops are rewritten too; what they take from around them stays theirs.
 *
 * @param given nodes that are not rewritten, and what stands in their place.
 */
export function* rewriteWork(
  outputs: readonly Node[],
  rule: RewriteRule,
  given: ReadonlyMap<Node, Node> = new Map(),
): Work<Node[]> {
  const rewritten = new Map(given)
  const of = (node: Node): Node => rewritten.get(node) ?? node
  for (const node of yield* topologicalOrderWork(outputs, new Set(given.keys()))) {
    if (given.has(node)) continue
    const rebuilt = withInputs(node, node.inputs.map(of))
    rewritten.set(node, rule(rebuilt.kind === 'scan' ? withRewrittenBody(rebuilt, rule) : rebuilt))
    yield
  }
  return outputs.map(of)
}

/** The same in one go. */
export const rewriteGraph = (...args: Parameters<typeof rewriteWork>): Node[] =>
  complete(rewriteWork(...args))

function withRewrittenBody(node: Node & { kind: 'scan' }, rule: RewriteRule): Node {
  const { body } = node.params
  const given = new Map(body.inputs.map((input) => [input, opaque(input)]))
  const outputs = rewriteGraph(body.outputs, rule, given)
  if (outputs.every((output, i) => output === body.outputs[i])) return node
  const inputs = body.inputs.map((input) => given.get(input) as Node)
  return makeNode('scan', node.inputs, { ...node.params, body: { inputs, outputs } })
}

/**
 * A placeholder for what a loop takes from around it: its value is that of the loop's input, which may be another node
 * by now, so that no rule may look at what made it.
 */
const opaque = (node: Node): Node =>
  node.inputs.length === 0
    ? node
    : makeNode('input', [], { name: 'captured', dtype: node.dtype, shape: node.shape })
