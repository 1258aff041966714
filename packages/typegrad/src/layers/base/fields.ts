/**
 * What stands in an object's fields, directly or in arrays, plain objects, Maps (their values) and Sets, however nested:
 * in the order of the fields, as Keras's tracker finds layers and variables. Each object once; numbers, strings and
 * functions are left out, and so is what instances of classes and `#private` fields hold.
 */
export function fieldValues(owner: object): object[] {
  const found = new Set<object>()
  const opened = new Set<object>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const inside = contents(value)
    if (inside === undefined) found.add(value)
    else if (!opened.has(value)) {
      opened.add(value)
      for (const item of inside) visit(item)
    }
  }
  for (const value of Object.values(owner)) visit(value)
  return [...found]
}

/** What an array, plain object, Map (its values) or Set holds; undefined for what is none. */
export function contents(value: object): Iterable<unknown> | undefined {
  if (Array.isArray(value) || value instanceof Set) return value
  if (value instanceof Map) return value.values()
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? Object.values(value) : undefined
}
