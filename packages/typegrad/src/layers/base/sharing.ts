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
/** What layers hold in common, by the number that `partNumber` gave. */
let parts = new Map<number, object>()

/** Runs `body`, in which a saved layer that stands at several places is made once. */
export function withSharedLayers<T>(body: () => T): T {
  const outer = [made, parts] as const
  made = new Map()
  parts = new Map()
  try {
    return body()
  } finally {
    ;[made, parts] = outer
  }
}

/** The part of layers that was made for this number, or that `make` makes. */
export function sharedPart<T extends object>(
  id: number | undefined,
  isSuch: (part: object) => part is T,
  make: () => T,
): T {
  const known = id === undefined || made === undefined ? undefined : parts.get(id)
  if (known !== undefined && isSuch(known)) return known
  const part = make()
  if (id !== undefined) parts.set(id, part)
  return part
}

/** The layer that was made for this number, or that `make` makes. */
export function sharedLayer(id: number | undefined, make: () => Layer): Layer {
  if (id === undefined || made === undefined) return make()
  const known = made.get(id) ?? make()
  made.set(id, known)
  return known
}
