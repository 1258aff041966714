import type { LayerOptions } from '../layer.ts'
import { automaticName } from '../naming.ts'

/** Options of a layer that makes its own cell, for each of the two: the cell's weights bear the layer's name. */
export function layerAndCellOptions<O extends LayerOptions>(className: string, options: O) {
  const layer = { ...options, name: options.name ?? automaticName(className) }
  // What the layer's output costs is no matter of the cell.
  return { layer, cell: { ...layer, activityRegularizer: null } }
}
