// A small convolutional network, with layers in front that change its pictures while it learns, or without.
import { type Layer, layers, optimizers, type Sequential, sequential, tensor } from 'typegrad'
import type { Stamp } from './stamps.ts'

/** A picture is still of its kind when it is mirrored, moved, turned or scaled a little; what comes into sight is white. */
const changes = (): Layer[] => [
  layers.randomFlip({ mode: 'horizontal' }),
  layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, fillMode: 'constant', fillValue: 1 }),
  layers.randomRotation({ factor: 0.05, fillMode: 'constant', fillValue: 1 }),
  layers.randomZoom({ heightFactor: 0.15, fillMode: 'constant', fillValue: 1 }),
]

export function buildNetwork(side: number, kinds: number, isChanging: boolean): Sequential {
  const block = (filters: number): Layer[] => [
    layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
  ]
  const model = sequential([
    layers.rescaling({ scale: 1 / 255, inputShape: [side, side, 3] }),
    ...(isChanging ? changes() : []),
    ...[24, 48, 96].flatMap(block),
    layers.globalAveragePooling2d(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: kinds, activation: 'softmax' }),
  ])
  model.compile({
    optimizer: optimizers.adam({ learningRate: 2e-3 }),
    loss: 'sparse_categorical_crossentropy',
    metrics: ['accuracy'],
  })
  return model
}

export function pixelsOf(stamps: readonly Stamp[], side: number) {
  const size = side * side * 3
  const data = new Float32Array(stamps.length * size)
  for (const [i, { pixels }] of stamps.entries()) data.set(pixels, i * size)
  return tensor(data, { shape: [stamps.length, side, side, 3] })
}

export const kindsOf = (stamps: readonly Stamp[]) => tensor(Int32Array.from(stamps, ({ kind }) => kind))
