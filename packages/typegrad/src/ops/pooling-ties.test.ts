import { expect, test } from 'vitest'
import { createEngine, grad, ops, setEngine, type Tensor, tensor } from '../index.ts'
import { createWebEngine } from '../testing/engines.ts'

const x = [
  [1, 1, 2, 2, 0],
  [1, 0, 2, 2, 0],
  [3, 3, 0, 0, 0],
  [3, 3, 0, 0, 0],
  [0, 0, 0, 0, 0],
]

/** Of Σ k · y_k, y's elements counted from 1: what `torch.nn.functional.max_pool2d` of PyTorch 2.15 gives. */
const expected: readonly (readonly [window: number, strides: number, gradient: number[][]])[] = [
  [
    2,
    2,
    [
      [1, 0, 2, 0, 0],
      [0, 0, 0, 0, 0],
      [3, 0, 4, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ],
  ],
  [
    2,
    1,
    [
      [1, 0, 5, 4, 0],
      [0, 0, 7, 8, 0],
      [14, 16, 11, 12, 0],
      [13, 14, 15, 16, 0],
      [0, 0, 0, 0, 0],
    ],
  ],
  [
    3,
    2,
    [
      [0, 0, 2, 0, 0],
      [0, 0, 0, 0, 0],
      [4, 0, 4, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ],
  ],
]

test.each([
  ['native', () => createEngine()],
  ['native without kernels', () => createEngine({ kernels: false })],
  ['WebAssembly', () => createWebEngine()],
] as const)('the first of equal maxima gets the gradient, on the %s engine', async (_, create) => {
  setEngine(await create())
  for (const [poolSize, strides, gradient] of expected) {
    const loss = (image: Tensor): Tensor => {
      const y = ops.maxPool(image.reshape([1, 5, 5, 1]), { poolSize, strides })
      return y.mul(tensor(Array.from({ length: y.size }, (_, i) => i + 1)).reshape(y.shape)).sum()
    }
    expect(await grad(loss)(tensor(x)).toArray()).toEqual(gradient)
  }
})
