import { describe, expect, test } from 'vitest'
import { serialize } from '../../../base/serialization.ts'
import type { Tensor, layers as typegradLayers } from '../../../index.ts'
import { expectClose } from '../../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../../testing/golden.ts'
import { deserializeLayer } from '../../base/deserialize.ts'
import { type ImageLayer, type ImageSize, sizeOfImages } from './image-layer.ts'
import * as layers from './index.ts'

interface LayerCase {
  readonly layer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly images: GoldenTensor
  /** What Keras has drawn. */
  readonly transformation?: unknown
  readonly output: GoldenTensor
  readonly masks?: GoldenTensor
  readonly maskOutput?: GoldenTensor
  readonly labels?: GoldenTensor
  readonly labelOutput?: GoldenTensor
  readonly boxes?: GoldenTensor
  readonly boxLabels?: GoldenTensor
  readonly boxOutput?: GoldenTensor
  readonly boxLabelOutput?: GoldenTensor
  readonly note?: string
}

const cases = ['preprocessing-images.json', 'preprocessing-rand-augment.json'].flatMap(
  (file) => readGolden<{ layers: readonly LayerCase[] }>(file).layers,
)

async function compare(actual: Tensor, expected: GoldenTensor, what: string): Promise<void> {
  expect(actual.shape, `${what}: shape`).toEqual(expected.shape)
  expectClose(await actual.data(), goldenValues(expected), { scaled: 1e-5 }, what)
}

const isGolden = (value: unknown): value is GoldenTensor =>
  typeof value === 'object' && value !== null && 'dtype' in value && 'data' in value

/** Keras's transformation with tensors in the place of the arrays. */
function drawn(value: unknown): unknown {
  if (isGolden(value)) return fromGolden(value)
  if (Array.isArray(value)) return value.map(drawn)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, drawn(item)]))
}

/** What the two layers of layers keep is what those in them have drawn. */
function transformationOf(layer: AnyImageLayer, value: unknown, size: ImageSize): unknown {
  const given = drawn(value)
  if (layer instanceof layers.RandAugment) {
    const { transforms, layerIdxes } = given as { transforms: Record<string, unknown>; layerIdxes: Tensor }
    return { transforms: layer.drawnFrom(transforms, size), layerIdxes }
  }
  if (!(layer instanceof layers.AugMix)) return given
  const { chainTransforms, ...weights } = given as {
    chainTransforms: readonly (readonly { layerName: string; transformation: unknown }[])[]
  }
  const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return {
    ...weights,
    chains: chainTransforms.map((chain) =>
      chain.map(({ layerName, transformation }) =>
        layer.drawnFrom(camel(layerName), transformation ?? undefined, size),
      ),
    ),
  }
}

type AnyImageLayer = ImageLayer<unknown> & typegradLayers.Layer
const factories = layers as unknown as Readonly<Record<string, (config: unknown) => AnyImageLayer>>
const title = ({ layer, config, note }: LayerCase, i: number): string =>
  [`${i} ${layer} ${JSON.stringify(config)}`, note].filter(Boolean).join(', ')

describe('layers', () => {
  test.each(cases.map((one, i) => [title(one, i), one] as const))('%s', async (_, one) => {
    const name = one.layer.charAt(0).toLowerCase() + one.layer.slice(1)
    const layer = (factories[name] as (config: unknown) => AnyImageLayer)(one.config)
    const copy = deserializeLayer(JSON.parse(JSON.stringify(serialize(layer))))
    expect(copy.getConfig()).toEqual(layer.getConfig())
    const images = fromGolden(one.images)
    const bytes = one.note === 'bytes stay bytes' ? images.cast('uint8') : images
    const size = sizeOfImages(images)
    const transformation = transformationOf(layer, one.transformation, size)
    const output = layer.transformImages(bytes, transformation)
    expect(output.dtype).toBe(bytes.dtype)
    await compare(output, one.output, 'images')
    if (one.masks !== undefined && one.maskOutput !== undefined)
      await compare(
        layer.transformSegmentationMasks(fromGolden(one.masks), transformation),
        one.maskOutput,
        'masks',
      )
    if (one.labels !== undefined && one.labelOutput !== undefined)
      await compare(layer.transformLabels(fromGolden(one.labels), transformation), one.labelOutput, 'labels')
    if (one.boxes === undefined || one.boxLabels === undefined) return
    const boxes = { boxes: fromGolden(one.boxes), labels: fromGolden(one.boxLabels) }
    const moved = layer.transformBoundingBoxes(boxes, transformation, size)
    await compare(moved.boxes, one.boxOutput as GoldenTensor, 'boxes')
    // Whether anything is left of a box without area is a matter of rounding.
    const sides = goldenValues(one.boxOutput as GoldenTensor)
    const isSides = String(one.config.boundingBoxFormat).endsWith('wh')
    const area = (k: number): number => {
      const [a, b, c, d] = sides.slice(4 * k, 4 * k + 4) as [number, number, number, number]
      return isSides ? c * d : (c - a) * (d - b)
    }
    const found = Array.from(await moved.labels.data(), Number)
    const expected = goldenValues(one.boxLabelOutput as GoldenTensor)
    const decided = expected.map((_, k) => k).filter((k) => area(k) === 0 || Math.abs(area(k)) > 1e-4)
    expect(decided.map((k) => found[k])).toEqual(decided.map((k) => expected[k]))
  })
})
