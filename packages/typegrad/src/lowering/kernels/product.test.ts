import { describe, expect, test } from 'vitest'
import { createEngine, type Tensor, tensor } from '../../index.ts'
import { noKernels } from '../../kernel/support.ts'
import { expectClose } from '../../testing/closeness.ts'
import { operatorsOf, valuesOn } from '../../testing/values-on.ts'

const engine = await createEngine()
const { kernelSupport } = engine

const random = (shape: readonly number[], seed: number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i * 1.7)),
    { shape },
  )

/** The operators of a tensor's graph, and whether its values are those that the runtime's own operators give. */
async function check(y: Tensor): Promise<string[]> {
  const outputs = [y.node]
  const [expected] = await valuesOn(engine, outputs)
  const [received] = await valuesOn(engine, outputs, kernelSupport)
  expectClose(received as Float32Array, [...(expected as Float32Array)])
  return operatorsOf(outputs, kernelSupport)
}

describe.skipIf(kernelSupport === noKernels)('products by kernels', () => {
  const [x, w, bias] = [random([240, 400], 1), random([400, 96], 2), random([96], 3)]

  test('of matrices, also transposed ones, are packed and multiplied', async () => {
    expect(await check(x.matmul(w))).toEqual(['kernel', 'kernel'])
    const [tall, wide] = [random([400, 240], 4), random([96, 400], 5)]
    expect(await check(tall.transpose().matmul(w))).not.toContain('Gemm')
    expect(await check(x.matmul(wide.transpose()))).not.toContain('Gemm')
  })

  test('of several axes of rows, such as a batch of sequences', async () => {
    expect(await check(random([4, 60, 400], 6).matmul(w))).toEqual(['kernel', 'kernel'])
  })

  test('add a bias and end with relu by themselves', async () => {
    expect(await check(x.matmul(w).add(bias))).toEqual(['kernel', 'kernel'])
    expect(await check(x.matmul(w).add(bias).relu())).toEqual(['kernel', 'kernel'])
    expect(await check(x.matmul(w).relu())).toEqual(['kernel', 'kernel'])
  })

  test('do not swallow what another node reads, nor a sum that is not of a row', async () => {
    const product = x.matmul(w)
    expect((await check(product.add(bias).add(product.square()))).length).toBeGreaterThan(2)
    expect((await check(product.add(random([240, 1], 7)))).length).toBeGreaterThan(2)
  })

  test('are left to the runtime where they are small, or of other numbers than float32', async () => {
    expect(await check(random([20, 30], 8).matmul(random([30, 40], 9)))).toEqual(['MatMul'])
    expect(await check(x.matmul(random([400, 10], 10)))).toEqual(['MatMul'])
    expect(await check(x.cast('float64').matmul(w.cast('float64')))).toContain('MatMul')
  })
})
