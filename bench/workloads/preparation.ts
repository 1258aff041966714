// What stands before a model: texts as indices, pictures from files, and pictures that are changed at random.
import { step, type Workload } from './workload.ts'

const preparation = { ...step, section: 'data', mode: 'epoch', weights: [], perRound: 3, rounds: 5 } as const

/** Layers that change pictures, in the order of their codes. */
export const augmentations = [
  'flip',
  'rotation',
  'zoom',
  'translation',
  'perspective',
  'contrast',
  'brightness',
  'hue',
  'saturation',
  'sharpness',
  'posterization',
  'gaussianBlur',
  'erasing',
  'elasticTransform',
  'autoContrast',
  'equalization',
] as const

export type Augmentation = (typeof augmentations)[number]

const texts: Workload = {
  ...preparation,
  id: 'text-vectorization',
  title: 'TextVectorization: 4,000 texts of 150 words to indices, in batches of 256',
  kind: 'text-vectorization',
  params: { batch: 256, length: 160, tokens: 20_000 },
  data: [{ name: 'x', shape: [4000, 150], fill: { kind: 'integers', below: 30_000 } }],
  warmUp: 2,
  samples: 4000,
  target: 0.2,
}

const pictures: Workload = {
  ...preparation,
  id: 'pictures',
  title: '256 JPEGs of 480 × 360 to batches of 32 at 128 × 128: decoded, mirrored at random, by 2 workers',
  kind: 'pictures',
  params: { count: 256, batch: 32, side: 128, workers: 2 },
  data: [],
  warmUp: 1,
  samples: 256,
  tryOneThread: false,
  target: 1,
}

const augmentation = (code: number): Workload => ({
  ...preparation,
  id: `augmentation-${augmentations[code]}`,
  title: `32 pictures of 128 × 128 changed by ${augmentations[code]}`,
  kind: 'augmentation',
  params: { code },
  data: [{ name: 'x', shape: [32, 128, 128, 3], fill: { kind: 'integers', below: 256 } }],
  perRound: 10,
  warmUp: 5,
  target: 1,
})

export const preparationWorkloads: readonly Workload[] = [
  texts,
  pictures,
  ...augmentations.map((_, code) => augmentation(code)),
]
