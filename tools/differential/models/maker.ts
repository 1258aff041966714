/** What makes a layer for samples of a shape. */
import type { Json, JsonObject } from '../json.ts'
import type { Random } from '../random.ts'

export type SampleShape = readonly number[]

export interface MadeLayer {
  readonly class_name: string
  readonly config: JsonObject
  /** Of one sample, for each output. */
  readonly shapes: readonly SampleShape[]
}

/** A layer for samples of a shape; undefined where it does not fit. */
export type Maker = (random: Random, shape: SampleShape) => MadeLayer | undefined

export const made = (class_name: string, config: JsonObject, ...shapes: SampleShape[]): MadeLayer => ({
  class_name,
  config,
  shapes,
})
export const size = (shape: SampleShape): number => shape.reduce((a, b) => a * b, 1)
export const list = (value: Json | undefined, rank: number, otherwise: number): number[] =>
  Array.isArray(value) ? [...value] : new Array<number>(rank).fill((value as number | undefined) ?? otherwise)

export const windowed = (
  length: number,
  window: number,
  stride: number,
  dilation: number,
  padding: string,
): number => {
  const span = (window - 1) * dilation + 1
  return padding === 'valid' ? Math.floor((length - span) / stride) + 1 : Math.ceil(length / stride)
}
