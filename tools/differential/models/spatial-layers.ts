/** Layers of sequences, images and volumes: convolutions, poolings, paddings. */
import { chosen, oneOf } from '../families/objects.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { list, type Maker, made, type SampleShape, size, windowed } from './maker.ts'
import { activation, kernelAndBias, ofAll, perDimension, rarely, weight } from './options.ts'

interface Spatial {
  readonly spatial: readonly number[]
  readonly channels: number
  readonly first: boolean
  readonly config: JsonObject
  readonly shape: (spatial: readonly number[], channels: number) => SampleShape
}

/** The sample's spatial dimensions and channels, by a data format. */
function spatialOf(random: Random, shape: SampleShape, chance = 0.15): Spatial {
  const first = random.chance(chance)
  return {
    first,
    spatial: first ? shape.slice(1) : shape.slice(0, -1),
    channels: (first ? shape[0] : shape.at(-1)) as number,
    config: first ? { data_format: 'channels_first' } : {},
    shape: (spatial, channels) => (first ? [channels, ...spatial] : [...spatial, channels]),
  }
}

export const conv =
  (rank: 1 | 2 | 3, kind: 'Conv' | 'SeparableConv' | 'DepthwiseConv'): Maker =>
  (random, shape) => {
    const s = spatialOf(random, shape)
    const kernel_size = perDimension(rank, 1, 3)(random)
    const padding = random.pick(
      rank === 1 && kind === 'Conv' ? ['valid', 'same', 'causal'] : ['valid', 'same'],
    )
    const strided = random.chance(0.35)
    // Of depthwise convolutions Keras takes equal strides alone.
    const strides = strided ? (kind === 'Conv' ? perDimension(rank, 1, 2)(random) : random.int(1, 2)) : 1
    const dilation_rate =
      !strided && random.chance(0.25) ? (kind === 'Conv' ? perDimension(rank, 1, 2)(random) : 2) : 1
    const groups =
      kind === 'Conv' && random.chance(0.2) ? random.pick([1, 2, 3].filter((n) => s.channels % n === 0)) : 1
    const filters = groups * random.int(1, 3)
    const multiplier = random.int(1, 2)
    const out = s.spatial.map((length, i) =>
      windowed(
        length,
        list(kernel_size, rank, 1)[i] as number,
        list(strides, rank, 1)[i] as number,
        list(dilation_rate, rank, 1)[i] as number,
        padding,
      ),
    )
    if (out.some((d) => d < 1)) return undefined
    const config = {
      ...(kind === 'DepthwiseConv' ? {} : { filters }),
      kernel_size,
      ...(padding === 'valid' ? {} : { padding }),
      ...(strided ? { strides } : {}),
      ...(dilation_rate === 1 ? {} : { dilation_rate }),
      ...(groups === 1 ? {} : { groups }),
      ...(kind === 'Conv' ? {} : { depth_multiplier: multiplier }),
      ...s.config,
      ...chosen(random, { activation }),
      ...rarely(
        random,
        kind === 'Conv'
          ? kernelAndBias
          : {
              ...weight('depthwise'),
              ...weight('bias'),
              use_bias: oneOf(true, false),
              ...(kind === 'SeparableConv' ? weight('pointwise') : {}),
            },
      ),
      ...ofAll(random),
    }
    return made(
      `${kind}${rank}D`,
      config,
      s.shape(out, kind === 'DepthwiseConv' ? s.channels * multiplier : filters),
    )
  }

export const convTranspose =
  (rank: 1 | 2 | 3): Maker =>
  (random, shape) => {
    const s = spatialOf(random, shape)
    const kernel_size = perDimension(rank, 1, 3)(random)
    const padding = random.pick(['valid', 'same'])
    const strides = random.chance(0.6) ? perDimension(rank, 1, 2)(random) : 1
    const filters = random.int(1, 3)
    const out = s.spatial.map((length, i) => {
      const [window, stride] = [list(kernel_size, rank, 1)[i] as number, list(strides, rank, 1)[i] as number]
      return padding === 'same' ? length * stride : (length - 1) * stride + Math.max(window, stride)
    })
    if (size(out) > 400) return undefined
    return made(
      `Conv${rank}DTranspose`,
      {
        filters,
        kernel_size,
        padding,
        ...(strides === 1 ? {} : { strides }),
        ...s.config,
        ...chosen(random, { activation }),
        ...rarely(random, kernelAndBias),
        ...ofAll(random),
      },
      s.shape(out, filters),
    )
  }

export const pooling =
  (class_name: string, rank: 1 | 2 | 3): Maker =>
  (random, shape) => {
    const s = spatialOf(random, shape)
    const pool_size = perDimension(rank, 1, 3)(random)
    const padding = random.pick(['valid', 'same'])
    const strides = random.chance(0.4) ? perDimension(rank, 1, 2)(random) : undefined
    const window = list(pool_size, rank, 2)
    const out = s.spatial.map((length, i) =>
      windowed(length, window[i] as number, list(strides ?? window, rank, 1)[i] as number, 1, padding),
    )
    if (out.some((d) => d < 1)) return undefined
    return made(
      `${class_name}${rank}D`,
      { pool_size, padding, ...(strides === undefined ? {} : { strides }), ...s.config },
      s.shape(out, s.channels),
    )
  }

export const globalPooling =
  (class_name: string, rank: 1 | 2 | 3): Maker =>
  (random, shape) => {
    const s = spatialOf(random, shape)
    const keepdims = random.chance(0.3)
    const out = keepdims
      ? s.shape(
          s.spatial.map(() => 1),
          s.channels,
        )
      : [s.channels]
    return made(`${class_name}${rank}D`, { ...s.config, ...(keepdims ? { keepdims } : {}) }, out)
  }

export const adaptive =
  (class_name: string, rank: 1 | 2 | 3): Maker =>
  (random, shape) => {
    const s = spatialOf(random, shape)
    const output_size = s.spatial.map((d) => random.int(1, d))
    return made(
      `${class_name}${rank}D`,
      { output_size: rank === 1 ? (output_size[0] as number) : output_size, ...s.config },
      s.shape(output_size, s.channels),
    )
  }

export const upSampling =
  (rank: 1 | 2 | 3): Maker =>
  (random, shape) => {
    const s = rank === 1 ? spatialOf(random, shape, 0) : spatialOf(random, shape)
    const factor = rank === 1 ? random.int(1, 3) : perDimension(rank, 1, 2)(random)
    const out = s.spatial.map((d, i) => d * (list(factor, rank, 1)[i] as number))
    return made(
      `UpSampling${rank}D`,
      {
        size: factor,
        ...s.config,
        ...(rank === 2 ? chosen(random, { interpolation: oneOf('nearest', 'bilinear') }) : {}),
      },
      s.shape(out, s.channels),
    )
  }

const edges = (
  random: Random,
  rank: number,
  most: number,
): { config: Json; pairs: readonly (readonly [number, number])[] } => {
  const kind = random.int(0, rank === 1 ? 1 : 2)
  if (kind === 0) {
    const n = random.int(0, most)
    return { config: n, pairs: new Array<[number, number]>(rank).fill([n, n]) }
  }
  if (rank === 1) {
    const pair = [random.int(0, most), random.int(0, most)] as const
    return { config: pair, pairs: [pair] }
  }
  if (kind === 1) {
    const each = Array.from({ length: rank }, () => random.int(0, most))
    return { config: each, pairs: each.map((n) => [n, n]) }
  }
  const pairs = Array.from({ length: rank }, () => [random.int(0, most), random.int(0, most)] as const)
  return { config: pairs, pairs }
}

export const zeroPadding =
  (rank: 1 | 2 | 3): Maker =>
  (random, shape) => {
    const s = spatialOf(random, shape)
    const { config, pairs } = edges(random, rank, 2)
    return made(
      `ZeroPadding${rank}D`,
      { padding: config, ...s.config },
      s.shape(
        s.spatial.map((d, i) => d + (pairs[i]?.[0] ?? 0) + (pairs[i]?.[1] ?? 0)),
        s.channels,
      ),
    )
  }

export const cropping =
  (rank: 1 | 2 | 3): Maker =>
  (random, shape) => {
    const s = rank === 1 ? spatialOf(random, shape, 0) : spatialOf(random, shape)
    const { config, pairs } = edges(random, rank, 1)
    const out = s.spatial.map((d, i) => d - (pairs[i]?.[0] ?? 0) - (pairs[i]?.[1] ?? 0))
    return out.some((d) => d < 1)
      ? undefined
      : made(`Cropping${rank}D`, { cropping: config, ...s.config }, s.shape(out, s.channels))
  }
