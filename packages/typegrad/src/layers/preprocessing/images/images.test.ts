import { beforeEach, describe, expect, test } from 'vitest'
import {
  ArgumentError,
  arange,
  compile,
  layers,
  ones,
  random,
  ShapeError,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../../../index.ts'
import { testLayer } from '../../../testing/test-layer.ts'

beforeEach(() => setRandomSeed(11))

const count = 2000
const numbers = async (x: Tensor): Promise<number[]> => Array.from(await x.data(), Number)
const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length
const size = { batch: count, height: 20, width: 30, channels: 3 }

/** How far a sample is from uniform on [low, high): Kolmogorov's distance, below 1.95/√n in 999 of 1000 samples. */
function fromUniform(sample: readonly number[], low: number, high: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted.reduce((worst, x, i) => {
    const p = (x - low) / (high - low)
    return Math.max(worst, Math.abs(p - i / count), Math.abs(p - (i + 1) / count))
  }, 0)
}
const significant = 1.95 / Math.sqrt(count)

describe('draws are as they are defined', () => {
  test('uniform between the bounds of the factor', async () => {
    const { rgbDelta } = layers.randomBrightness({ factor: [-0.5, 0.2] }).draw(size)
    expect(fromUniform(await numbers(rgbDelta), -0.5 * 255, 0.2 * 255)).toBeLessThan(significant)
    const { contrastFactor } = layers.randomContrast({ factor: [0.3, 0.6] }).draw(size)
    expect(fromUniform(await numbers(contrastFactor), 0.7, 1.6)).toBeLessThan(significant)
    const { angle } = layers.randomRotation({ factor: 0.25 }).draw(size)
    expect(fromUniform(await numbers(angle), -90, 90)).toBeLessThan(significant)
    const { translations } = layers.randomTranslation({ heightFactor: 0.1, widthFactor: [0, 0.5] }).draw(size)
    expect(fromUniform(await numbers(translations.at(0, 1)), 0, 15)).toBeLessThan(significant)
    expect(fromUniform(await numbers(translations.at(1, 1)), -2, 2)).toBeLessThan(significant)
    const { heightZoom } = layers.randomZoom({ heightFactor: [-0.4, 0.2] }).draw(size)
    expect(fromUniform(await numbers(heightZoom), 0.6, 1.2)).toBeLessThan(significant)
    const { factor } = layers.randomHue({ factor: 0.6 }).draw(size)
    expect(fromUniform(await numbers(factor), -0.3, 0.3)).toBeLessThan(significant)
    const { shearFactor } = layers.randomShear({ xFactor: [0.1, 0.3] }).draw(size)
    const slides = await numbers(shearFactor.at(0, 1))
    expect(fromUniform(slides.map(Math.abs), 0.1, 0.3)).toBeLessThan(significant)
    expect(mean(slides.map(Math.sign))).toBeCloseTo(0, 1)
  })

  test('as likely as the factor says', async () => {
    const share = async (x: Tensor): Promise<number> => mean(await numbers(x.cast('float32')))
    expect(await share(layers.randomFlip().draw(size).flips)).toBeCloseTo(0.5, 1)
    expect(await share(layers.randomGrayscale({ factor: 0.2 }).draw(size).shouldApply)).toBeCloseTo(0.2, 1)
    expect(await share(layers.randomInvert({ factor: [0.7, 0.7] }).draw(size).applyInversion)).toBeCloseTo(
      0.7,
      1,
    )
    // A probability that is itself uniform on 0 … 0.6.
    expect(await share(layers.randomInvert({ factor: 0.6 }).draw(size).applyInversion)).toBeCloseTo(0.3, 1)
  })

  test('whole numbers of bits, and windows that fit', async () => {
    const { shiftFactor } = layers.randomPosterization({ factor: [2, 5] }).draw(size)
    expect([...new Set(await numbers(shiftFactor))].sort()).toEqual([4, 5, 6])
    const crop = layers.randomCrop({ height: 18, width: 29 })
    const places = await Promise.all(
      Array.from({ length: 40 }, () => crop.draw(size)).map(({ top }) => top.item()),
    )
    expect([...new Set(places)].sort()).toEqual([0, 1, 2])
  })

  test('weights of mixtures from the beta distribution, and areas by them', async () => {
    const { mixWeight, permutationOrder } = layers.mixUp({ alpha: 0.4 }).draw(size)
    const weights = await numbers(mixWeight)
    expect(mean(weights)).toBeCloseTo(0.5, 1)
    // Variance 1 / (4·(2α + 1)).
    expect(mean(weights.map((w) => (w - 0.5) ** 2))).toBeCloseTo(1 / (4 * 1.8), 2)
    expect((await numbers(permutationOrder)).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, i) => i),
    )
    const few = { batch: 20, height: 40, width: 50, channels: 1 }
    const cut = layers.cutMix().draw(few)
    const areas = await numbers(cut.batchMasks.cast('float32').mean([1, 2, 3]))
    const kept = await numbers(cut.mixWeight)
    for (const [i, area] of areas.entries()) expect(area).toBeCloseTo(1 - (kept[i] as number), 1)
  })

  test('alike for one seed, and apart from other layers', async () => {
    const of = (seed: number) => numbers(layers.randomBrightness({ factor: 0.5, seed }).draw(size).rgbDelta)
    setRandomSeed(1)
    const first = await of(3)
    setRandomSeed(1)
    expect(await of(3)).toEqual(first)
    setRandomSeed(1)
    expect(await of(4)).not.toEqual(first)
  })
})

describe('gamma and beta', () => {
  test.each([0.2, 0.8, 1, 3.5])('of shape %d have their mean and variance', async (alpha) => {
    const n = 10_000
    const x = await numbers(random.gamma([n], { alpha }))
    expect(Math.abs(mean(x) - alpha)).toBeLessThan(4 * Math.sqrt(alpha / n))
    expect(mean(x.map((v) => (v - alpha) ** 2)) / alpha).toBeCloseTo(1, 0.7)
    expect(x.every((v) => v >= 0)).toBe(true)
    const y = await numbers(random.beta([n], { alpha, beta: 2 }))
    expect(mean(y)).toBeCloseTo(alpha / (alpha + 2), 1.7)
    expect(y.every((v) => v >= 0 && v <= 1)).toBe(true)
  })
})

describe('in a model', () => {
  const images = (): Tensor => random.uniform([4, 6, 6, 3], { max: 255 })

  test('they act in training, and let images pass outside of it', async () => {
    const flip = layers.randomFlip({ mode: 'horizontal' })
    const x = arange(2 * 3 * 4 * 1).reshape([2, 3, 4, 1])
    expect(await flip.apply(x).toArray()).toEqual(await x.toArray())
    const run = compile((given: Tensor) => flip.apply(given, { training: true }))
    const rows = new Set<string>()
    for (let i = 0; i < 12; i++) rows.add(String((await numbers(await run(x))).slice(0, 4)))
    // Each step draws anew.
    expect([...rows].sort()).toEqual(['0,1,2,3', '3,2,1,0'])
  })

  test('fit trains behind all of them', async () => {
    const model = sequential([
      layers.pipeline({
        layers: [
          layers.resizing({ height: 8, width: 8 }),
          layers.randomFlip(),
          layers.randomRotation({ factor: 0.1 }),
          layers.randomColorJitter({
            brightnessFactor: 0.2,
            contrastFactor: [0.1, 0.1],
            saturationFactor: [0.4, 0.6],
            hueFactor: 0.1,
          }),
          layers.randomCrop({ height: 6, width: 6 }),
        ],
        inputShape: [6, 6, 3],
      }),
      layers.flatten(),
      layers.dense({ units: 1 }),
    ])
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const { history } = await model.fit(images().div(255), [[0], [1], [0], [1]], { epochs: 2, verbose: 0 })
    expect(history.loss?.every(Number.isFinite)).toBe(true)
    expect((await model.predict(images())).shape).toEqual([4, 1])
  })

  test.each([
    ['resizing', () => layers.resizing({ height: 4, width: 3 }), [2, 4, 3, 3]],
    ['centerCrop', () => layers.centerCrop({ height: 2, width: 3 }), [2, 2, 3, 3]],
    ['randomCrop', () => layers.randomCrop({ height: 2, width: 3 }), [2, 2, 3, 3]],
  ] as const)('%s promises its shape, and has gradients', async (_, make, expected) => {
    const config = make().getConfig()
    const { name: _name, ...options } = config
    const factory =
      layers[(make().className.charAt(0).toLowerCase() + make().className.slice(1)) as 'resizing']
    await testLayer((more) => factory({ ...(options as { height: number; width: number }), ...more }), {
      inputShape: [2, 5, 6, 3],
      expectedOutputShape: expected,
    })
  })

  test('the other layout gives the same', async () => {
    const x = images()
    const first = x.transpose([0, 3, 1, 2])
    const [a, b] = [
      layers.resizing({ height: 3, width: 4 }).apply(x),
      layers.resizing({ height: 3, width: 4, dataFormat: 'channelsFirst' }).apply(first),
    ]
    expect(await b.transpose([0, 2, 3, 1]).toArray()).toEqual(await a.toArray())
    expect(await layers.centerCrop({ height: 2, width: 2 }).apply(x.at(0)).toArray()).toEqual(
      await layers.centerCrop({ height: 2, width: 2 }).apply(x).at(0).toArray(),
    )
  })
})

describe('augment', () => {
  test('moves images, masks and boxes together', async () => {
    const x = arange(24).reshape([1, 4, 6, 1])
    const flip = layers.randomFlip({ mode: 'horizontal', boundingBoxFormat: 'xyxy' })
    for (let i = 0; i < 8; i++) {
      const { images, segmentationMasks, boundingBoxes } = flip.augment({
        images: x,
        segmentationMasks: x,
        boundingBoxes: { boxes: tensor([[[0, 1, 2, 3]]]), labels: tensor([[5]], { dtype: 'int32' }) },
      })
      expect(await segmentationMasks.toArray()).toEqual(await images.toArray())
      const isFlipped = (await numbers(images))[0] !== 0
      expect(await boundingBoxes.boxes.toArray()).toEqual([[isFlipped ? [4, 1, 6, 3] : [0, 1, 2, 3]]])
    }
  })

  test('takes rank 3 as one image', async () => {
    const one = layers.randomBrightness({ factor: [0.1, 0.1] }).augment({ images: ones([2, 2, 3]) })
    expect(one.images.shape).toEqual([2, 2, 3])
  })

  test('refuses what it cannot do', () => {
    const boxes = { boxes: ones([1, 1, 4]), labels: ones([1, 1]) }
    expect(() => layers.randomFlip().augment({ images: ones([1, 2, 2, 1]), boundingBoxes: boxes })).toThrow(
      /a boundingBoxFormat where there are boxes, received none/,
    )
    expect(() =>
      layers
        .cutMix({ boundingBoxFormat: 'xyxy' })
        .augment({ images: ones([2, 2, 2, 1]), boundingBoxes: boxes }),
    ).toThrow(/boxes, which would be partly covered/)
    expect(() => layers.randomFlip().apply(ones([4, 4]), { training: true })).toThrow(ShapeError)
    expect(() => layers.randomHue({ factor: 0.1 }).apply(ones([1, 2, 2, 1]), { training: true })).toThrow(
      /rgbToHsv: expected images of rank 3 or 4 with 3 channels/,
    )
    expect(() => layers.randomRotation({ factor: 2 })).toThrow(
      /factor: expected a number from -1 to 1, or two/,
    )
    expect(() => layers.randomZoom({ heightFactor: -1 })).toThrow(ArgumentError)
    expect(() =>
      layers.resizing({ height: 2, width: 2, cropToAspectRatio: true, padToAspectRatio: true }),
    ).toThrow(/both/)
    expect(() => layers.randomBrightness({ factor: 0.1, valueRange: [1, 1] })).toThrow(/valueRange/)
    expect(() => layers.randomFlip({ mode: 'sideways' as never })).toThrow(/one of horizontal, vertical/)
    expect(() => layers.randomGaussianBlur({ kernelSize: 4 })).toThrow(/an odd number/)
  })
})

test('bytes are resized as floats, rounded and cut to what a byte holds, as Keras on torch does', async () => {
  const bytes = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) =>
    Math.floor(i / 12) % 3 > 0 ? 255 - (i % 3) : i % 5,
  )
  const resize = layers.resizing({ height: 7, width: 3, interpolation: 'bicubic' })
  const shape = [1, 4, 4, 3] as const
  const exact = (await resize.apply(tensor(Float32Array.from(bytes), { shape })).data()) as Float32Array
  expect(Math.min(...exact)).toBeLessThan(0)
  expect(Math.max(...exact)).toBeGreaterThan(255)
  const whole = resize.apply(tensor(bytes, { shape }))
  expect(whole.dtype).toBe('uint8')
  expect([...((await whole.data()) as Uint8Array)]).toEqual(
    [...exact].map((value) => Math.min(255, Math.max(0, Math.round(value)))),
  )
})
