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
