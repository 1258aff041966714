import { describe, expect, it } from 'vitest'
import * as tg from '../index.ts'
import { type Tensor, tensor, zeros } from '../index.ts'

// Wide types: the compiler would refuse most of these.
const of = (...shape: number[]): Tensor => zeros(shape)

/** Where, what was expected, what came, and what to do. */
const mistakes: readonly (readonly [name: string, run: () => unknown, code: string, message: string])[] = [
  [
    'matmul',
    () => of(32, 784).matmul(of(10, 5)),
    'shape',
    'matmul: expected inner dimensions that agree, received 784 and 10 (shapes [32, 784] and [10, 5]). Transpose or reshape one of them.',
  ],
  [
    'matmul of batches',
    () => of(2, 3, 4).matmul(of(5, 4, 2)),
    'shape',
    'matmul: expected shapes that broadcast (equal dimensions, or 1, aligned at the end), received [2] and [5], whose dimensions 2 and 5 differ. Reshape one of them, or insert a dimension with expandDims.',
  ],
  [
    'matmul with a scalar',
    () => tg.ops.matmul(of(), of(2)),
    'shape',
    'matmul: expected two tensors of at least one dimension, received shapes [] and [2]. Use mul for products with a scalar.',
  ],
  [
    'add',
    () => of(2, 3).add(of(2, 4)),
    'shape',
    'add: expected shapes that broadcast (equal dimensions, or 1, aligned at the end), received [2, 3] and [2, 4], whose dimensions 3 and 4 differ. Reshape one of them, or insert a dimension with expandDims.',
  ],
  [
    'sum',
    () => of(2, 3).sum(2),
    'argument',
    'sum: expected an axis from -2 to 1 for shape [2, 3], received 2.',
  ],
  ['sum of a scalar', () => of().sum(0), 'argument', 'sum: expected no axis for a scalar, received 0.'],
  [
    'reshape',
    () => of(2, 3).reshape([4, 2]),
    'shape',
    'reshape: expected a shape of 6 elements, as in [2, 3], received [4, 2], which has 8.',
  ],
  [
    'reshape by what is left',
    () => of(2, 3).reshape([4, -1]),
    'shape',
    'reshape: expected known dimensions whose product divides the 6 elements of [2, 3], received [4, -1].',
  ],
  [
    'transpose',
    () => of(2, 3).transpose([0, 0]),
    'shape',
    'transpose: expected a permutation of the 2 axes of [2, 3], received [0, 0].',
  ],
  [
    'concat',
    () => tg.ops.concat([of(2, 3), of(2, 4)], 0),
    'shape',
    'concat: expected tensors alike in every dimension but 0, received [2, 3] and [2, 4].',
  ],
  [
    'concat of nothing',
    () => tg.ops.concat([]),
    'argument',
    'concat: expected at least one tensor, received an empty list.',
  ],
  [
    'stack',
    () => tg.ops.stack([of(2), of(3)]),
    'shape',
    'stack: expected tensors of one shape, [2], received [3].',
  ],
  [
    'split',
    () => tg.ops.split(of(5), 2),
    'argument',
    'split: expected parts that make up the 5 elements of axis 0 in [5], received 2 equal parts.',
  ],
  [
    'slice',
    () => tg.ops.slice(of(5), [3], [3]),
    'shape',
    'slice: expected a block inside of shape [5], received starts [3] and sizes [3].',
  ],
  [
    'at',
    () => of(5).at(5),
    'argument',
    'at: expected a position from -5 to 4 along axis 0 of [5], received 5.',
  ],
  [
    'squeeze',
    () => of(2, 1).squeeze(0),
    'shape',
    'squeeze: expected dimensions of size 1 at axes [0], received shape [2, 1].',
  ],
  [
    'broadcastTo',
    () => of(3).broadcastTo([3, 2]),
    'shape',
    'broadcastTo: expected shapes that broadcast (equal dimensions, or 1, aligned at the end), received [3] and [3, 2], whose dimensions 3 and 2 differ. Reshape one of them, or insert a dimension with expandDims.',
  ],
  [
    'pad',
    () => of(2, 2).pad([[1, 1]]),
    'argument',
    'pad: expected [before, after] for each of the 2 axes of [2, 2], received 1 pairs.',
  ],
  [
    'gather',
    () => tg.ops.gather(of(3), tensor([0.5])),
    'dtype',
    "gather: expected indices of dtype int32 or int64, received float32. Cast them: indices.cast('int32').",
  ],
  ['topK', () => tg.ops.topK(of(3), 4), 'shape', 'topK: expected k of at most 3, received k = 4.'],
  [
    'conv',
    () => tg.ops.conv(of(1, 5, 5, 3), of(3, 3, 4, 8)),
    'shape',
    'conv: expected an input with 4 channels and rank 4 for a kernel of [3, 3] windows, received 3 channels in shape [1, 3, 5, 5] (channels first). Check dataFormat, groups and the kernel.',
  ],
  [
    'conv of too little',
    () => tg.ops.conv(of(1, 2, 2, 1), of(3, 3, 1, 1)),
    'shape',
    "conv: expected an input of at least 3 elements along each spatial dimension of the window, received 2 elements with a padding of 0 and 0. Use padding: 'same', a smaller window or a larger input.",
  ],
  ['arange', () => tg.arange(0, 3, 0), 'argument', 'arange: expected a step other than 0, received 0.'],
  [
    'a ragged array',
    () => tensor([[1, 2], [3]] as number[][]),
    'data',
    'tensor: expected 2 elements at [1], as in the first row, received 1. Ragged arrays have no shape: pad the rows or drop the incomplete ones.',
  ],
  [
    'a ragged array, deeper',
    () =>
      tensor([
        [[1], [2]],
        [[3], [4, 5]],
      ] as number[][][]),
    'data',
    'tensor: expected 1 elements at [1][1], as in the first row, received 2. Ragged arrays have no shape: pad the rows or drop the incomplete ones.',
  ],
  [
    'a word among numbers',
    () => tensor([1, 'two'] as never),
    'data',
    'tensor: expected a number at [1], received the string "two". Text is no number: number the categories, or give each a column of zeros and ones.',
  ],
  [
    'elements that do not fill a shape',
    () => tensor(new Float32Array(5), { shape: [2, 3] }),
    'shape',
    'tensor: expected 6 elements for shape [2, 3], received 5.',
  ],
  [
    'a variable of another shape',
    () => new tg.Variable(of(2), { name: 'w' }).assign(of(3)),
    'shape',
    'variable w: expected a value of shape [2], received [3].',
  ],
  [
    'a variable of another dtype',
    () => new tg.Variable(of(2), { name: 'w' }).assign(of(2).cast('int32')),
    'dtype',
    "variable w: expected a value of dtype float32, received int32. Cast it: value.cast('float32').",
  ],
]

describe('errors say where, what was expected, what came, and what to do', () => {
  it.each(mistakes)('%s', (_, run, code, message) => {
    try {
      run()
    } catch (error) {
      expect(error).toBeInstanceOf(tg.TypegradError)
      const { code: received, message: text } = error as tg.TypegradError
      expect({ code: received, text }).toEqual({ code, text: message })
      return
    }
    expect.fail('no error')
  })
})
