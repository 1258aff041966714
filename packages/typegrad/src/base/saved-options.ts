let isSaved = false

/**
 * Runs `body`, in which options come from a file: names that a table lacks are another version's or another library's,
 * and readers have refused those that change what is computed.
 */
export function withSavedOptions<T>(body: () => T): T {
  const outer = isSaved
  isSaved = true
  try {
    return body()
  } finally {
    isSaved = outer
  }
}

/** Whether options come from a file now. */
export const areSaved = (): boolean => isSaved
