let current: string | undefined

/** The layer that is called, the innermost one: errors of what it computes name it when it runs. */
export const layerAtWork = (): string | undefined => current

/** Runs `body`, a call of the layer of this name or a portion of it. */
export function withLayerAtWork<T>(name: string, body: () => T): T {
  const outer = current
  current = name
  try {
    return body()
  } finally {
    current = outer
  }
}
