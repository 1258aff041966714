import type { GraphNode } from '../formats/tensorboard-events.ts'
import { type LayerGraph, shapesOf } from '../layers/base/layer-graph.ts'

/** The layers of a model as TensorBoard's nodes; those of a model within stand in a box of its name. */
export function eventGraph(graph: LayerGraph): GraphNode[] {
  return flattened(graph, '', []).nodes
}

function flattened(
  { nodes, inputs, outputs }: LayerGraph,
  prefix: string,
  given: readonly string[],
): { nodes: GraphNode[]; outputs: readonly string[] } {
  const flat: GraphNode[] = []
  /** What stands for a layer where others take it: itself, or what is last in a model. */
  const ends = new Map<string, readonly string[]>()
  for (const { name, layer, inputs: own, inner } of nodes) {
    const taken = [
      ...own.flatMap((from) => ends.get(from) ?? [`${prefix}${from}`]),
      ...(inputs.includes(name) ? given : []),
    ]
    if (inner !== undefined && inner.nodes.length > 0) {
      const within = flattened(inner, `${prefix}${name}/`, taken)
      flat.push(...within.nodes)
      ends.set(name, within.outputs)
      continue
    }
    const shape = shapesOf(layer).output?.map((size) => (typeof size === 'number' ? size : -1))
    flat.push({
      name: `${prefix}${name}`,
      op: layer.className,
      inputs: taken,
      ...(shape === undefined ? {} : { shape }),
      attributes: {
        params: String(layer.built ? layer.countParams() : '?'),
        trainable: String(layer.trainable),
      },
    })
  }
  return { nodes: flat, outputs: outputs.flatMap((name) => ends.get(name) ?? [`${prefix}${name}`]) }
}
