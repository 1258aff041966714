import { describe, expect, it } from 'vitest'
import { DataError } from '../base/errors.ts'
import {
  binaryCrossentropy,
  binaryFocalCrossentropy,
  categoricalCrossentropy,
  categoricalGeneralizedCrossEntropy,
  circle,
  ctc,
  dice,
  type HostLabels,
  hinge,
  type Loss,
  meanSquaredError,
  sparseCategoricalCrossentropy,
} from './index.ts'

const floats = (shape: number[], ...values: number[]): HostLabels => ({
  data: Float32Array.from(values),
  shape,
  dtype: 'float32',
})
const integers = (shape: number[], ...values: number[]): HostLabels => ({
  data: Int32Array.from(values),
  shape,
  dtype: 'int32',
})

describe('labels that a loss takes', () => {
  it.each<[string, Loss, HostLabels, (number | null)[]]>([
    ['class numbers', sparseCategoricalCrossentropy(), integers([3], 0, 2, 1), [null, 3]],
    [
      'class numbers in a column, as floats',
      sparseCategoricalCrossentropy(),
      floats([2, 1], 0, 2),
      [null, 3],
    ],
    [
      'class numbers as int64',
      sparseCategoricalCrossentropy(),
      { data: BigInt64Array.of(0n, 2n), shape: [2], dtype: 'int64' },
      [null, 3],
    ],
    ['class numbers of a sequence', sparseCategoricalCrossentropy(), integers([1, 2], 0, 2), [null, null, 3]],
    [
      'a label to be ignored',
      sparseCategoricalCrossentropy({ ignoreClass: -1 }),
      integers([2], -1, 2),
      [null, 3],
    ],
    ['one-hot rows', categoricalCrossentropy(), floats([2, 3], 0, 1, 0, 1, 0, 0), [null, 3]],
    [
      'one-hot rows of bytes',
      categoricalCrossentropy(),
      { data: Uint8Array.of(0, 1), shape: [1, 2], dtype: 'uint8' },
      [null, 2],
    ],
    [
      'one-hot float16',
      categoricalCrossentropy(),
      { data: Uint16Array.of(0x3c00, 0), shape: [1, 2], dtype: 'float16' },
      [null, 2],
    ],
    [
      'rows of zeros in labels for every step',
      categoricalCrossentropy(),
      floats([1, 2, 2], 0, 1, 0, 0),
      [null, 2, 2],
    ],
    [
      'rows of zeros that are asked for',
      categoricalCrossentropy({ allowZeroRows: true }),
      floats([1, 2], 0, 0),
      [null, 2],
    ],
    ['soft labels', categoricalCrossentropy(), floats([1, 3], 0.333, 0.333, 0.333), [null, 3]],
    ['probabilities', binaryCrossentropy(), floats([2], 0, 0.5), [null, 1]],
    ['class numbers of embeddings', circle(), integers([3], 7, 7, 2), [null, 16]],
    ['a label that is spelled', ctc(), integers([1, 3], 1, 2, 0), [null, 9, 3]],
    ['a mask', dice(), floats([1, 2, 1], 0, 1), [null, 2, 1]],
    ['class numbers with noise', categoricalGeneralizedCrossEntropy(), integers([2], 0, 2), [null, 3]],
    ['signs', hinge(), floats([2, 1], -1, 1), [null, 1]],
    ['any numbers', meanSquaredError(), floats([2], -7, 1e9), [null, 1]],
  ])('%s', (_, loss, labels, outputShape) => {
    expect(() => loss.validate(labels, outputShape)).not.toThrow()
  })
})

describe('labels that it does not take', () => {
  it.each<[Loss, HostLabels, (number | null)[], string]>([
    [
      sparseCategoricalCrossentropy(),
      integers([3], 0, 3, -1),
      [null, 3],
      'SparseCategoricalCrossentropy: expected whole class numbers from 0 to 2 (the output has 3 classes), received 3 for sample 1. Number the classes from 0',
    ],
    [sparseCategoricalCrossentropy(), floats([2], 0, 0.5), [null, 3], 'received 0.5 for sample 1.'],
    [sparseCategoricalCrossentropy(), floats([2], 0, Number.NaN), [null, 3], 'received NaN for sample 1.'],
    [
      sparseCategoricalCrossentropy(),
      integers([2, 2], 0, 1, 2, 9),
      [null, 2, 3],
      'received 9 for sample 1 at [1].',
    ],
    [
      sparseCategoricalCrossentropy(),
      floats([2, 3], 0, 1, 0, 1, 0, 0),
      [null, 3],
      'labels of shape [batch], received labels of shape [2, 3]. For one-hot labels use categoricalCrossentropy.',
    ],
    [
      categoricalCrossentropy(),
      floats([2, 3], 0, 1, 0, 1, 1, 0),
      [null, 3],
      'sum to 1 over the classes (one-hot, or probabilities), received [1, 1, 0] for sample 1.',
    ],
    [categoricalCrossentropy(), floats([1, 2], 0, 0), [null, 2], 'received [0, 0] for sample 0.'],
    [
      categoricalCrossentropy({ allowZeroRows: false }),
      floats([1, 2, 2], 0, 1, 0, 0),
      [null, 2, 2],
      'received [0, 0] for sample 0 at [1].',
    ],
    [categoricalCrossentropy(), floats([1, 2], 2, -1), [null, 2], 'received [2, -1] for sample 0.'],
    [categoricalCrossentropy(), floats([1, 2], Number.NaN, 1), [null, 2], 'received [NaN, 1] for sample 0.'],
    [
      categoricalCrossentropy(),
      integers([2], 0, 1),
      [null, 3],
      'received labels of shape [2]. Labels are one-hot here; for class numbers use sparseCategoricalCrossentropy.',
    ],
    [
      binaryCrossentropy(),
      floats([2, 1], 1, 2),
      [null, 1],
      'expected labels from 0 to 1, received 2 for sample 1.',
    ],
    [hinge(), floats([2, 1], 1, 3), [null, 1], 'received 3 for sample 1.'],
    [
      meanSquaredError(),
      floats([2, 2], 1, 2, 3, 4),
      [null, 3],
      "MeanSquaredError: expected labels of the model's output shape [batch, 3], received labels of shape [2, 2].",
    ],
    [
      circle(),
      floats([2], 1, 0.5),
      [null, 16],
      'Circle: expected whole class numbers, received 0.5 for sample 1.',
    ],
    [
      binaryFocalCrossentropy(),
      floats([2], 1, 2),
      [null, 1],
      'BinaryFocalCrossentropy: expected labels from 0 to 1, received 2 for sample 1.',
    ],
    [
      categoricalGeneralizedCrossEntropy(),
      integers([2], 1, 3),
      [null, 3],
      'received 3 for sample 1. Number the classes from 0',
    ],
  ])('%#', (loss, labels, outputShape, message) => {
    expect(() => loss.validate(labels, outputShape)).toThrow(DataError)
    expect(() => loss.validate(labels, outputShape)).toThrow(message)
  })

  it('counts samples from the first of a slice', () => {
    expect(() => binaryCrossentropy().validate(floats([1, 1], 2), [null, 1], 128)).toThrow('sample 128')
  })
})
