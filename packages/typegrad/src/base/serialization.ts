/** An object of a class with a configuration: an initializer, a layer, an optimizer. */
export interface Configurable {
  readonly className: string
  getConfig(): Record<string, unknown>
}

/** How such an object stands in a saved configuration: enough to make it again. */
export interface SerializedObject {
  readonly className: string
  readonly config: Readonly<Record<string, unknown>>
}

export const serialize = (object: Configurable): SerializedObject => ({
  className: object.className,
  config: object.getConfig(),
})

export const isSerialized = (value: unknown): value is SerializedObject =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<SerializedObject>).className === 'string' &&
  typeof (value as Partial<SerializedObject>).config === 'object'
