import { describe, expect, test } from 'vitest'
import type { Node } from '../graph/node.ts'
import { createEngine, grad, ops, type Tensor, tensor } from '../index.ts'
import type { ProductKernel } from '../kernel/product.ts'
import { lowerWithKernels } from '../lowering/lower.ts'
import { maskScores, positionMask } from '../ops/attention.ts'
import { optimize } from '../passes/optimize.ts'
import { expectClose } from '../testing/closeness.ts'
import { operatorsOf, valuesOn } from '../testing/values-on.ts'
import { leavesOf } from './program.ts'

const engine = await createEngine()
const limits = engine.kernelLimits

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

/** Heads (batch, steps, heads · dim) → (batch, heads, steps, dim). */
const split = (x: Tensor, { batch, heads, dim }: Sizes): Tensor =>
  x.reshape([batch, -1, heads, dim]).transpose([0, 2, 1, 3])

function attention(q: Tensor, k: Tensor, v: Tensor, causal: boolean, sizes: Sizes): Tensor {
  const { batch, queries, keys, heads, dim } = sizes
  const scores = split(q, sizes).matmul(split(k, sizes).transpose([0, 1, 3, 2]))
  const weights = ops.softmax(maskScores(scores, positionMask(queries, keys, { causal })))
  const mixed = weights.matmul(split(v, sizes))
  return mixed.transpose([0, 2, 1, 3]).reshape([batch, queries, heads * dim])
}

/** Attention, and the gradients of a weighted sum of it. */
function graphOf(sizes: Sizes, causal: boolean): Node[] {
  const { batch, heads, queries, keys, dim } = sizes
  const [q, k, v] = [queries, keys, keys].map((steps, i) => random([batch, steps, heads * dim], i)) as [
    Tensor,
    Tensor,
    Tensor,
  ]
  const of = ([a, b, c]: readonly Tensor[]) => attention(a as Tensor, b as Tensor, c as Tensor, causal, sizes)
  const weights = random([batch, queries, heads * dim], 4)
  const gradients = grad((inputs: readonly Tensor[]) => of(inputs).mul(weights).sum())([q, k, v])
  return [of([q, k, v]), ...gradients].map(({ node }) => node)
}

/** Whether passes and kernels give what the runtime's own operators give. */
async function compare(outputs: readonly Node[]): Promise<void> {
  const expected = await valuesOn(engine, outputs)
  const received = await valuesOn(engine, optimize(outputs, true), limits)
  expected.forEach((values, i) => {
    expectClose(received[i] as Float32Array, values, { scaled: 2e-5 }, `result ${i}`)
  })
}

/** The kernels that multiply, one for each product. */
function productsOf(graph: readonly Node[]): ProductKernel[] {
  const outputs = optimize(graph, true)
  const { model, kernels } = lowerWithKernels({ inputs: leavesOf(outputs), outputs, kernelLimits: limits })
  return model.graph.nodes.flatMap(({ op }) => {
    const kernel = kernels.get(op)
    return kernel?.kind === 'product' ? [kernel] : []
  })
}

describe.skipIf(limits === undefined)('products of batches by kernels', () => {
  test.each([
    { batch: 2, heads: 3, queries: 64, keys: 64, dim: 64 },
    { batch: 1, heads: 4, queries: 80, keys: 80, dim: 32 },
    { batch: 2, heads: 2, queries: 100, keys: 100, dim: 40 },
    { batch: 3, heads: 1, queries: 96, keys: 48, dim: 64 },
    { batch: 1, heads: 2, queries: 900, keys: 900, dim: 64 },
    { batch: 2, heads: 8, queries: 64, keys: 64, dim: 128 },
  ])('attention of $heads heads of $dim, $queries × $keys', async (sizes) => {
    for (const causal of [false, true]) await compare(graphOf(sizes, causal))
  })

  test('heads are read and written where they lie', () => {
    const sizes = { batch: 2, heads: 3, queries: 64, keys: 64, dim: 64 }
    const operators = operatorsOf(optimize(graphOf(sizes, false), true), limits)
    expect(operators).not.toContain('MatMul')
    expect(operators).not.toContain('Transpose')
  })

  test('a causal mask halves all six products', () => {
    const sizes = { batch: 2, heads: 3, queries: 64, keys: 64, dim: 64 }
    const triangles = productsOf(graphOf(sizes, true)).map(({ batch }) => batch?.triangle)
    expect(triangles.toSorted()).toEqual(['lower', 'lower', 'result', 'result', 'upper', 'upper'])
    expect(productsOf(graphOf(sizes, false)).every(({ batch }) => batch?.triangle === undefined)).toBe(true)
  })
})
