let changes = 0

/** To be called where a layer is frozen or freed after it was made. */
export const noteTrainableChange = (): void => {
  changes++
}

/** Counts such calls: while it stays, nothing that was looked at before has changed. */
export const trainableChanges = (): number => changes
