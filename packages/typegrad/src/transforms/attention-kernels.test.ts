import { describe, expect, test } from 'vitest'
import type { Node } from '../graph/node.ts'
import { createEngine, grad, layers, ops, type Tensor, tensor } from '../index.ts'
import type { ProductKernel } from '../kernel/product.ts'
import { noKernels } from '../kernel/support.ts'
import { lowerWithKernels } from '../lowering/lower.ts'
import { optimize } from '../passes/optimize.ts'
import { expectClose } from '../testing/closeness.ts'
import { operatorsOf, valuesOn } from '../testing/values-on.ts'
import { leavesOf } from './program.ts'

const engine = await createEngine()
const { kernelSupport } = engine

const random = (shape: readonly number[], seed: number): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i * 1.7)),
    { shape },
  )

interface Sizes {
  readonly batch: number
  readonly heads: number
  readonly queries: number
  readonly keys: number
  readonly dim: number
}

type Options = Omit<ops.DotProductAttentionOptions, 'mask'> & { readonly padding?: 'left' | 'right' }

/** Keys that are there: each sample lacks a third more of them than the one before, and the last all. */
function masks({ batch, keys }: Sizes, padding: 'left' | 'right' | undefined): { readonly mask?: Tensor } {
  if (padding === undefined) return {}
  const there = Array.from({ length: batch * keys }, (_, i) => {
    const length = Math.round(keys * (1 - Math.floor(i / keys) / Math.max(1, batch - 1)))
    return padding === 'right' ? i % keys < length : keys - (i % keys) <= length
  })
  return { mask: tensor(there, { shape: [batch, 1, 1, keys], dtype: 'bool' }) }
}

/** Attention, and the gradients of a weighted sum of it. */
function graphOf(sizes: Sizes, { padding, ...options }: Options): Node[] {
  const { batch, heads, queries, keys, dim } = sizes
  const inputs = [queries, keys, keys].map((steps, i) => random([batch, steps, heads * dim], i))
  const split = (x: Tensor): Tensor => x.reshape([batch, -1, heads, dim])
  const of = ([q, k, v]: readonly Tensor[]): Tensor => {
    const [query, key, value] = [split(q as Tensor), split(k as Tensor), split(v as Tensor)]
    const attended = ops.dotProductAttention(query, key, value, { ...options, ...masks(sizes, padding) })
    return attended.reshape([batch, queries, heads * dim])
  }
  const weights = random([batch, queries, heads * dim], 4)
  const gradients = grad((x: readonly Tensor[]) => of(x).mul(weights).sum())(inputs)
  return [of(inputs), ...gradients].map(({ node }) => node)
}

/** Whether passes and kernels give what the runtime's own operators give. */
async function compare(outputs: readonly Node[]): Promise<void> {
  const expected = await valuesOn(engine, outputs)
  const received = await valuesOn(engine, optimize(outputs, kernelSupport), kernelSupport)
  expected.forEach((values, i) => {
    expectClose(received[i] as Float32Array, values, { scaled: 2e-5 }, `result ${i}`)
  })
}

/** The kernels that multiply, one for each product. */
function productsOf(graph: readonly Node[]): ProductKernel[] {
  const outputs = optimize(graph, kernelSupport)
  const { model, kernels } = lowerWithKernels({ inputs: leavesOf(outputs), outputs, kernelSupport })
  return model.graph.nodes.flatMap(({ op }) => {
    const kernel = kernels.get(op)
    return kernel?.kind === 'product' ? [kernel] : []
  })
}

describe.skipIf(kernelSupport === noKernels)('products of batches by kernels', () => {
  test.each([
    { batch: 2, heads: 3, queries: 64, keys: 64, dim: 64 },
    { batch: 1, heads: 4, queries: 80, keys: 80, dim: 32 },
    { batch: 2, heads: 2, queries: 100, keys: 100, dim: 40 },
    { batch: 3, heads: 1, queries: 96, keys: 48, dim: 64 },
    { batch: 1, heads: 2, queries: 900, keys: 900, dim: 64 },
    { batch: 2, heads: 8, queries: 64, keys: 64, dim: 128 },
  ])('attention of $heads heads of $dim, $queries × $keys', async (sizes) => {
    const paddings = sizes.keys < 500 ? ([undefined, 'left', 'right'] as const) : [undefined]
    for (const causal of [false, true])
      for (const padding of paddings)
        await compare(graphOf(sizes, { causal, ...(padding !== undefined && { padding }) }))
  })

  test.each<Options>([
    { causal: true, slidingWindow: 20 },
    { causal: true, queryOffset: -3, padding: 'left' },
    { causal: true, queryOffset: 5 },
    { causal: true, softCap: 2, padding: 'right', fullyMasked: 'mean' },
    { slidingWindow: 9, fullyMasked: 'mean', padding: 'left' },
  ])('attention with %o', (options) =>
    compare(graphOf({ batch: 2, heads: 3, queries: 64, keys: 64, dim: 64 }, options)),
  )

  test('heads are read and written where they lie', () => {
    const sizes = { batch: 2, heads: 3, queries: 64, keys: 64, dim: 64 }
    const operators = operatorsOf(optimize(graphOf(sizes, {}), kernelSupport), kernelSupport)
    expect(operators).not.toContain('MatMul')
    expect(operators).not.toContain('Transpose')
  })

  const sizes = { batch: 2, heads: 3, queries: 64, keys: 64, dim: 64 }
  const trianglesOf = (graph: readonly Node[]) =>
    productsOf(graph)
      .map(({ batch }) => batch?.triangle)
      .toSorted()
  const halved = ['lower', 'lower', 'result', 'result', 'upper', 'upper']

  test.each<Options>([
    { causal: true },
    { causal: true, padding: 'left' },
    { causal: true, padding: 'right', fullyMasked: 'mean' },
    { causal: true, slidingWindow: 8 },
    { causal: true, queryOffset: -1 },
    { causal: true, softCap: 30 },
    { causal: true, scale: 1, dropout: (weights) => weights.mul(random(weights.shape, 7)) },
  ])('all six products are halved with %o', (options) =>
    expect(trianglesOf(graphOf(sizes, options))).toEqual(halved),
  )

  test.each<Options>([
    {},
    { padding: 'right' },
    { slidingWindow: 8 },
    { causal: true, queryOffset: 1 },
    { causal: true, queryOffset: tensor(0, { dtype: 'int32' }) },
  ])('none is with %o', (options) => {
    const products = trianglesOf(graphOf(sizes, options))
    expect(products).toHaveLength(6)
    expect(products.every((triangle) => triangle === undefined)).toBe(true)
  })

  test('nor with numbers that are added to scores, however negative', () => {
    const bias = tensor(
      Float32Array.from({ length: 64 * 64 }, (_, i) => (i % 64 > Math.floor(i / 64) ? -1e9 : 0)),
      { shape: [64, 64] },
    )
    expect(trianglesOf(graphOf(sizes, { bias })).every((triangle) => triangle === undefined)).toBe(true)
  })

  test('a layer of causal attention has all of them, with padding too', () => {
    const layer = layers.multiHeadAttention({ numHeads: 3, keyDim: 64, useCausalMask: true })
    const x = random([2, 64, 48], 1)
    const attended = (mask?: Tensor) =>
      grad((t: Tensor) =>
        layer
          .apply([t, t], mask === undefined ? {} : { queryMask: mask, valueMask: mask })
          .square()
          .sum(),
      )(x)
    const there = tensor(
      Uint8Array.from({ length: 128 }, (_, i) => (i % 64 < 40 ? 1 : 0)),
      { shape: [2, 64] },
    )
    for (const mask of [undefined, there.cast('bool')])
      expect(trianglesOf([attended(mask).node]).filter(Boolean)).toEqual(halved)
  })
})
