import { createNodeEngine, processorSupport } from '@typegrad/node'
import { expect, it } from 'vitest'
import { topologicalOrder } from '../graph/node.ts'
import { ops, type Tensor, tensor } from '../index.ts'
import { noKernels } from '../kernel/support.ts'
import { lowerWithKernels } from '../lowering/lower.ts'
import { optimize } from '../passes/optimize.ts'
import { expectClose } from '../testing/closeness.ts'
import { valuesOn } from '../testing/values-on.ts'

const wave = (shape: readonly number[], phase: number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 0.7 + phase)),
    { shape },
  )

type Step = (h: Tensor, x: Tensor) => Tensor
const [square, wide, bias] = [wave([32, 32], 1), wave([32, 20], 2), wave([32], 3)]

/** The loop of a step over rows of x, and which kernels its body has for products. */
async function loop(step: Step, length = 20) {
  const { carries, outputs } = ops.scan({
    initial: [wave([5, 32], 4)],
    sequences: [wave([length, 5, 32], 5)],
    step: ([h], [x]) => {
      const next = step(h, x)
      return { carries: [next], outputs: [next] }
    },
  })
  const nodes = [...carries, ...outputs].map(({ node }) => node)
  const engine = await createNodeEngine()
  const { kernelSupport } = engine
  const optimized = optimize(nodes, kernelSupport)
  const leaves = topologicalOrder(optimized).filter(({ kind }) => kind === 'data')
  const { kernels } = lowerWithKernels({ inputs: leaves, outputs: optimized, kernelSupport })
  const expected = await valuesOn(engine, optimize(nodes))
  const received = await valuesOn(engine, optimized, kernelSupport)
  expected.forEach((values, i) => {
    expectClose(received[i] as Float32Array, values)
  })
  return [...kernels.values()].flatMap((kernel) => (kernel.kind === 'panelProduct' ? [kernel.added] : []))
}

it.skipIf(processorSupport() === noKernels).each<[string, Step, readonly (string | undefined)[]]>([
  ['a matrix that stays', (h) => h.matmul(square).tanh(), [undefined]],
  ['with a row', (h) => h.matmul(square).add(bias).tanh(), ['row']],
  [
    'with a matrix',
    (h, x) => {
      const [left, right] = ops.split(x.add(h.matmul(square)), 2, 1) as [Tensor, Tensor]
      return ops.concat([left.tanh(), right.sigmoid()], 1)
    },
    ['matrix'],
  ],
  ['transposed', (h) => h.matmul(square.transpose()).tanh(), [undefined]],
  ['of a matrix that changes', (h, x) => h.matmul(x.transpose().matmul(h)).tanh(), []],
  ['of what is no whole panel', (h) => h.matmul(wide).matmul(wide.transpose()).tanh(), [undefined]],
])('a product in a loop: %s', async (_, step, added) => {
  expect(await loop(step)).toEqual(added)
})

it.skipIf(processorSupport() === noKernels)('in a short loop it is the runtime’s', async () => {
  expect(await loop((h) => h.matmul(square).tanh(), 8)).toEqual([])
})
