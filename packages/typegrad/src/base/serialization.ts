import { packageNameOf } from './registered.ts'

/** An object of a class with a configuration: an initializer, a layer, an optimizer. */
export interface Configurable {
  readonly className: string
  /** `'ops'` for operations, whose names layers have as well. */
  readonly module?: 'ops'
  /** For what stands for something registered that is not its class. */
  readonly registeredName?: string | undefined
  getConfig(): Record<string, unknown>
}

/** How such an object stands in a saved configuration: enough to make it again. */
export interface SerializedObject {
  readonly className: string
  /** `'ops'` for an operation, which is no layer of that name. */
  readonly module?: 'ops'
  /** `package>Name` of what a package has registered. */
  readonly registeredName?: string
  readonly config: Readonly<Record<string, unknown>>
  /** The same number at every place of an object that stands at several. */
  readonly sharedObjectId?: number
}

let shared: ReadonlyMap<unknown, number> | undefined

/** Runs `body`, in which `serialize` tells that objects with a number are one object wherever they stand. */
export function withSharedIds<T>(ids: ReadonlyMap<unknown, number>, body: () => T): T {
  const outer = shared
  shared = ids
  try {
    return body()
  } finally {
    shared = outer
  }
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
