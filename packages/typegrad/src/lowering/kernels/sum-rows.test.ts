import { expect, test } from 'vitest'
import { createEngine, type Tensor, tensor } from '../../index.ts'
import { noKernels } from '../../kernel/support.ts'
import { expectClose } from '../../testing/closeness.ts'
import { operatorsOf, valuesOn } from '../../testing/values-on.ts'

const engine = await createEngine()
const { kernelSupport } = engine

const waves = (shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    { shape },
  )

/** The operators of a tensor's graph, after it gave what the runtime's own operators give. */
async function check(y: Tensor): Promise<string[]> {
  const outputs = [y.node]
  const [expected] = await valuesOn(engine, outputs)
  const [received] = await valuesOn(engine, outputs, kernelSupport)
  expectClose(received as Float32Array, [...(expected as Float32Array)])
  return operatorsOf(outputs, kernelSupport)
}

test.skipIf(kernelSupport === noKernels)('all squares are summed in one pass', async () => {
  const x = waves([64, 3, 512])
  expect(await check(x.square().sum())).toEqual(['kernel', 'ReduceSum'])
  expect(await check(x.square().sum([0, 1, 2], { keepDims: true }))).toEqual([
    'kernel',
    'ReduceSum',
    'Reshape',
  ])
  // A difference that exists only within the kernel of its square, such as in a mean squared error.
  const difference = x.sub(waves([3, 512]))
  expect(await check(difference.square().sum())).toEqual(['kernel', 'kernel', 'ReduceSum'])
  // The squares themselves are wanted, the product is of two, some axes stay, few elements.
  const squares = x.square()
  expect(await check(squares.sum().add(squares.mean()))).toContain('Mul')
  expect(await check(x.mul(waves([64, 3, 512])).sum())).toContain('Mul')
  expect(await check(x.square().sum(2))).toContain('Mul')
  expect(await check(waves([100]).square().sum())).toEqual(['Mul', 'ReduceSum'])
})
