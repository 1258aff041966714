import { InputLayer } from '../core/input.ts'
import type { AnyLayer, Layer } from './layer.ts'

/**
 * Layers that stand in several others, such as one that two models use, numbered as they are met. Inputs are left out:
 * they have nothing to share.
 */
export function sharedLayers(root: AnyLayer): ReadonlyMap<AnyLayer, number> {
  const visited = new Set<AnyLayer>()
  const shared = new Map<AnyLayer, number>()
  const visit = (layer: AnyLayer): void => {
    if ((layer as unknown) instanceof InputLayer) return
    if (visited.has(layer)) {
      if (!shared.has(layer)) shared.set(layer, shared.size)
      return
    }
    visited.add(layer)
    for (const inner of layer.sublayers) visit(inner)
  }
  visit(root)
  return shared
}

let made: Map<number, Layer> | undefined

/** Runs `body`, in which a saved layer that stands at several places is made once. */
export function withSharedLayers<T>(body: () => T): T {
  const outer = made
  made = new Map()
  try {
    return body()
  } finally {
    made = outer
  }
}

/** The layer that was made for this number, or that `make` makes. */
export function sharedLayer(id: number | undefined, make: () => Layer): Layer {
  if (id === undefined || made === undefined) return make()
  const known = made.get(id) ?? make()
  made.set(id, known)
  return known
}
