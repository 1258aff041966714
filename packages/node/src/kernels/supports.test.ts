import fc from 'fast-check'
import { type ConvolutionRequest, type Kernel, type PoolingRequest, windowsOf } from 'typegrad/engine'
import { describe, expect, test } from 'vitest'
import { checkKernel } from './bounds.ts'
import { supportOf } from './supports.ts'

const narrow = supportOf({ threads: 4, hasAvx512: false })
const wide = supportOf({ threads: 4, hasAvx512: true })

describe('products', () => {
  const product = { matrices: 1, rows: 64, inner: 1024, columns: 128, isTransposed: false }

  test.each([
    ['2²³ multiplications', {}, true],
    ['one row less', { rows: 63, inner: 4096 }, false],
    ['fewer multiplications', { inner: 1023 }, false],
    ['thin products', { rows: 8192, inner: 63 }, false],
    ['narrow ones', { rows: 8192, columns: 31 }, false],
    ['a transpose in whole squares', { isTransposed: true }, true],
    ['a transpose in others', { columns: 132, isTransposed: true }, false],
    [
      'a batch, which the runtime multiplies one by one',
      { matrices: 8, rows: 12, columns: 32, inner: 512 },
      true,
    ],
    ['a batch of fewer', { matrices: 8, rows: 11, columns: 32, inner: 4096 }, false],
  ])('without AVX-512: %s', (_, own, expected) => {
    expect(narrow.supports('product', { ...product, ...own }) !== false).toBe(expected)
  })

  test('with AVX-512 smaller ones pay, in wide tiles', () => {
    const small = { ...product, rows: 12, inner: 1024, columns: 96 }
    expect(narrow.supports('product', small)).toBe(false)
    expect(wide.supports('product', small)).toMatchObject({ tile: 'wide' })
    expect(narrow.supports('product', product)).toMatchObject({ tile: 'narrow' })
  })

  test('each thread gets as many tiles: rows are cut first, columns where there are few rows', () => {
    const tall = { ...product, rows: 4096, columns: 32 }
    expect(narrow.supports('product', tall)).toMatchObject({ parts: [4, 1] })
    // 11 tiles of rows and 8 panels: 11 · 2 is less than 6 · 4 and 3 · 8.
    expect(narrow.supports('product', product)).toMatchObject({ parts: [1, 4] })
    const few = { ...product, matrices: 2 }
    expect(narrow.supports('product', few)).toMatchObject({ packTasks: 1, parts: [1, 4] })
    expect(narrow.supports('product', { ...few, matrices: 4 })).toMatchObject({ parts: [1, 1] })
  })

  test('a loop makes up for packing from 16 steps on', () => {
    const loop = { steps: 16, rows: 32, inner: 128, columns: 512 }
    expect(narrow.supports('loopProduct', loop)).toEqual({ tasks: 4 })
    expect(narrow.supports('loopProduct', { ...loop, rows: 1, columns: 16 })).toEqual({ tasks: 1 })
    for (const own of [{ steps: 15 }, { rows: 129 }, { inner: 15 }])
      expect(narrow.supports('loopProduct', { ...loop, ...own })).toBe(false)
  })
})

const none = [
  [0, 0],
  [0, 0],
] as const
const convolution: ConvolutionRequest = {
  operation: 'conv',
  input: [8, 16, 16, 16],
  output: [8, 14, 14, 32],
  window: [3, 3],
  strides: [1, 1],
  dilation: [1, 1],
  padding: none,
  groups: 1,
}

describe('convolutions', () => {
  test.each<[string, Partial<ConvolutionRequest>, object | false]>([
    ['3 × 3 of whole vectors', {}, { by: 'winograd', tasks: 4 }],
    ['channels that are no whole vectors', { input: [8, 16, 16, 12] }, { by: 'patches', isTransposed: true }],
    ['strides', { strides: [2, 2], output: [8, 7, 7, 33] }, { by: 'patches', isTransposed: false }],
    ['too few squares', { input: [1, 6, 6, 16], output: [1, 4, 4, 32] }, { by: 'patches' }],
    ['more padding than transforms have', { padding: [[3, 0], none[1]] }, { by: 'patches' }],
    ['channels by themselves', { groups: 16, output: [8, 14, 14, 16] }, { by: 'channels', parts: 2 }],
    [
      'channels by themselves under a large window',
      { groups: 16, window: [13, 13], output: [8, 4, 4, 16] },
      false,
    ],
    ['wide groups', { groups: 2 }, { by: 'groups' }],
    ['narrow groups', { groups: 4 }, false],
    [
      'volumes in wide groups',
      { groups: 2, input: [8, 4, 9, 9, 16], output: [8, 2, 7, 7, 32] },
      { by: 'groups' },
    ],
    [
      'a window that cannot be unrolled',
      { window: [65, 64], input: [8, 80, 80, 16], output: [8, 16, 17, 32] },
      false,
    ],
    [
      'an image that is out of reach',
      { window: [1, 1], input: [1, 8192, 8192, 8], output: [1, 8192, 8192, 8] },
      false,
    ],
  ])('%s', (_, own, expected) => {
    const plan = narrow.supports('convolution', { ...convolution, ...own })
    if (expected === false) expect(plan).toBe(false)
    else expect(plan).toMatchObject(expected)
  })

  test('patches of 64 MiB are in memory at a time', () => {
    // 4 bytes · 224² places · 3 · 3 · 32 of what each sees: 57.8 MB an image.
    const large = { ...convolution, input: [4, 448, 448, 32], output: [4, 224, 224, 33], strides: [2, 2] }
    expect(narrow.supports('convolution', large)).toMatchObject({ maxImages: 1 })
    const small = { ...large, input: [4, 28, 28, 32], output: [4, 14, 14, 33] }
    expect(narrow.supports('convolution', small)).toMatchObject({ maxImages: 297 })
  })

  test('every plan makes kernels that code is made for', () => {
    const size = fc.integer({ min: 1, max: 9 })
    const pair = fc.tuple(size, size)
    const any = fc.record({
      images: pair,
      places: pair,
      window: pair,
      channels: size,
      outputs: size,
      n: size,
    })
    fc.assert(
      fc.property(any, ({ images, places, window, channels, outputs, n }) => {
        const request = {
          ...convolution,
          input: [n, ...images, 8 * channels],
          output: [n, ...places, 8 * outputs],
          window,
        }
        const [input, output] = [request.input, request.output]
        const plan = narrow.supports('convolution', request)
        if (plan === false || plan.by === 'groups') throw new Error('a small convolution is supported')
        const kernels: Record<typeof plan.by, Kernel> = {
          patches: { kind: 'patches', ...windowsOf(request), first: 0, count: n },
          channels: { kind: 'channelWindows', ...windowsOf(request), operation: 'conv', parts: 1 },
          winograd: {
            kind: 'winogradConv',
            input,
            output,
            before: [0, 0],
            hasBias: false,
            hasRelu: false,
            tasks: plan.by === 'winograd' ? plan.tasks : 1,
          },
        }
        checkKernel('test', kernels[plan.by])
      }),
    )
  })
})

test('poolings: pairs have a kernel of their own, in both layouts', () => {
  const pairs: PoolingRequest = {
    operation: 'maxGradient',
    input: [8, 16, 16, 16],
    output: [8, 8, 8, 16],
    isChannelsLast: true,
    window: [2, 2],
    strides: [2, 2],
    padding: none,
  }
  expect(narrow.supports('pooling', pairs)).toEqual({ by: 'pairs' })
  expect(narrow.supports('pooling', { ...pairs, isChannelsLast: false })).toEqual({ by: 'pairs' })
  const others = { ...pairs, window: [3, 3] }
  expect(narrow.supports('pooling', others)).toEqual({ by: 'channels', parts: 2 })
  expect(narrow.supports('pooling', { ...others, isChannelsLast: false })).toBe(false)
  expect(narrow.supports('pooling', { ...pairs, operation: 'max' })).toEqual({ by: 'channels', parts: 2 })
  expect(narrow.supports('pooling', { ...pairs, operation: 'max', window: [5, 13] })).toBe(false)
})

test('sums are cut into columns, and a total into those of four vectors', () => {
  const sum = { elements: 1 << 19, columns: 64, isOfSquares: false }
  expect(narrow.supports('sumRows', sum)).toEqual({ rows: 1 << 13, columns: 64, parts: 4 })
  expect(narrow.supports('sumRows', { ...sum, columns: undefined })).toEqual({
    rows: 1 << 14,
    columns: 32,
    parts: 4,
  })
  expect(narrow.supports('sumRows', { ...sum, elements: (1 << 19) + 1, columns: undefined })).toBe(false)
  for (const own of [{ elements: 1 << 14 }, { columns: 4 }, { columns: 1 << 14 }])
    expect(narrow.supports('sumRows', { ...sum, ...own })).toBe(false)
})

test('products of few rows read the matrix where it stands, from the size on where that takes the time', () => {
  const one = { rows: 1, inner: 768, columns: 3072, isTransposed: false }
  expect(narrow.supports('thinProduct', one)).toEqual({ tasks: 4 })
  expect(narrow.supports('thinProduct', { ...one, isTransposed: true, columns: 50257 })).toEqual({ tasks: 4 })
  for (const own of [{ rows: 9 }, { inner: 64 }, { columns: 3071 }, { inner: 767, isTransposed: true }])
    expect(narrow.supports('thinProduct', { ...one, ...own })).toBe(false)
})

test('copies pay from a size on, which differs between the operators', () => {
  const shape = [64, 64]
  expect(narrow.supports('copy', { operator: 'slice', shape })).toBe(true)
  expect(narrow.supports('copy', { operator: 'transpose', shape })).toBe(false)
  expect(narrow.supports('copy', { operator: 'slice', shape: [63, 64] })).toBe(false)
})

test('rows that cannot be addressed are not scattered', () => {
  const rows = { shape: [10, 2 ** 20], count: 4, indexDType: 'int32', hasBase: false } as const
  expect(narrow.supports('scatterAdd', rows)).toBe(true)
  expect(narrow.supports('scatterAdd', { ...rows, shape: [10, 2 ** 29] })).toBe(false)
})

test('rows of few floats are gathered where there are many', () => {
  const pixels = { shape: [5000, 3], size: 9, rows: 5000, columns: 3, indexDType: 'int32' } as const
  expect(narrow.supports('gatherRows', pixels)).toBe(true)
  for (const own of [{ rows: 4095 }, { columns: 9 }, { size: 2 ** 28 }])
    expect(narrow.supports('gatherRows', { ...pixels, ...own })).toBe(false)
})

test('elementwise kernels fit into registers, pointers and whole vectors of bools', () => {
  const input = { kind: 'input', dtype: 'float32', offset: 0, strides: [0, 0, 0, 1] } as const
  const op = (...operands: readonly number[]) => ({ kind: 'op', op: 'add', operands }) as const
  const sumOf = (count: number) => ({
    kind: 'elementwise' as const,
    shape: [30],
    axes: [1, 1, 1, 30] as const,
    values: [
      ...Array.from({ length: count }, () => input),
      ...Array.from({ length: count - 1 }, (_, i) => op(i, i === 0 ? 1 : count + i - 1)),
    ],
    outputs: [2 * count - 2],
  })
  expect(narrow.supports('elementwise', sumOf(4))).toBe(true)
  expect(narrow.supports('elementwise', sumOf(40))).toBe(false)
  const chain = (length: number) => ({
    ...sumOf(2),
    values: [input, ...Array.from({ length }, (_, i) => op(i, i))],
    outputs: [length],
  })
  expect(narrow.supports('elementwise', chain(64))).toBe(true)
  expect(narrow.supports('elementwise', chain(65))).toBe(false)
  const mask = { ...sumOf(2), values: [input, input, { kind: 'op', op: 'less', operands: [0, 1] }] as const }
  expect(narrow.supports('elementwise', mask)).toBe(false)
  expect(narrow.supports('elementwise', { ...mask, shape: [32], axes: [1, 1, 1, 32] })).toBe(true)
  const ofPixels = { kind: 'input', dtype: 'bool', offset: 0, strides: [0, 0, 1, 0] } as const
  const chosen = (pixels: number, channels: number, strides: readonly [number, number, number, number]) => ({
    ...mask,
    shape: [pixels, channels],
    axes: [1, 1, pixels, channels] as const,
    values: [ofPixels, { ...input, strides }, { kind: 'op', op: 'select', operands: [0, 1, 1] }] as const,
  })
  expect(narrow.supports('elementwise', chosen(16, 3, [0, 0, 3, 1]))).toBe(true)
  expect(narrow.supports('elementwise', chosen(16, 3, [0, 0, 0, 1]))).toBe(true)
  // No whole vectors, and channels that stand apart.
  expect(narrow.supports('elementwise', chosen(15, 3, [0, 0, 3, 1]))).toBe(false)
  expect(narrow.supports('elementwise', chosen(16, 3, [0, 0, 4, 1]))).toBe(false)
  expect(narrow.supports('elementwise', chosen(15, 8, [0, 0, 8, 1]))).toBe(true)
})
