import { makeNode, type Node, topologicalOrder, withInputs } from '../graph/node.ts'

const kinds: ReadonlySet<Node['kind']> = new Set(['add', 'sub', 'mul', 'div'])

/** Leaves of numbers that were seen, of which the oldest goes: their memory on the engine is made once. */
const leaves = new Map<string, Node>()
const capacity = 1024

/**
 * The same graphs with numbers that are added, subtracted, multiplied and divided by as memory and not as parts of the
 * program: a loop that scales by another number each time is one program then.
 */
export function lifted(outputs: readonly Node[]): readonly Node[] {
  const replaced = new Map<Node, Node>()
  const lift = (node: Node): Node =>
    node.kind === 'constant' && node.params.data.length === 1 ? leafOf(node) : (replaced.get(node) ?? node)
  for (const node of topologicalOrder(outputs)) {
    if (node.inputs.length === 0) continue
    // Of two numbers there is nothing that a loop repeats.
    const isArithmetic = kinds.has(node.kind) && node.inputs.some(({ kind }) => kind !== 'constant')
    const inputs = node.inputs.map((input) => (isArithmetic ? lift(input) : (replaced.get(input) ?? input)))
    if (inputs.some((input, i) => input !== node.inputs[i])) replaced.set(node, withInputs(node, inputs))
  }
  return outputs.map((node) => replaced.get(node) ?? node)
}

function leafOf(node: Node & { readonly kind: 'constant' }): Node {
  const { data, dtype, shape } = node.params
  const [value] = data
  const key = `${dtype}[${shape}]${Object.is(value, -0) ? '-0' : value}`
  const known = leaves.get(key)
  if (known !== undefined) return known
  const leaf = makeNode('data', [], { source: { host: data.slice(), dtype, shape } })
  if (leaves.size >= capacity) leaves.delete(leaves.keys().next().value as string)
  leaves.set(key, leaf)
  return leaf
}
