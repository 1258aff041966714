import { describe, expect, it } from 'vitest'
import { arange, eye, full, linspace, ones, onesLike, tensor, zeros, zerosLike } from '../index.ts'

const values = (x: { toArray(): Promise<unknown> }) => x.toArray()

describe('tensor', () => {
  it('takes numbers, nested arrays, booleans and bigints', async () => {
    expect(tensor(3).shape).toEqual([])
    expect(await values(tensor(3))).toBe(3)
    expect(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
    ).toEqual([2, 3])
    expect(tensor([[[]]]).shape).toEqual([1, 1, 0])
    expect(await values(tensor([true, false]))).toEqual([1, 0])
    expect(await values(tensor([1n, 2n], { dtype: 'int64' }))).toEqual([1, 2])
    expect(tensor([]).shape).toEqual([0])
  })

  it('is float32 unless told otherwise, or given a typed array of another kind', () => {
    expect(tensor([1]).dtype).toBe('float32')
    expect(tensor([1], { dtype: 'int32' }).dtype).toBe('int32')
    expect(tensor(new Float64Array(1)).dtype).toBe('float64')
    expect(tensor(new Int32Array(1)).dtype).toBe('int32')
    expect(tensor(new BigInt64Array(1)).dtype).toBe('int64')
    expect(tensor(new Uint8Array(1)).dtype).toBe('uint8')
    expect(tensor(new Uint8ClampedArray(1)).dtype).toBe('uint8')
    expect(() => tensor(new Int16Array(1))).toThrow(/tensor: expected a Float32Array, .* received Int16Array/)
  })

  it('takes rows that are typed arrays, of the kind that these are', async () => {
    const rows = [Int32Array.of(1, 2, 3), Int32Array.of(4, 5, 6)]
    const whole = tensor(rows)
    expect([whole.shape, whole.dtype]).toEqual([[2, 3], 'int32'])
    rows[0]?.fill(0)
    expect(await values(whole)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(tensor([[Float64Array.of(1)], [Float64Array.of(2)]]).shape).toEqual([2, 1, 1])
    expect(tensor(rows, { dtype: 'float32' }).dtype).toBe('float32')
    expect(tensor([BigInt64Array.of(1n)]).dtype).toBe('int64')
    expect(() => tensor([Float32Array.of(1), Float32Array.of(1, 2)])).toThrow(
      /expected 1 elements at \[1\].* received 2/,
    )
    expect(() => tensor([Int32Array.of(1), Float32Array.of(0.5)])).toThrow(/0\.5/)
    expect(() => tensor([new Int16Array(1)])).toThrow(/expected a number at \[0\]/)
  })

  it('copies typed arrays, and a view takes its part only', async () => {
    const data = Float32Array.of(1, 2, 3, 4)
    const [whole, part] = [tensor(data, { shape: [2, 2] }), tensor(data.subarray(1, 3))]
    data.fill(0)
    expect(await values(whole)).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(await values(part)).toEqual([2, 3])
  })

  it.each([
    ['float32', [1.5, -2]],
    ['float64', [1.1, -2]],
    ['float16', [1.5, -2]],
    ['int32', [1, -2]],
    ['int64', [1, -2]],
    ['uint8', [1, 254]],
    ['bool', [1, 1]],
  ] as const)('keeps elements of %s', async (dtype, expected) => {
    const x = tensor(expected, { dtype })
    expect(await values(x)).toEqual(expected)
    expect(await values(x.stopGradient())).toEqual(expected)
    // And through a typed array of another kind.
    expect(await values(tensor(Float64Array.from(expected), { dtype }))).toEqual(expected)
  })

  it('gives the only element as a number, whatever its dtype', async () => {
    expect(await tensor([[7]], { dtype: 'int64' }).item()).toBe(7)
    expect(await tensor(true).cast('bool').item()).toBe(1)
    expect(await tensor(0.5, { dtype: 'float16' }).item()).toBe(0.5)
  })
})

describe('creation', () => {
  it('zeros, ones, full and the like of another tensor', async () => {
    expect(await values(zeros([2, 2]))).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(await values(ones([2], { dtype: 'int32' }))).toEqual([1, 1])
    expect(await values(full([], 2.5))).toBe(2.5)
    const like = tensor([[1, 2]], { dtype: 'int64' })
    for (const made of [zerosLike(like), onesLike(like)])
      expect([made.shape, made.dtype]).toEqual([[1, 2], 'int64'])
  })

  it('arange as NumPy’s', async () => {
    expect(await values(arange(4))).toEqual([0, 1, 2, 3])
    expect(await values(arange(2, 5))).toEqual([2, 3, 4])
    expect(await values(arange(1, 2, 0.25))).toEqual([1, 1.25, 1.5, 1.75])
    expect(await values(arange(5, 0, -2))).toEqual([5, 3, 1])
    expect(await values(arange(0, 6, 2, { dtype: 'int64' }))).toEqual([0, 2, 4])
    expect(await values(arange(3, 3))).toEqual([])
    expect(await values(arange(3, 0))).toEqual([])
    // A fraction of a step is a step, and what it starts from does not get lost.
    expect(await values(arange(0, 1, 0.3))).toEqual([0, 0.3, 0.6, 0.9].map((v) => expect.closeTo(v, 6)))
  })

  it('linspace with both ends', async () => {
    expect(await values(linspace(0, 1, 5))).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(await values(linspace(3, 1, 3))).toEqual([3, 2, 1])
    expect(await values(linspace(2, 9, 1))).toEqual([2])
    expect(await values(linspace(2, 9, 0))).toEqual([])
  })

  it('eye', async () => {
    expect(await values(eye(2))).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(await values(eye(2, 3, { dtype: 'int32' }))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ])
  })
})

describe('methods read from left to right', () => {
  const x = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ])
  it.each([
    ['at', x.at(-1), [4, 5, 6]],
    ['at an axis', x.at(0, 1), [1, 4]],
    ['slice', x.slice([0, 1], [2, 1]), [[2], [5]]],
    ['slice from the end', x.slice([0, -2], [1, -1]), [[2, 3]]],
    [
      'stridedSlice',
      x.stridedSlice(1, 0, 3, 2),
      [
        [1, 3],
        [4, 6],
      ],
    ],
    [
      'flip',
      x.flip(1),
      [
        [3, 2, 1],
        [6, 5, 4],
      ],
    ],
    [
      'roll',
      x.roll(1, 1),
      [
        [3, 1, 2],
        [6, 4, 5],
      ],
    ],
    ['repeat', x.at(0).repeat(2), [1, 1, 2, 2, 3, 3]],
    ['tile', x.at(0).tile([2]), [1, 2, 3, 1, 2, 3]],
    [
      'tril',
      x.tril(),
      [
        [1, 0, 0],
        [4, 5, 0],
      ],
    ],
    [
      'add nested arrays',
      x.add([10, 20, 30]),
      [
        [11, 22, 33],
        [14, 25, 36],
      ],
    ],
    ['matmul with a nested array', x.matmul([1, 0, 1]), [4, 10]],
    [
      'gather',
      x.gather([2, 0], 1),
      [
        [3, 1],
        [6, 4],
      ],
    ],
    [
      'scatterAdd',
      x.scatterAdd([0], [[1, 1, 1]]),
      [
        [2, 3, 4],
        [4, 5, 6],
      ],
    ],
    ['dot', x.dot(x), 91],
    ['argMax', x.argMax(1), [2, 2]],
    ['argMax of all', x.argMax(), 5],
  ] as const)('%s', async (_, result, expected) => {
    expect(await values(result)).toEqual(expected)
  })
})
