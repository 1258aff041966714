import type { SerializedObject } from '../../base/serialization.ts'
import type { Layer } from './layer.ts'

let deserialize: ((saved: SerializedObject) => Layer) | undefined

/** Called once by `deserialize.ts`, whose table names the layers that contain others: they cannot import it. */
export function nestLayersBy(fn: (saved: SerializedObject) => Layer): void {
  deserialize = fn
}

/** The layer that stands in the configuration of another one. */
export const nestedLayer = (saved: SerializedObject): Layer =>
  (deserialize as (saved: SerializedObject) => Layer)(saved)
