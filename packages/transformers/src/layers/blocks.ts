import { Layer } from 'typegrad/layers'
import { type Network, Part } from './network.ts'

/** The blocks of a network, of its encoder and of its decoder: the parts that stand in lists, the outermost of each. */
export function blocksOf(network: Network): readonly Part[] {
  const blocks: Part[] = []
  const opened = new Set<Layer>()
  const visit = (layer: Layer): void => {
    if (opened.has(layer)) return
    opened.add(layer)
    for (const value of Object.values(layer)) {
      if (value instanceof Layer) visit(value)
      else if (Array.isArray(value)) blocks.push(...value.filter((item) => item instanceof Part))
    }
  }
  visit(network)
  return blocks
}
