import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import { createEngine } from '../engine/select.ts'
import type { Node } from '../graph/node.ts'
import { conv, grad, maxPool, relu, type Tensor, tensor } from '../index.ts'
import { type Kernel, kernelDomain } from '../kernel/kernel.ts'
import { lowerWithKernels } from '../onnx/lower.ts'
import { optimize } from '../onnx/optimize.ts'
import { expectClose } from '../testing/closeness.ts'
import { numbers } from '../testing/numeric-gradient.ts'
import { valuesOn } from '../testing/values-on.ts'
import { leavesOf } from './program.ts'

interface Convolution {
  /** (N, H, W, I) */
  readonly images: readonly [number, number, number, number]
  readonly filters: number
  readonly window: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: 'same' | 'valid'
}

let engine: Engine
beforeAll(async () => {
  engine = await createEngine()
})

const random = (shape: readonly number[], seed: number): Tensor =>
  tensor(
    Float32Array.from(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        -1,
        1,
        seed,
      ),
    ),
    { shape },
  )

/** relu(conv + bias), conv, and the gradients of a weighted sum of conv to images and kernel. */
function graphOf({ images, filters, window, strides, padding }: Convolution): Node[] {
  const [x, kernel, bias] = [
    random(images, 1),
    random([...window, images[3], filters], 2),
    random([filters], 3),
  ]
  const convolved = (a: Tensor, b: Tensor): Tensor => conv(a, b, { strides, padding })
  const y = convolved(x, kernel)
  const weights = random(y.shape, 4)
  const gradients = grad(([a, b]: readonly Tensor[]) =>
    convolved(a as Tensor, b as Tensor)
      .mul(weights)
      .sum(),
  )([x, kernel])
  return [relu(y.add(bias)), y, ...gradients].map(({ node }) => node)
}

const kernelsOf = (outputs: readonly Node[]): Kernel[] => [
  ...lowerWithKernels({
    inputs: leavesOf(outputs),
    outputs,
    kernelLimits: engine.kernelLimits,
  }).kernels.values(),
]

/** What kernels make of a graph is what the runtime's own operators make of it. */
async function compare(outputs: readonly Node[]): Promise<void> {
  const expected = await valuesOn(engine, optimize(outputs))
  const received = await valuesOn(engine, optimize(outputs, true), engine.kernelLimits)
  expected.forEach((values, i) => {
    expectClose(received[i] as Float32Array, values, { scaled: 1e-5 }, `result ${i}`)
  })
}

const has = (outputs: readonly Node[], kind: Kernel['kind']): boolean =>
  kernelsOf(optimize(outputs, true)).some((kernel) => kernel.kind === kind)

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('convolutions by kernels', () => {
  const size = fc.integer({ min: 1, max: 9 })
  const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }))
  const any = fc.record({
    images: fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, fc.integer({ min: 1, max: 11 })),
    filters: fc.integer({ min: 1, max: 11 }),
    window: pair(4),
    strides: pair(3),
    padding: fc.constantFrom('same' as const, 'valid' as const),
  })
  test('of every kind are those of the operators', async () => {
    await fc.assert(
      fc.asyncProperty(any, async (convolution) => {
        const { images, window, padding } = convolution
        fc.pre(padding === 'same' || window.every((w, i) => w <= (images[i + 1] as number)))
        await compare(graphOf(convolution))
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  const eights = (max: number) => fc.integer({ min: 1, max }).map((n) => 8 * n)
  const squares = fc.record({
    images: fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 6, max: 19 }),
      fc.integer({ min: 6, max: 19 }),
      eights(6),
    ),
    filters: eights(6),
    window: fc.constant([3, 3] as const),
    strides: fc.constant([1, 1] as const),
    padding: fc.constantFrom('same' as const, 'valid' as const),
  })
  test('with windows of 3 × 3 too, which are transformed', async () => {
    let transformed = 0
    await fc.assert(
      fc.asyncProperty(squares, async (convolution) => {
        const outputs = graphOf(convolution)
        if (has(outputs, 'winogradConv')) transformed++
        await compare(outputs)
      }),
      { numRuns: 40 },
    )
    expect(transformed).toBeGreaterThan(20)
  }, 60_000)

  // Several tasks, each of several blocks; transforms that are larger than a cache.
  test.each<Convolution>([
    { images: [16, 32, 32, 32], filters: 32, window: [3, 3], strides: [1, 1], padding: 'same' },
    { images: [24, 4, 4, 264], filters: 272, window: [3, 3], strides: [1, 1], padding: 'same' },
    { images: [9, 13, 13, 64], filters: 40, window: [3, 3], strides: [1, 1], padding: 'valid' },
  ])('of $images to $filters filters', async (convolution) => {
    const outputs = graphOf(convolution)
    expect(has(outputs, 'winogradConv') && has(outputs, 'winogradGradient')).toBe(true)
    await compare(outputs)
  })

  test('whose patches are large are made in portions', async () => {
    const images = [12, 64, 64, 24] as const
    const outputs = graphOf({ images, filters: 4, window: [7, 7], strides: [1, 1], padding: 'same' })
    const firsts = kernelsOf(optimize(outputs, true)).flatMap((k) => (k.kind === 'patches' ? [k.first] : []))
    expect(new Set(firsts).size).toBeGreaterThan(1)
    await compare(outputs)
  }, 30_000)

  test.each([
    [1, 4, 4, 8],
    [2, 7, 9, 5],
    [3, 2, 3, 16],
    [2, 26, 26, 32],
    [1, 5, 2, 19],
  ])('between poolings of [%i, %i, %i, %i]', async (...shape) => {
    const [x, kernel] = [random(shape, 1), random([1, 1, shape[3], 8], 2)]
    // Equal maxima are among them.
    const rounded = x.mul(2).round() as Tensor
    const pooled = (a: Tensor): Tensor =>
      maxPool(conv(maxPool(a), kernel, { padding: 'same' }), { padding: 'same' })
    const outputs = [pooled(rounded), grad((a: Tensor) => pooled(a).square().sum())(rounded) as Tensor]
    await compare(outputs.map(({ node }) => node))
  })

  test('turn no images around, between layers that keep their channels last', () => {
    const x = random([8, 16, 16, 8], 1)
    const [k1, k2, bias] = [random([3, 3, 8, 16], 2), random([3, 3, 16, 24], 3), random([16], 4)]
    const loss = ([a, b]: readonly Tensor[]): Tensor =>
      conv(maxPool(relu(conv(x, a as Tensor, { padding: 'same' }).add(bias))), b as Tensor, { strides: 2 })
        .square()
        .sum()
    const gradients = grad(loss)([k1, k2])
    const outputs = optimize(
      gradients.map(({ node }) => node),
      true,
    )
    const { model } = lowerWithKernels({
      inputs: leavesOf(outputs),
      outputs,
      kernelLimits: engine.kernelLimits,
    })
    const names = model.graph.nodes.map(({ op, domain }) => (domain === kernelDomain ? 'kernel' : op))
    expect(names).not.toContain('Transpose')
    expect(names).not.toContain('Conv')
  })

  test('of one dilated convolution, no one of the graph is one', () => {
    const [x, kernel] = [random([2, 8, 8, 8], 1), random([3, 3, 8, 8], 2)]
    const once = conv(x, kernel)
    const [plain, mixed] = [once, conv(once, kernel, { dilation: 2 })]
    expect(has([plain.node], 'winogradConv')).toBe(true)
    expect(has([mixed.node], 'winogradConv')).toBe(false)
  })
})
