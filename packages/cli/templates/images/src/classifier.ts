import { layers, optimizers, type Sequential, sequential } from 'typegrad'

export const size = 32

/** A small convolutional net: pictures (batch, size, size, 3) from 0 to 255 to a probability for each class. */
export function classifier(classes: number): Sequential {
  const model = sequential([
    layers.rescaling({ scale: 1 / 255, inputShape: [size, size, 3] }),
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.conv2d({ filters: 32, kernelSize: 3, activation: 'relu' }),
    layers.globalMaxPooling2d(), // where in the picture something is does not matter
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: classes, activation: 'softmax' }),
  ])
  model.compile({
    optimizer: optimizers.adam({ learningRate: 0.003 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  })
  return model
}
