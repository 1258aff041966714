import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import { createEngine } from '../engine/select.ts'
import type { Node } from '../graph/node.ts'
import { grad, ops, type Tensor, tensor } from '../index.ts'
import { type Kernel, kernelDomain } from '../kernel/kernel.ts'
import { lowerWithKernels } from '../lowering/lower.ts'
import { optimize } from '../passes/optimize.ts'
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
  readonly dilation?: readonly [number, number]
  /** Whether each channel is convolved by itself; `filters` counts for nothing then. */
  readonly isDepthwise?: boolean
  /** Whether images are one row, and the graph is made of sequences. */
  readonly isSequence?: boolean
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
function graphOf(convolution: Convolution): Node[] {
  const { images, filters, window, strides, padding, dilation = [1, 1] } = convolution
  const { isDepthwise = false, isSequence = false } = convolution
  const channels = images[3]
  const outputs = isDepthwise ? channels : filters
  const from = isSequence ? 1 : 0
  const along = <T>(sizes: readonly T[]): T[] => sizes.slice(from)
  const [x, kernel, bias] = [
    random([images[0], ...along(images.slice(1, 3)), channels], 1),
    random([...along(window), isDepthwise ? 1 : channels, outputs], 2),
    random([outputs], 3),
  ]
  const options = { strides: along(strides), padding, dilation: along(dilation) }
  const convolved = (a: Tensor, b: Tensor): Tensor =>
    ops.conv(a, b, { ...options, groups: isDepthwise ? channels : 1 })
  const y = convolved(x, kernel)
  const weights = random(y.shape, 4)
  const gradients = grad(([a, b]: readonly Tensor[]) =>
    convolved(a as Tensor, b as Tensor)
      .mul(weights)
      .sum(),
  )([x, kernel])
  return [ops.relu(y.add(bias)), y, ...gradients].map(({ node }) => node)
}

const kernelsOf = (outputs: readonly Node[]): Kernel[] => [
  ...lowerWithKernels({
    inputs: leavesOf(outputs),
    outputs,
    kernelSupport: engine.kernelSupport,
  }).kernels.values(),
]

/** What kernels make of a graph is what the runtime's own operators make of it. */
async function compare(outputs: readonly Node[]): Promise<void> {
  const expected = await valuesOn(engine, optimize(outputs))
  const received = await valuesOn(engine, optimize(outputs, engine.kernelSupport), engine.kernelSupport)
  expected.forEach((values, i) => {
    expectClose(received[i] as Float32Array, values, { scaled: 1e-5 }, `result ${i}`)
  })
}

const has = (outputs: readonly Node[], kind: Kernel['kind']): boolean =>
  kernelsOf(optimize(outputs, engine.kernelSupport)).some((kernel) => kernel.kind === kind)

describe.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('convolutions by kernels', () => {
  const size = fc.integer({ min: 1, max: 9 })
  const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }))
  const any = fc.record({
    images: fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, fc.integer({ min: 1, max: 11 })),
    filters: fc.integer({ min: 1, max: 11 }),
    window: pair(4),
    strides: pair(3),
    padding: fc.constantFrom('same' as const, 'valid' as const),
    dilation: pair(3),
    isDepthwise: fc.boolean(),
    isSequence: fc.boolean(),
  })
  const span = (size: number, dilation: number): number => (size - 1) * dilation + 1
  test('of every kind are those of the operators', async () => {
    await fc.assert(
      fc.asyncProperty(any, async (convolution) => {
        const { images, window, padding, dilation } = convolution
        const spans = window.map((w, i) => span(w, dilation[i] as number))
        fc.pre(padding === 'same' || spans.every((w, i) => w <= (images[i + 1] as number)))
        await compare(graphOf(convolution))
      }),
      { numRuns: 100 },
    )
  }, 60_000)

  const pools = fc.record({
    shape: fc.tuple(fc.integer({ min: 1, max: 3 }), size, size, fc.integer({ min: 1, max: 19 })),
    poolSize: pair(4),
    strides: pair(4),
    padding: fc.constantFrom('same' as const, 'valid' as const),
    isSequence: fc.boolean(),
    pool: fc.constantFrom(ops.maxPool, ops.averagePool),
  })
  test('beside poolings of every size', async () => {
    await fc.assert(
      fc.asyncProperty(pools, async ({ shape, poolSize, strides, padding, isSequence, pool }) => {
        fc.pre(padding === 'same' || poolSize.every((w, i) => w <= (shape[i + 1] as number)))
        const from = isSequence ? 1 : 0
        const x = random([shape[0], ...shape.slice(1 + from)], 1)
        const options = { poolSize: poolSize.slice(from), strides: strides.slice(from), padding }
        const y = pool(x, options)
        const weights = random(y.shape, 2)
        const gradient = grad((a: Tensor) => pool(a, options).mul(weights).sum())(x)
        await compare([y.node, gradient.node])
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('that no kernel computes are the runtime’s own beside those that kernels do', async () => {
    const x = random([2, 8, 8, 8], 1)
    const [k1, k2, k3] = [random([3, 3, 8, 8], 2), random([3, 3, 4, 8], 3), random([3, 3, 8, 8], 4)]
    const mixed = ([a, b, c]: readonly Tensor[]): Tensor =>
      ops.conv(ops.conv(ops.conv(x, a as Tensor), b as Tensor, { groups: 2 }), c as Tensor, { dilation: 1 })
    const gradients = grad((kernels: readonly Tensor[]) => mixed(kernels).square().sum())([k1, k2, k3])
    const outputs = [mixed([k1, k2, k3]), ...gradients].map(({ node }) => node)
    expect(has(outputs, 'winogradConv')).toBe(true)
    await compare(outputs)
  })

  test('give the first of equal maxima the gradient of a window that overlaps others', async () => {
    const x = tensor([[[[1], [1], [0], [1]]]]) // (1, 1, 4, 1)
    const slopes = grad((a: Tensor) => ops.maxPool(a, { poolSize: [1, 3], strides: 1 }).sum())(x)
    const [values] = await valuesOn(
      engine,
      optimize([slopes.node], engine.kernelSupport),
      engine.kernelSupport,
    )
    expect([...(values as Float32Array)]).toEqual([1, 1, 0, 0])
  })

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
    const firsts = kernelsOf(optimize(outputs, engine.kernelSupport)).flatMap((k) =>
      k.kind === 'patches' ? [k.first] : [],
    )
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
    const rounded = x.mul(2).round()
    const pooled = (a: Tensor): Tensor =>
      ops.maxPool(ops.conv(ops.maxPool(a), kernel, { padding: 'same' }), { padding: 'same' })
    const outputs = [pooled(rounded), grad((a: Tensor) => pooled(a).square().sum())(rounded)]
    await compare(outputs.map(({ node }) => node))
  })

  test('turn no images around, between layers that keep their channels last', () => {
    const x = random([8, 16, 16, 8], 1)
    const [k1, k2, bias] = [random([3, 3, 8, 16], 2), random([3, 3, 16, 24], 3), random([16], 4)]
    const loss = ([a, b]: readonly Tensor[]): Tensor =>
      ops
        .conv(ops.maxPool(ops.relu(ops.conv(x, a as Tensor, { padding: 'same' }).add(bias))), b as Tensor, {
          strides: 2,
        })
        .square()
        .sum()
    const gradients = grad(loss)([k1, k2])
    const outputs = optimize(
      gradients.map(({ node }) => node),
      engine.kernelSupport,
    )
    const { model } = lowerWithKernels({
      inputs: leavesOf(outputs),
      outputs,
      kernelSupport: engine.kernelSupport,
    })
    const names = model.graph.nodes.map(({ op, domain }) => (domain === kernelDomain ? 'kernel' : op))
    expect(names).not.toContain('Conv')
    // Matrices of a kernel's gradient alone, (O, 1, window · I).
    const turned = model.graph.nodes.filter(({ op }) => op === 'Transpose')
    expect(turned.map(({ attributes }) => attributes?.perm)).toEqual(
      turned.map(() => ({ type: 'ints', value: [2, 1, 0] })),
    )
  })
})
