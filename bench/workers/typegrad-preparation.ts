// What stands before a model: texts as indices, pictures from files, and pictures that are changed at random.
import { join } from 'node:path'
import { imageDatasetFromDirectory } from '@typegrad/data'
import { compile, type Layer, layers, type Tensor } from 'typegrad'
import { type Augmentation, augmentations } from '../workloads/preparation.ts'
import type { Workload } from '../workloads/workload.ts'
import type { Runner } from './serve.ts'
import { batchesOf, named, type Tensors } from './tensors.ts'
import { toTensor } from './typegrad-models.ts'

interface Files {
  readonly data: Tensors
  readonly folder: string
}

/** A word of a number, with a capital or a comma now and then: as `keras_preparation.py` has it. */
function wordOf(number: number, place: number): string {
  let word = ''
  for (let rest = number + 30; rest > 0; rest = Math.floor(rest / 26))
    word += String.fromCharCode(0x61 + (rest % 26))
  const written = place % 12 === 0 ? word.charAt(0).toUpperCase() + word.slice(1) : word
  return place % 9 === 8 ? `${written},` : written
}

export async function textVectorization({ params }: Workload, { data }: Files): Promise<Runner> {
  const { batch, length, tokens } = params as Record<'batch' | 'length' | 'tokens', number>
  const texts = batchesOf(named(data, 'x')).map((row) => Array.from(row.data, Number).map(wordOf).join(' '))
  const layer = layers.textVectorization({ maxTokens: tokens, outputSequenceLength: length })
  await layer.adapt(texts)
  const run = async (): Promise<Tensor> => {
    let last: Tensor | undefined
    for (let at = 0; at < texts.length; at += batch) last = layer.apply(texts.slice(at, at + batch)) as Tensor
    return last as Tensor
  }
  return { run, losses: async () => Array.from((await (await run()).data()).subarray(0, 5), Number) }
}

export async function pictures({ params }: Workload, { folder }: Files): Promise<Runner> {
  const { batch, side, workers } = params as Record<'batch' | 'side' | 'workers', number>
  const set = await imageDatasetFromDirectory(join(folder, 'pictures'), {
    labels: null,
    imageSize: side,
    batchSize: batch,
    workers,
    seed: 1,
    augment: new URL('./mirror.mjs', import.meta.url),
  })
  const run = async (): Promise<number> => {
    let count = 0
    for await (const images of set as AsyncIterable<Tensor>) count += images.shape[0] as number
    return count
  }
  return { run, losses: async () => [await run()] }
}

const layersOf: Readonly<Record<Augmentation, () => Layer>> = {
  flip: () => layers.randomFlip(),
  rotation: () => layers.randomRotation({ factor: 0.1 }),
  zoom: () => layers.randomZoom({ heightFactor: 0.1 }),
  translation: () => layers.randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
  perspective: () => layers.randomPerspective(),
  contrast: () => layers.randomContrast({ factor: 0.2 }),
  brightness: () => layers.randomBrightness({ factor: 0.2 }),
  hue: () => layers.randomHue({ factor: 0.2 }),
  saturation: () => layers.randomSaturation({ factor: 0.2 }),
  sharpness: () => layers.randomSharpness({ factor: 0.5 }),
  posterization: () => layers.randomPosterization({ factor: 4 }),
  gaussianBlur: () => layers.randomGaussianBlur(),
  erasing: () => layers.randomErasing(),
  elasticTransform: () => layers.randomElasticTransform(),
  autoContrast: () => layers.autoContrast(),
  equalization: () => layers.equalization(),
}

export async function augmentation({ params }: Workload, { data }: Files): Promise<Runner> {
  const layer = layersOf[augmentations[params.code as number] as Augmentation]()
  const x = toTensor(named(data, 'x')).cast('float32') as Tensor
  await x.evaluate()
  const call = compile((images: Tensor) => layer.apply(images, { training: true }) as Tensor)
  const run = async () => (await call(x)).data()
  // What is drawn differs from peer to peer: they agree in how many numbers come out.
  return { run, losses: async () => [(await run()).length] }
}
