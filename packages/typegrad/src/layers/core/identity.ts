import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { Layer, type LayerOptions, layerChecks } from '../base/layer.ts'

/** What comes in; see {@link identity}. */
@takes(layerChecks)
export class Identity extends Layer {
  readonly className = 'Identity'

  override get supportsMasking(): boolean {
    return true
  }

  call(x: Tensor): Tensor {
    return x
  }
}

/**
 * Gives its input back: a place with a name of its own. The shape stays.
 *
 * @example
 * layers.identity({ name: 'features' })
 */
export const identity = (options?: LayerOptions): Identity => new Identity(options)
