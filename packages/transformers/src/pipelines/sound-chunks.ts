import { ArgumentError } from 'typegrad/core'

/** How a long sound is cut. */
export interface ChunkOptions {
  /** Seconds of each piece of a sound that is cut. */
  readonly chunkLength?: number
  /**
   * Seconds of a piece that its neighbours hear as well: on either side, or on the left and on the right. Default a sixth of
   * `chunkLength`.
   */
  readonly strideLength?: number | readonly [number, number]
}

/** A piece of a sound. */
export interface SoundChunk {
  readonly samples: Float32Array
  /** So many of its samples, at its beginning and at its end, are heard better by its neighbours. */
  readonly left: number
  readonly right: number
}

/** How many samples pieces have, each a multiple of what the network makes one frame of. */
export interface ChunkSizes {
  readonly length: number
  readonly left: number
  readonly right: number
}

/**
 * @param align samples of a frame of the network's.
 * @param longest samples that it hears at once.
 * @returns undefined where nothing is to be cut.
 * @throws ArgumentError for pieces that are longer than what is heard at once, or that have nothing beside their overlaps.
 */
export function chunkSizes(
  where: string,
  { chunkLength, strideLength }: Partial<ChunkOptions>,
  { samplingRate, align, longest }: { samplingRate: number; align: number; longest?: number },
): ChunkSizes | undefined {
  if (chunkLength === undefined) {
    if (strideLength === undefined) return undefined
    throw new ArgumentError({
      where: `${where}: strideLength`,
      expected: 'a chunkLength beside it',
      received: 'none',
    })
  }
  const samplesOf = (seconds: number): number => roundHalfEven((seconds * samplingRate) / align) * align
  const [left, right] = [strideLength ?? chunkLength / 6].flat() as readonly number[]
  const sizes = {
    length: samplesOf(chunkLength),
    left: samplesOf(left as number),
    right: samplesOf(right ?? (left as number)),
  }
  if (longest !== undefined && sizes.length > longest) {
    throw new ArgumentError({
      where: `${where}: chunkLength`,
      expected: `at most ${longest / samplingRate} seconds, which the model hears at once`,
      received: String(chunkLength),
    })
  }
  if (sizes.length <= sizes.left + sizes.right) {
    throw new ArgumentError({
      where: `${where}: chunkLength`,
      expected: `more than both strides, ${(sizes.left + sizes.right) / samplingRate} seconds`,
      received: `${sizes.length / samplingRate} seconds`,
    })
  }
  return sizes
}

/** The pieces of a sound, in its order. */
export function soundChunks(
  samples: Float32Array,
  { length, left, right }: ChunkSizes,
): readonly SoundChunk[] {
  const chunks: SoundChunk[] = []
  for (let start = 0; ; start += length - left - right) {
    const isLast = start + length >= samples.length
    chunks.push({
      samples: samples.subarray(start, start + length),
      left: start === 0 ? 0 : left,
      right: isLast ? 0 : right,
    })
    if (isLast) return chunks
  }
}

/** To the nearest whole number, and to the even one of two that are as near, as Python rounds. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}
