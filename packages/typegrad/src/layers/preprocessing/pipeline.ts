import { ArgumentError } from '../../base/errors.ts'
import { list, needed, optionsOf } from '../../base/options.ts'
import { isSerialized, type SerializedObject, serialize } from '../../base/serialization.ts'
import { takes } from '../../base/takes.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer, type LayerOptions, layerChecks } from '../base/layer.ts'
import { nestedLayer } from '../base/nested.ts'
import type { SymbolicShape } from '../base/symbolic.ts'
import { ImageLayer, type LabeledImages } from './images/image-layer.ts'

export interface PipelineOptions extends LayerOptions {
  /** The layers, or their configurations, in order. */
  readonly layers: readonly (Layer | SerializedObject)[]
}

export const pipelineChecks = optionsOf<PipelineOptions>()({ layers: needed(list), ...layerChecks })

/** Layers one after another; see {@link pipeline}. */
@takes(pipelineChecks)
export class Pipeline extends Layer {
  readonly className = 'Pipeline'
  readonly layers: readonly Layer[]

  constructor({ layers, ...options }: PipelineOptions) {
    super(options)
    this.layers = layers.map((layer) => (isSerialized(layer) ? nestedLayer(layer) : layer))
    const odd = this.layers.find((layer) => !(layer instanceof Layer))
    if (odd === undefined) return
    throw new ArgumentError({ where: 'Pipeline', expected: 'layers', received: String(odd) })
  }

  override get inputDType() {
    return this.layers[0]?.inputDType ?? this.dtype
  }

  override build(inputShape: SymbolicShape): void {
    let shape: SymbolicShape = inputShape
    for (const layer of this.layers) {
      layer.ensureBuilt(shape)
      shape = layer.computeOutputShape(shape)
    }
  }

  override get supportsMasking(): boolean {
    return this.layers.every((layer) => layer.supportsMasking)
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    return this.layers.reduce((y, layer) => layer.apply(y, { training }), x)
  }

  /**
   * Changes images and what belongs to them together, as in training; layers that are not of images change the images alone.
   *
   * @example
   * const augment = layers.pipeline({ layers: [layers.randomFlip(), layers.randomRotation({ factor: 0.1 })] })
   * const { images, segmentationMasks } = augment.augment({ images: x, segmentationMasks: y })
   */
  augment<D extends LabeledImages>(data: D): D {
    let current = data
    for (const layer of this.layers) {
      if (layer instanceof ImageLayer) current = layer.augment(current)
      else current = { ...current, images: layer.apply(current.images, { training: true }) }
    }
    return current
  }

  override getConfig(): Record<string, unknown> {
    return { ...super.getConfig(), layers: this.layers.map((layer) => serialize(layer)) }
  }
}

/**
 * Preprocessing layers one after another, as one layer.
 *
 * @throws ArgumentError for what is no layer.
 * @example
 * layers.pipeline({ layers: [layers.resizing({ height: 64, width: 64 }), layers.randomFlip({ mode: 'horizontal' })] })
 */
export const pipeline = (options: PipelineOptions): Pipeline => new Pipeline(options)
