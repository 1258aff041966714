import { type DType, isFloating, typedArray } from '../base/dtype.ts'
import { ArgumentError, DataError } from '../base/errors.ts'
import { checked, count, dtypeName, number, oneOf, optionsOf } from '../base/options.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'

export interface PadSequencesOptions {
  /** How long rows become. Default: as long as the longest sequence. */
  readonly maxLength?: number
  /** What fills up. Default 0. */
  readonly value?: number
  /** Whether what fills up stands before or behind a sequence. Default `'pre'`. */
  readonly padding?: 'pre' | 'post'
  /** Whether the beginning or the end of a sequence that is too long is left out. Default `'pre'`. */
  readonly truncating?: 'pre' | 'post'
  /** Default `'int32'`. */
  readonly dtype?: Exclude<DType, 'int64' | 'float16' | 'bool'>
}

const padChecks = optionsOf<PadSequencesOptions>()({
  maxLength: count,
  value: number,
  padding: oneOf('pre', 'post'),
  truncating: oneOf('pre', 'post'),
  dtype: dtypeName,
})

/**
 * Sequences of different lengths as rows of one length, as Keras's `pad_sequences`.
 *
 * @returns (sequences, maxLength).
 * @throws DataError for a sequence that is none, ArgumentError for options that are none.
 * @example
 * padSequences([[1], [2, 3], [4, 5, 6]])                       // [[0, 0, 1], [0, 2, 3], [4, 5, 6]]
 * padSequences([[1], [2, 3], [4, 5, 6]], { maxLength: 2 })     // [[0, 1], [2, 3], [5, 6]]
 */
export function padSequences(
  sequences: readonly ArrayLike<number>[],
  options: PadSequencesOptions = {},
): Tensor {
  const {
    value = 0,
    padding = 'pre',
    truncating = 'pre',
    dtype = 'int32',
    maxLength,
  } = checked('padSequences', options, padChecks)
  const odd = sequences.findIndex(
    (one) => typeof one !== 'object' || one === null || typeof one.length !== 'number',
  )
  if (odd !== -1) {
    throw new DataError({
      where: 'padSequences',
      expected: 'an array of sequences',
      received: `${String(sequences[odd])} at ${odd}`,
    })
  }
  const length = maxLength ?? sequences.reduce((most, one) => Math.max(most, one.length), 0)
  const data = typedArray(dtype, sequences.length * length)
  // No 64-bit integers among the dtypes: elements are numbers.
  const cells = data as Float32Array
  cells.fill(value)
  for (const [row, sequence] of sequences.entries()) {
    const kept = Math.min(sequence.length, length)
    const from = truncating === 'pre' ? sequence.length - kept : 0
    const to = row * length + (padding === 'pre' ? length - kept : 0)
    for (let i = 0; i < kept; i++) {
      const given = sequence[from + i] as number
      cells[to + i] = isFloating(dtype) ? given : Math.trunc(given)
    }
  }
  return fromData(data, [sequences.length, length], dtype)
}

/**
 * Class numbers as rows of 0 and a 1, as Keras's `to_categorical`.
 *
 * @param classes whole numbers from 0 on.
 * @param numClasses how long rows are. Default: the largest number plus 1.
 * @returns (classes, numClasses), float32.
 * @throws DataError naming a number that is no class.
 * @example
 * toCategorical([0, 2, 1]) // [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
 */
export function toCategorical(
  classes: ArrayLike<number>,
  numClasses?: number,
): Tensor<[number, number], 'float32'> {
  const most = numClasses ?? Array.from(classes).reduce((max, value) => Math.max(max, value + 1), 0)
  if (!Number.isInteger(most) || most < 0) {
    throw new ArgumentError({
      where: 'toCategorical',
      expected: 'a whole number of classes',
      received: String(most),
    })
  }
  const data = new Float32Array(classes.length * most)
  for (let i = 0; i < classes.length; i++) {
    const value = classes[i] as number
    if (!Number.isInteger(value) || value < 0 || value >= most) {
      throw new DataError({
        where: 'toCategorical',
        expected: `whole numbers from 0 to ${most - 1}`,
        received: `${value} at ${i}`,
      })
    }
    data[i * most + value] = 1
  }
  return fromData(data, [classes.length, most], 'float32')
}
