import { describe, expect, it } from 'vitest'
import { ArgumentError, ShapeError } from '../base/errors.ts'
import { grad, ops, type Tensor, tensor, zeros } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Case {
  readonly options: Readonly<Record<string, unknown>>
  readonly images: GoldenTensor
  readonly output: GoldenTensor | null
}
const { patches } = readGolden<{ patches: readonly Case[] }>('patches-and-paths.json')

describe('extractPatches', () => {
  it.each(patches.map((golden) => [JSON.stringify(golden.options), golden] as const))(
    'gives what Keras gives for %s',
    async (_, { options, images, output }) => {
      const { size, strides, padding, dilation_rate: dilation, data_format: format } = options
      const found = ops.extractPatches(fromGolden(images), {
        size: size as number,
        ...(strides === undefined ? {} : { strides: strides as number }),
        ...(padding === undefined ? {} : { padding: padding as 'same' }),
        ...(dilation === undefined ? {} : { dilation: dilation as number }),
        ...(format === undefined ? {} : { dataFormat: 'channelsFirst' as const }),
      })
      if (output === null) return expect(found.size).toBe(0)
      expect(found.shape).toEqual(output.shape)
      expectClose(await found.data(), goldenValues(output))
    },
  )

  it('passes each patch’s gradient to the pixels that it was made of', async () => {
    const image = tensor([[[[1], [2], [3]]]]) // (1, 1, 3, 1): windows of two, one step apart
    const slopes = grad((x: Tensor) => ops.extractPatches(x, { size: [1, 2], strides: 1 }).sum())(image)
    expect(await slopes.flatten().toArray()).toEqual([1, 2, 1])
  })

  it('names what does not fit', () => {
    expect(() => ops.extractPatches(zeros([4, 4]), { size: 2 })).toThrow(ShapeError)
    expect(() => ops.extractPatches(zeros([1, 4, 4, 1]), { size: 0 })).toThrow(ArgumentError)
    expect(() => ops.extractPatches(zeros([1, 4, 4, 1]), { size: 2, padding: 'full' as never })).toThrow(
      "extractPatches: padding: expected 'valid' or 'same', received \"full\"",
    )
  })
})
