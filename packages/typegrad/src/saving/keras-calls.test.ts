import { expect, test } from 'vitest'
import { readCall, writeCall } from './keras-calls.ts'

const place = { className: '__keras_tensor__', config: { kerasHistory: ['in', 0, 0] } }
const theirs = { class_name: '__keras_tensor__', config: { keras_history: ['in', 0, 0] } }

test('training that Keras 3 has written is the default of call, which its models override', () => {
  // keras.layers.Dropout(0.5)(x), keras.layers.SpectralNormalization(keras.layers.Dense(4))(x)
  for (const className of ['Dropout', 'SpectralNormalization'])
    expect(readCall({ args: [theirs], kwargs: { training: false } }, className, '').kwargs).toEqual({})
})

test('training that a call here was told comes back, and so does what Keras 2 has written', () => {
  for (const training of [true, false]) {
    const written = writeCall({ args: [place], kwargs: { training } }, 'Dropout', {})
    expect(written.kwargs).toEqual({ training })
    expect(readCall(written, 'Dropout', '').kwargs).toEqual({ training })
    expect(readCall([['in', 0, 0, { training }]], 'Dropout', '').kwargs).toEqual({ training })
  }
})
