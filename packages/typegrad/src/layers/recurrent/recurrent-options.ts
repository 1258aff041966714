import type { LayerOptions } from '../base/layer.ts'
import { automaticName } from '../base/naming.ts'
import type { RecurrentOptions } from './rnn.ts'

/** Options of a layer that makes its own cell, for each of the two: the cell's weights bear the layer's name. */
export function layerAndCellOptions<O extends LayerOptions>(
  className: string,
  options: O & RecurrentOptions,
) {
  const layer = { ...options, name: options.name ?? automaticName(className) }
  const {
    returnSequences: _,
    returnState: _state,
    goBackwards: _backwards,
    zeroOutputForMask: _zeros,
    stateful: _stateful,
    unroll: _unroll,
    ...cell
  } = layer
  // What the layer's output costs is no matter of the cell.
  return { layer, cell: { ...cell, activityRegularizer: null } }
}
