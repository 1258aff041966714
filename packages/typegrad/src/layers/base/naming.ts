const counts = new Map<string, number>()

/** A class's name in Keras's snake case: `dense`, `max_pooling2d`. */
export const snakeCaseName = (className: string): string =>
  className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()

/** `dense`, then `dense_1`, … and `max_pooling2d`, as Keras names layers that were given no name. */
export function automaticName(className: string): string {
  const base = snakeCaseName(className)
  const count = counts.get(base) ?? 0
  counts.set(base, count + 1)
  return count === 0 ? base : `${base}_${count}`
}

/** Starts all automatic names anew, as after `keras.backend.clear_session()`. */
export const resetNames = (): void => counts.clear()
