import { packageNameOf } from './registered.ts'
import type { Configurable, SerializedObject } from './serialized.ts'

export type { Configurable, SerializedObject } from './serialized.ts'

let shared: ReadonlyMap<unknown, number> | undefined
/** Parts of layers that were met since `withSharedIds` began. */
let parts: Map<object, number> | undefined

/** Runs `body`, in which `serialize` tells that objects with a number are one object wherever they stand. */
export function withSharedIds<T>(ids: ReadonlyMap<unknown, number>, body: () => T): T {
  const outer = [shared, parts] as const
  shared = ids
  parts = new Map()
  try {
    return body()
  } finally {
    ;[shared, parts] = outer
  }
}

/**
 * The number of a thing that several layers may hold, such as a weight, by the order in which a model's are met; what is read
 * with the same number is one thing again (`sharedPart`). Undefined for a layer that is serialized by itself.
 */
export function partNumber(part: object): number | undefined {
  if (parts === undefined) return undefined
  const number = parts.get(part) ?? parts.size
  parts.set(part, number)
  return number
}

/** An object's class and configuration, as saved models hold it. The other way for layers is `deserializeLayer`. */
export function serialize(object: Configurable): SerializedObject {
  const { className, module, registeredName = packageNameOf(object.constructor) } = object
  const sharedObjectId = shared?.get(object)
  return {
    className,
    ...(module === undefined ? {} : { module }),
    ...(registeredName === undefined ? {} : { registeredName }),
    config: object.getConfig(),
    ...(sharedObjectId === undefined ? {} : { sharedObjectId }),
  }
}

export const isSerialized = (value: unknown): value is SerializedObject =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<SerializedObject>).className === 'string' &&
  typeof (value as Partial<SerializedObject>).config === 'object'
