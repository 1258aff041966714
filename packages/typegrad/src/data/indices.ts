import { DataError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import type { HostArray } from './host-array.ts'
import { inSlices } from './slices.ts'

/**
 * Refuses what is no index into a table of so many rows.
 *
 * @param reader who takes the indices, as the error names it.
 * @throws DataError naming the first sample that has one that is none.
 */
export function checkIndices(
  where: string,
  reader: string,
  array: HostArray,
  rows: number,
): void | Promise<void> {
  return inSlices([[array.data.length, (start, stop) => checkSlice(where, reader, array, rows, start, stop)]])
}

function checkSlice(
  where: string,
  reader: string,
  { data, shape }: HostArray,
  rows: number,
  start: number,
  stop: number,
): void {
  for (let i = start; i < stop; i++) {
    const index = Number(data[i])
    // NaN passes: the check of the data refuses it unless the caller passes allowNaN.
    if (index >= rows || index < 0 || Math.trunc(index) < index) {
      throw new DataError({
        where,
        expected: `whole numbers from 0 to ${rows - 1} for ${reader}`,
        received: `${index} in sample ${Math.floor(i / sizeOf(shape.slice(1)))}`,
        fix: 'Number the words from 0, or make inputDim larger.',
      })
    }
  }
}
