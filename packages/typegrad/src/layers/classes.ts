import { type AnyLayer, Layer } from './base/layer.ts'
import * as families from './families.ts'

/** Each class checks its own options; the table only knows that it takes some. */
type LayerClass = new (options: never) => AnyLayer

const isLayerClass = (exported: unknown): exported is LayerClass =>
  typeof exported === 'function' && exported.prototype instanceof Layer

/** The classes of all layers of the library by the names under which they are exported, which are those in saved models. */
export const layerClasses: ReadonlyMap<string, LayerClass> = new Map(
  Object.entries<unknown>(families).flatMap(([name, exported]) =>
    isLayerClass(exported) ? [[name, exported]] : [],
  ),
)
