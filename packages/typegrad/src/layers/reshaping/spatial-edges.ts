import { ArgumentError } from '../../base/errors.ts'
import type { DataFormat } from '../../ops/convolution.ts'

/** Elements before and after one dimension. */
export type Edges = readonly [before: number, after: number]

/** One number for all edges, one for both of a dimension, or both of each dimension. */
export type EdgesOption = number | readonly (number | readonly [number, number])[]

/**
 * Edges of each spatial dimension. Of a sequence, which has only one, `[before, after]` is understood too.
 *
 * @throws ArgumentError for what is neither.
 */
export function spatialEdges(where: string, option: EdgesOption, spatial: number): Edges[] {
  const flat = spatial === 1 && Array.isArray(option) && option.length === 2 && option.every(isWhole)
  const list: readonly unknown[] =
    typeof option === 'number' ? new Array<number>(spatial).fill(option) : flat ? [option] : option
  const edges = list.map((item): unknown => (typeof item === 'number' ? [item, item] : item))
  if (edges.length === spatial && edges.every(isEdges)) return edges
  throw new ArgumentError({
    where,
    expected: `a whole number of at least 0, or [before, after] for each of ${spatial} dimensions`,
    received: JSON.stringify(option),
  })
}

const isWhole = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

const isEdges = (item: unknown): item is Edges =>
  Array.isArray(item) && item.length === 2 && item.every(isWhole)

/** Edges of every dimension: none of the batch and the channels. */
export const allEdges = (edges: readonly Edges[], dataFormat: DataFormat): Edges[] =>
  dataFormat === 'channelsLast' ? [[0, 0], ...edges, [0, 0]] : [[0, 0], [0, 0], ...edges]
