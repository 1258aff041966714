import { describe, expect, test } from 'vitest'
import { grad, ones, ops, type Tensor, zeros } from '../index.ts'

const zerosOf = (length: number): number[] => new Array<number>(length).fill(0)

// What NumPy and PyTorch say of a sum of nothing: 0. ONNX Runtime 1.30 never returned from a convolution without channels.
describe('windows that see nothing', () => {
  test('convolutions without channels are zeros, and a bias is still added', async () => {
    const x = zeros([2, 3, 0])
    expect([...(await ops.conv(x, ones([2, 0, 4]), { padding: 'same' }).data())]).toEqual(zerosOf(24))
    const y = ops.relu(ops.conv(zeros([1, 3, 3, 0]), ones([2, 2, 0, 2])).add(ones([2]).mul(3)))
    expect([...(await y.data())]).toEqual(new Array(8).fill(3))
    expect([...(await ops.convTranspose(x, ones([2, 4, 0]), { strides: 2 }).data())]).toEqual(zerosOf(48))
  })

  test('without a batch there is nothing, and the gradient to the kernel is zeros', async () => {
    const x = zeros([0, 4, 4, 3])
    const kernel = ones([3, 3, 3, 8])
    expect(ops.conv(x, kernel, { padding: 'same' }).shape).toEqual([0, 4, 4, 8])
    expect((await ops.conv(x, kernel, { padding: 'same' }).data()).length).toBe(0)
    const [gx, gk] = grad(([a, b]: readonly Tensor[]) =>
      ops
        .conv(a as Tensor, b as Tensor, { padding: 'same' })
        .square()
        .sum(),
    )([x, kernel]) as [Tensor, Tensor]
    expect([gx.shape, (await gx.data()).length]).toEqual([x.shape, 0])
    expect([...(await gk.data())]).toEqual(zerosOf(kernel.size))
  })

  test('poolings without channels', async () => {
    for (const pool of [ops.maxPool, ops.averagePool]) {
      expect(await pool(zeros([2, 4, 4, 0])).data()).toHaveLength(0)
      const g = grad((t: Tensor) => pool(t).sum())(zeros([2, 4, 4, 0]))
      expect([g.shape, (await g.data()).length]).toEqual([[2, 4, 4, 0], 0])
    }
  })
})

test('there is no largest position among none', () => {
  expect(() => ops.argMax(zeros([2, 0]), 1)).toThrow(/argMax: expected at least one element/)
})
