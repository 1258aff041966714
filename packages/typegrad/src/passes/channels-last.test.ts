import { supportOf } from '@typegrad/node'
import { expect, test } from 'vitest'
import { complete } from '../base/work.ts'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { channelsLast } from './channels-last.ts'

const kernelSupport = supportOf({ threads: 2, hasAvx512: false })

const input = (shape: readonly number[]): Node =>
  makeNode('input', [], { name: 'x', shape, dtype: 'float32' })

/** A convolution of channels first: x (N, C, H, W) and a kernel (O, C, h, w). */
const convolution = (x: readonly number[], kernel: readonly number[]): Node =>
  makeNode('conv', [input(x), input(kernel)], {
    strides: [1, 1],
    padding: [
      [0, 0],
      [0, 0],
    ],
    dilation: [1, 1],
    groups: 1,
  })

const becomesKernels = (node: Node): boolean =>
  topologicalOrder(complete(channelsLast([node], kernelSupport))).some(
    ({ kind, params }) => kind === 'conv' && 'isChannelsLast' in params,
  )

test.each([
  ['a usual convolution', [8, 3, 32, 32], [16, 3, 5, 5], true],
  ['a window of 4,096 elements', [1, 1, 64, 64], [2, 1, 64, 64], true],
  ['a window of more, which would be unrolled', [1, 1, 1, 9000], [2, 1, 1, 5000], false],
  ['an image of 2 GiB', [1, 8, 8192, 8192], [1, 8, 1, 1], false],
  ['patches of 2 GiB for one image', [1, 16, 2048, 2048], [1, 16, 6, 6], false],
  ['results of 2 GiB for one image', [1, 1, 8192, 8192], [8, 1, 1, 1], false],
  ['a batch of 2 GiB, of which each image is near', [64, 8, 1024, 1024], [1, 8, 5, 5], true],
] as const)('%s', (_, x, kernel, isKernel) => {
  expect(becomesKernels(convolution(x, kernel))).toBe(isKernel)
})
