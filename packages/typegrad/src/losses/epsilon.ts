/** Keras's `backend.epsilon()`: how near to 0 (and to 1) a probability is let. */
export const epsilon = 1e-7
