import type { Layer } from './layer.ts'
import type { NamedShape } from './sizes.ts'

/** A layer and what it takes, as it stands in a model. */
export interface LayerNode {
  /** The layer's name, which is unique in its model. */
  readonly name: string
  readonly layer: Layer
  /** Names of the layers that it takes. */
  readonly inputs: readonly string[]
  /** What is within a layer that is a model. */
  readonly inner?: LayerGraph | undefined
}

/** The layers of a model and how they hang together. A layer that is used several times stands there once. */
export interface LayerGraph {
  readonly nodes: readonly LayerNode[]
  /** Names of the layers that take what the model is given. */
  readonly inputs: readonly string[]
  /** Names of the layers whose results the model gives. */
  readonly outputs: readonly string[]
}

/** Shapes of what a layer takes and gives, as far as they are known, with the names of open sizes. */
export function shapesOf(layer: Layer): {
  readonly input: NamedShape | readonly NamedShape[] | undefined
  readonly output: NamedShape | undefined
} {
  const input = layer.builtFor
  if (!layer.built || input === undefined) return { input: undefined, output: undefined }
  return { input, output: layer.computeOutputSizes(input) }
}
