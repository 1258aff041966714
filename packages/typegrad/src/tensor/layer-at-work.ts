let current: string | undefined
let training = false

/** The layer that is called, the innermost one: errors of what it computes name it when it runs. */
export const layerAtWork = (): string | undefined => current

/** Whether the layer that is called is so for training: as its call was told, or as the layer around it was. */
export const isTrainingAtWork = (): boolean => training

/** Runs `body`, a call of the layer of this name or a portion of it. */
export function withLayerAtWork<T>(name: string, isTraining: boolean, body: () => T): T {
  const outer = { current, training }
  current = name
  training = isTraining
  try {
    return body()
  } finally {
    current = outer.current
    training = outer.training
  }
}
