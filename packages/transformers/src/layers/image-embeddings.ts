import { initializers, layers, ops, type Tensor, type Variable } from 'typegrad'
import type { SymbolicShape } from 'typegrad/layers'
import type { ConfigReader } from '../base/config.ts'
import { bicubicMatrix } from './bicubic.ts'
import { type NetworkContext, type NetworkInput, Part } from './network.ts'

/** Height and width. */
export type Sides = readonly [number, number]

/** Sizes of pictures, in pixels. */
export interface PictureSizes {
  readonly channels: number
  readonly image: Sides
  readonly patch: Sides
}

/** `image_size`, `patch_size`, `num_channels`; sizes are one number, or height and width. */
export function pictureSizesOf(config: ConfigReader, defaults: { readonly patch: number }): PictureSizes {
  const sides = (name: string, fallback: number): Sides => {
    if (!Array.isArray(config.raw[name])) {
      const side = config.count(name, fallback)
      return [side, side]
    }
    const [height = 0, width = 0, ...rest] = config.numbers(name)
    const isSides = rest.length === 0 && [height, width].every((side) => Number.isInteger(side) && side > 0)
    config.refuse(name, 'a whole number, or height and width', () => !isSides)
    return [height, width]
  }
  return {
    channels: config.count('num_channels', 3),
    image: sides('image_size', 224),
    patch: sides('patch_size', defaults.patch),
  }
}

/** How many patches fit, along the height and along the width. */
export const gridOf = ({ image, patch }: PictureSizes): Sides => [
  Math.floor(image[0] / patch[0]),
  Math.floor(image[1] / patch[1]),
]

/** Pictures as Hugging Face's models take them: `pixel_values` (batch, channels, height, width). */
export const pixelValues = (
  { channels }: PictureSizes,
  [height, width]: readonly [number | string, number | string],
): NetworkInput => ({ name: 'pixel_values', dtype: 'float32', shape: [channels, height, width] })

/** Cuts pictures into patches and projects each: (batch, channels, height, width) → (batch, width, rows, columns). */
export const patchProjection = (
  { patch }: PictureSizes,
  width: number,
  { stddev, useBias = true }: { readonly stddev: number; readonly useBias?: boolean },
): layers.Conv2D =>
  layers.conv2d({
    filters: width,
    kernelSize: patch,
    strides: patch,
    dataFormat: 'channelsFirst',
    useBias,
    kernelInitializer: initializers.truncatedNormal({ stddev }),
  })

/** (batch, width, rows, columns) → (batch, rows · columns, width) */
export function tokensOf(grid: Tensor): Tensor {
  const [batch, width, rows, columns] = grid.shape as readonly [number, number, number, number]
  return grid.reshape([batch, width, rows * columns]).transpose([0, 2, 1])
}

/**
 * Learned positions for another grid of patches, by cubic convolution: a model sees pictures of other sizes than those it
 * was made for.
 *
 * @param positions (1 + rows · columns, width): that of the token in front, then those of the patches.
 * @param from rows and columns that the positions are of.
 * @param to rows and columns of a picture.
 * @returns (1 + to[0] · to[1], width)
 */
export function positionsFor(positions: Tensor, from: Sides, to: Sides): Tensor {
  if (from[0] === to[0] && from[1] === to[1]) return positions
  const [count, width] = positions.shape as readonly [number, number]
  const [front, patches] = positions.split([1, count - 1], 0) as [Tensor, Tensor]
  const rows = bicubicMatrix(from[0], to[0]).matmul(patches.reshape([from[0], from[1] * width]))
  const grid = bicubicMatrix(from[1], to[1]).matmul(rows.reshape([to[0], from[1], width]))
  return ops.concat([front, grid.reshape([to[0] * to[1], width])])
}

export interface ImageEmbeddingsOptions extends PictureSizes {
  readonly width: number
  readonly dropout: number
  readonly stddev: number
  /** The shape of what stands for patches hidden in pretraining. Default: there is no such weight. */
  readonly maskToken?: readonly number[]
}

/**
 * Patches of pictures with a token for the whole in front, and positions added:
 * (batch, channels, height, width) → (batch, 1 + patches, width).
 *
 * Dosovitskiy et al. 2020, "An image is worth 16x16 words", https://arxiv.org/abs/2010.11929
 */
export class ImageEmbeddings extends Part {
  readonly className = 'ImageEmbeddings'
  readonly patchEmbeddings: { readonly projection: layers.Conv2D }
  readonly dropout: layers.Dropout
  readonly #options: ImageEmbeddingsOptions
  #clsToken!: Variable
  #positions!: Variable

  constructor(options: ImageEmbeddingsOptions) {
    super()
    this.#options = options
    this.patchEmbeddings = { projection: patchProjection(options, options.width, options) }
    this.dropout = layers.dropout({ rate: options.dropout })
  }

  override build(_inputShape: SymbolicShape): void {
    const { width, stddev, maskToken } = this.#options
    const [rows, columns] = gridOf(this.#options)
    const initializer = initializers.truncatedNormal({ stddev })
    this.#clsToken = this.addWeight({ name: 'cls_token', shape: [1, 1, width], initializer })
    if (maskToken !== undefined)
      this.addWeight({ name: 'mask_token', shape: maskToken, initializer: 'zeros', trainable: false })
    this.#positions = this.addWeight({
      name: 'position_embeddings',
      shape: [1, 1 + rows * columns, width],
      initializer,
    })
  }

  call(pixels: Tensor, { training }: NetworkContext): Tensor {
    const grid = this.patchEmbeddings.projection.apply(pixels)
    const [batch, width, rows, columns] = grid.shape as readonly [number, number, number, number]
    const cls = this.#clsToken.value.broadcastTo([batch, 1, width])
    const positions = positionsFor(this.#positions.value.squeeze(0), gridOf(this.#options), [rows, columns])
    return this.dropout.apply(ops.concat([cls, tokensOf(grid)], 1).add(positions), { training })
  }
}
