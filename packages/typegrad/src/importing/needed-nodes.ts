import type { FileAttribute, FileGraph, FileNode } from '../onnx/file.ts'

/** Those of the nodes that some of the names need, in their order. */
export function neededNodes(nodes: readonly FileNode[], outputs: readonly string[]): readonly FileNode[] {
  const wanted = new Set(outputs)
  const needed: FileNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== '' && wanted.has(name))) continue
    needed.push(node)
    for (const name of namesRead(node)) wanted.add(name)
  }
  return needed.reverse()
}

/** Names that a node reads, and graphs within it. */
export function namesRead(node: FileNode): readonly string[] {
  return [...node.inputs, ...graphsOf(node).flatMap(namesWithin)].filter((name) => name !== '')
}

export const graphsOf = (node: FileNode): FileGraph[] =>
  Object.values<FileAttribute>(node.attributes).flatMap((attribute) =>
    attribute.type === 'graph' ? [attribute.value] : [],
  )

const namesWithin = ({ nodes, outputs }: FileGraph): readonly string[] => [
  ...outputs.map(({ name }) => name),
  ...nodes.flatMap(namesRead),
]

/** Whether some outputs of a graph need a value of this name. */
export function isRead({ nodes }: FileGraph, name: string, outputs: readonly string[]): boolean {
  return outputs.includes(name) || neededNodes(nodes, outputs).some((node) => namesRead(node).includes(name))
}
