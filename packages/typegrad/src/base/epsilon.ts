/** Keras's `backend.epsilon()`: how near to 0 a probability (or its distance from 1) and a norm are let. */
export const epsilon = 1e-7
