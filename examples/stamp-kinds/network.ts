// A small convolutional network, with layers in front that change its pictures while it learns, or without.
import {
  type Layer,
  layers,
  optimizers,
  type Sequential,
  schedules,
  sequential,
  setRandomSeed,
  tensor,
} from 'typegrad'
import type { Stamp } from './stamps.ts'

/**
 * A picture is still of its kind when it is mirrored, or moved by some whole pixels: nothing of it is blurred, which pictures to be told
 * are not either. Where nothing is trained, the middle is cut out, which is the picture itself.
 */
const changes = (side: number): Layer[] => [
  layers.randomFlip({ mode: 'horizontal' }),
  layers.zeroPadding2d({ padding: Math.ceil(side / 10) }),
  layers.randomCrop({ height: side, width: side }),
]

function buildNetwork(side: number, kinds: number, isChanging: boolean): Sequential {
  const block = (filters: number): Layer[] => [
    layers.conv2d({ filters, kernelSize: 3, padding: 'same' }),
    layers.batchNormalization(),
    layers.activation({ activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
  ]
  return sequential([
    // White becomes 0, black 1.
    layers.rescaling({ scale: -1 / 255, offset: 1, inputShape: [side, side, 3] }),
    ...(isChanging ? changes(side) : []),
    ...[16, 32, 64].flatMap(block),
    layers.globalAveragePooling2d(),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: kinds, activation: 'softmax' }),
  ])
}

export interface Lesson {
  readonly side: number
  readonly kinds: number
  readonly epochs: number
  readonly isChanging: boolean
  readonly seed: number
}

/** A network that has learned from pictures, as a function that tells the kinds of others. */
export async function learned(
  stamps: readonly Stamp[],
  { side, kinds, epochs, isChanging, seed }: Lesson,
): Promise<(asked: readonly Stamp[]) => Promise<number[]>> {
  setRandomSeed(seed)
  const batchSize = Math.min(16, stamps.length)
  const model = buildNetwork(side, kinds, isChanging)
  model.compile({
    optimizer: optimizers.adam({
      learningRate: schedules.cosineDecay({
        initialLearningRate: 3e-3,
        decaySteps: epochs * Math.ceil(stamps.length / batchSize),
      }),
    }),
    loss: 'sparse_categorical_crossentropy',
  })
  const labels = tensor(Int32Array.from(stamps, ({ kind }) => kind))
  await model.fit(pixelsOf(stamps, side), labels, { epochs, batchSize, verbose: 0 })
  return async (asked) => {
    const best = (await model.predict(pixelsOf(asked, side))).argMax(-1)
    return Array.from(await best.data(), Number)
  }
}

function pixelsOf(stamps: readonly Stamp[], side: number) {
  const size = side * side * 3
  const data = new Float32Array(stamps.length * size)
  for (const [i, { pixels }] of stamps.entries()) data.set(pixels, i * size)
  return tensor(data, { shape: [stamps.length, side, side, 3] })
}
