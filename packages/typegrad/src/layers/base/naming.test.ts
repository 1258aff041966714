import { expect, test } from 'vitest'
import { automaticName, resetNames } from './naming.ts'

test("names are Keras's", () => {
  resetNames()
  const classes = [
    'Dense',
    'Conv2D',
    'MaxPooling2D',
    'LeakyReLU',
    'ReLU',
    'ELU',
    'InputLayer',
    'BatchNormalization',
  ]
  expect(classes.map(automaticName)).toEqual([
    'dense',
    'conv2d',
    'max_pooling2d',
    'leaky_re_lu',
    're_lu',
    'elu',
    'input_layer',
    'batch_normalization',
  ])
  expect([automaticName('Dense'), automaticName('Dense')]).toEqual(['dense_1', 'dense_2'])
})
