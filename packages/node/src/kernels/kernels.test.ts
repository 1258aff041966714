import fc from 'fast-check'
import {
  type Axes,
  type ElementwiseKernel,
  encodeModel,
  type Kernel,
  type KernelDType,
  type KernelOp,
  type KernelValue,
  kernelDomain,
  kernelOps,
  type OnnxValue,
  registersNeeded,
  type Shape,
  type Strides,
  signatureOf,
  sizeOf,
  type TypedArray,
} from 'typegrad/engine'
import { expectClose, interpretKernel, numbers } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import { createNodeEngine } from '../engine.ts'
import { maxRegisters } from './elementwise-body.ts'
import { currentProcessor } from './kernels.ts'

/** Runs a model that is one kernel, whose only output is written over the input `over` if that is given. */
async function runKernel(
  kernel: Kernel,
  inputs: readonly TypedArray[],
  over?: number,
): Promise<TypedArray[]> {
  const engine = await createNodeEngine()
  const signature = signatureOf(kernel)
  const shapeOf = (i: number): Shape =>
    i === over ? (signature.outputs[0]?.shape ?? []) : [inputs[i]?.length as number]
  const values = (kind: string, list: readonly OnnxValue[]) =>
    list.map(({ dtype, shape }, i): OnnxValue => ({ name: `${kind}${i}`, dtype, shape }))
  const given = values(
    'x',
    signature.inputs.map(({ dtype }, i) => ({ name: '', dtype, shape: shapeOf(i) })),
  )
  const made = values(
    'y',
    signature.outputs.map((output) => ({ name: '', ...output })),
  )
  const names = (list: readonly OnnxValue[]) => list.map(({ name }) => name)
  const model = encodeModel({
    opset: 21,
    domains: [kernelDomain],
    graph: {
      name: 'kernel',
      nodes: [{ op: 'Only', domain: kernelDomain, inputs: names(given), outputs: names(made) }],
      inputs: given,
      outputs: made,
      initializers: [],
    },
  })
  const executable = await engine.load(model, { kernels: new Map([['Only', kernel]]) })
  const read = signature.inputs.map(({ dtype }, i) =>
    engine.upload(inputs[i] as TypedArray, dtype, shapeOf(i)),
  )
  const storages =
    over === undefined
      ? signature.outputs.map(({ dtype, shape }) => engine.allocate(dtype, shape))
      : read.slice(over, over + 1)
  await executable.run(read, storages)
  executable.dispose()
  return await Promise.all(storages.map((storage) => engine.read(storage)))
}

/**
 * The same numbers, signs of zero included, as `toEqual` compares them: that takes some microseconds for each of the millions
 * of numbers here, and would print those that differ for minutes.
 */
function expectSame(
  received: readonly ArrayLike<number | bigint>[],
  expected: readonly ArrayLike<number | bigint>[],
): void {
  expect(received.map(({ length }) => length)).toEqual(expected.map(({ length }) => length))
  for (const [output, wanted] of expected.entries()) {
    const got = received[output]
    for (let i = 0; i < wanted.length; i++) {
      if (!Object.is(got?.[i], wanted[i]))
        expect.fail(`output ${output}, element ${i}: expected ${wanted[i]}, received ${got?.[i]}`)
    }
  }
}

/** One operation on inputs of `length` elements that lie as the output does. */
function single(op: KernelOp, length: number): ElementwiseKernel {
  const isLogical = ['not', 'and', 'or', 'xor'].includes(op)
  const operands = Array.from({ length: kernelOps[op] }, (_, i) => i)
  const inputs = operands.map((i): KernelValue => {
    const dtype: KernelDType =
      isLogical || op === 'toFloat' || (op === 'select' && i === 0) ? 'bool' : 'float32'
    return { kind: 'input', dtype, offset: 0, strides: [0, 0, 0, 1] }
  })
  return {
    kind: 'elementwise',
    shape: [length],
    axes: [1, 1, 1, length],
    values: [...inputs, { kind: 'op', op, operands }],
    outputs: [operands.length],
  }
}

const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  3.5,
  1e-45,
  1e38,
  -1e38,
  Infinity,
  -Infinity,
  Number.NaN,
  88.7,
  -87.4,
  20,
]

/** Approximations may differ in the last digits; everything else must be what IEEE says. */
const approximate: ReadonlySet<KernelOp> = new Set(['exp', 'tanh', 'sigmoid'])

describe.runIf(currentProcessor().hasAvx2)('kernels as machine code', () => {
  test.each(Object.keys(kernelOps) as KernelOp[])('%s', async (op) => {
    const count = 16 * 16
    const all = [
      Float32Array.from({ length: count }, (_, i) => special[i % 16] as number),
      Float32Array.from({ length: count }, (_, i) => special[Math.floor(i / 16)] as number),
      Float32Array.from({ length: count }, (_, i) => i),
    ]
    const kernel = single(op, count)
    const bools = Uint8Array.from({ length: count }, (_, i) => (i >> 1) & 1)
    const others = Uint8Array.from({ length: count }, (_, i) => (i >> 2) & 1)
    const inputs = signatureOf(kernel).inputs.map(({ dtype }, i) =>
      dtype === 'bool' ? (i === 0 ? bools : others) : (all[i] as Float32Array),
    )
    const [expected] = interpretKernel(kernel, inputs)
    const [received] = await runKernel(kernel, inputs)
    if (!approximate.has(op)) {
      // Of +0 and −0 either is the larger.
      const isExtreme = op === 'max' || op === 'min' || op === 'relu'
      const known = (values: ArrayLike<number> | undefined) =>
        Array.from(values ?? [], (value) => (isExtreme ? value + 0 : value))
      expect(known(received as Float32Array)).toEqual(known(expected))
      return
    }
    for (let i = 0; i < count; i++) {
      const [e, r] = [expected?.[i] as number, Number(received?.[i])]
      const isClose = Object.is(e, r) || Math.abs(e - r) <= Math.abs(e) * 3e-7 + 1e-44
      if (!isClose) expect.fail(`${op}(${all[0]?.[i]}): expected ${e}, received ${r}`)
    }
  })

  test('tanh and the exponentials over their whole range', async () => {
    const x = Float32Array.from({ length: 20_000 }, (_, i) => (i - 10_000) / 90)
    for (const op of ['exp', 'tanh', 'sigmoid'] as const) {
      const kernel = single(op, x.length)
      const [expected] = interpretKernel(kernel, [x])
      const [received] = await runKernel(kernel, [x])
      // Two units of the last of float32's 24 bits; what is denormal may be zero.
      expected?.forEach((e, i) => {
        const off = Math.abs(Number(received?.[i]) - e)
        if (!(off <= Math.abs(e) * 2 ** -22 + 1.2e-38) && e !== Infinity)
          expect.fail(`${op}(${x[i]}): ${e}, ${received?.[i]}`)
      })
    }
  })

  test.each([1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 1000, 70_001, 400_000])('%i elements', async (length) => {
    const kernel = single('mul', length)
    const [a, b] = [numbers(length, -3, 3, 1), numbers(length, -3, 3, 2)].map((x) => Float32Array.from(x))
    const inputs = [a, b] as [Float32Array, Float32Array]
    expectSame(await runKernel(kernel, inputs), interpretKernel(kernel, inputs))
  })

  const axis = fc.integer({ min: 1, max: 9 })
  /** Strides of an input: regular, broadcast along some axes, or spread out as a slice or transpose would be. */
  const input = fc.record({
    order: fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
    kept: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean()),
    gap: fc.integer({ min: 0, max: 3 }),
    offset: fc.integer({ min: 0, max: 5 }),
  })
  const exactOps: readonly KernelOp[] = [
    'copy',
    'neg',
    'abs',
    'relu',
    'floor',
    'ceil',
    'round',
    'add',
    'sub',
    'mul',
    'max',
    'min',
  ]
  // What jumps has no place behind an approximation: its last digit would decide.
  const jumps: ReadonlySet<KernelOp> = new Set(['floor', 'ceil', 'round'])
  const smoothOps: readonly KernelOp[] = [...exactOps.filter((op) => !jumps.has(op)), ...approximate]
  const randomKernel = (ops: readonly KernelOp[]) =>
    fc.record({
      axes: fc.tuple(axis, axis, axis, fc.integer({ min: 1, max: 40 })),
      inputs: fc.array(input, { minLength: 1, maxLength: 4 }),
      ops: fc.array(fc.record({ op: fc.constantFrom(...ops), at: fc.tuple(fc.nat(99), fc.nat(99)) }), {
        minLength: 1,
        maxLength: 12,
      }),
    })

  test.each([
    { kind: 'exact', ops: exactOps, isExact: true },
    { kind: 'smooth', ops: smoothOps, isExact: false },
  ])('random kernels of $kind operations are what the interpreter says', async ({ ops, isExact }) => {
    await fc.assert(
      fc.asyncProperty(randomKernel(ops), async (random) => {
        const { axes } = random
        const values: KernelValue[] = []
        const lengths: number[] = []
        for (const { order, kept, gap, offset } of random.inputs) {
          const strides: [number, number, number, number] = [0, 0, 0, kept[3] ? 1 : 0]
          let stride = axes[3] + gap
          for (const i of order) {
            strides[i] = kept[i] ? stride : 0
            stride *= axes[i] as number
          }
          values.push({ kind: 'input', dtype: 'float32', offset, strides: strides as Strides })
          lengths.push(offset + strides.reduce((sum, s, i) => sum + s * ((axes[i] as number) - 1), 1))
        }
        const [least, most] = [values.length, values.length + 1]
        for (const value of [-1, 1, 0.37]) values.push({ kind: 'constant', value })
        const first = values.length
        for (const { op, at } of random.ops) {
          const pick = (n: number) => values.length - 1 - (n % Math.min(values.length, 6))
          values.push({ kind: 'op', op, operands: at.slice(0, kernelOps[op]).map(pick) })
          // Everything stays near 1, so that a difference is an error and no blow-up.
          if (isExact) {
            values.push({ kind: 'op', op: 'max', operands: [values.length - 1, least] })
            values.push({ kind: 'op', op: 'min', operands: [values.length - 1, most] })
          } else {
            values.push({ kind: 'op', op: 'tanh', operands: [values.length - 1] })
          }
        }
        const last = values.length - 1
        const kernel: ElementwiseKernel = {
          kind: 'elementwise',
          shape: [...axes],
          axes: axes as Axes,
          values,
          outputs: [first, last],
        }
        fc.pre(registersNeeded(kernel) <= maxRegisters)
        const data = lengths.map((length, i) => Float32Array.from(numbers(length, -1, 1, i + 1)))
        const received = (await runKernel(kernel, data)) as Float32Array[]
        interpretKernel(kernel, data).forEach((expected, i) => {
          const result = received[i] as Float32Array
          // Of +0 and −0 either is the larger.
          if (isExact) expectSame([result.map((x) => x + 0)], [expected.map((x) => x + 0)])
          else expectClose(result, expected as Float32Array, { scaled: 1e-5 }, `output ${i}`)
        })
      }),
      { numRuns: 150 },
    )
  })

  test.each([
    [1, 1, 2, 2],
    [2, 3, 4, 4],
    [1, 2, 5, 7],
    [3, 5, 26, 26],
    [2, 2, 11, 11],
    [1, 1, 3, 17],
    [2, 1, 64, 30],
    [40, 16, 28, 28],
  ])('the gradient of max-pooling of [%i, %i, %i, %i]', async (...shape) => {
    const [batch, channels, height, width] = shape
    const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)]
    // Few different numbers: windows with two, three and four equal maxima are among them.
    const x = Float32Array.from(numbers(sizeOf(shape), 0, 3, 1), Math.round)
    const [maxima, g] = [0, 0].map(() => new Float32Array(batch * channels * rows * columns)) as [
      Float32Array,
      Float32Array,
    ]
    g.set(numbers(g.length, -1, 1, 2))
    const expected = new Float32Array(x.length)
    maxima.forEach((_, window) => {
      const [plane, row, column] = [
        Math.floor(window / (rows * columns)),
        Math.floor(window / columns) % rows,
        window % columns,
      ]
      const corner = plane * height * width + 2 * row * width + 2 * column
      const places = [corner, corner + 1, corner + width, corner + width + 1]
      maxima[window] = Math.max(...places.map((place) => x[place] as number))
      const first = places.find((place) => x[place] === maxima[window]) as number
      expected[first] = g[window] as number
    })
    const [received] = await runKernel({ kind: 'maxPoolGradient', shape, isChannelsLast: false }, [
      x,
      maxima,
      g,
    ])
    // Not `toEqual`: half a million elements that differ would be printed for minutes.
    expect((received as Float32Array).findIndex((value, i) => value !== expected[i])).toBe(-1)
  })

  test.each([
    { rows: 1, columns: 8, parts: 1 },
    { rows: 129, columns: 9, parts: 2 },
    { rows: 1000, columns: 32, parts: 3 },
    { rows: 257, columns: 71, parts: 2 },
    { rows: 5, columns: 100, parts: 4 },
    { rows: 3, columns: 5, parts: 2 },
    // The last of several chunks of four vectors ends with a part of one.
    { rows: 129, columns: 255, parts: 1 },
    { rows: 40, columns: 57, parts: 2 },
    { rows: 40, columns: 63, parts: 1 },
    { rows: 40, columns: 25, parts: 1 },
  ])('sums of columns: $rows rows of $columns in $parts parts', async ({ rows, columns, parts }) => {
    // Whole numbers, so that every order of adding gives the same.
    const x = Float32Array.from({ length: rows * columns }, (_, i) => ((i * 7) % 23) - 11)
    const expected = new Float32Array(parts * columns)
    const squares = new Float32Array(parts * columns)
    x.forEach((value, i) => {
      const part = Math.floor(Math.floor(i / columns) / Math.ceil(rows / parts))
      const place = part * columns + (i % columns)
      expected[place] = (expected[place] as number) + value
      squares[place] = (squares[place] as number) + value * value
    })
    const kernel = { kind: 'sumRows', rows, columns, parts } as const
    expectSame(await runKernel({ ...kernel, isOfSquares: false }, [x]), [expected])
    expectSame(await runKernel({ ...kernel, isOfSquares: true }, [x]), [squares])
  })

  test.each([
    { rows: 1, inner: 3, columns: 16, tasks: 1 },
    { rows: 6, inner: 16, columns: 32, tasks: 2 },
    { rows: 32, inner: 128, columns: 512, tasks: 2 },
    { rows: 13, inner: 21, columns: 80, tasks: 2 },
    { rows: 7, inner: 130, columns: 48, tasks: 4 },
    { rows: 100, inner: 5, columns: 16, tasks: 3 },
  ])('products with panels: ($rows × $inner) · ($inner × $columns) in $tasks', async (sizes) => {
    const { rows, inner, columns } = sizes
    // Whole numbers, so that every order of adding gives the same.
    const whole = (length: number, factor: number) =>
      Float32Array.from({ length }, (_, i) => ((i * factor) % 19) - 9)
    const [a, b] = [whole(rows * inner, 7), whole(inner * columns, 5)]
    const panels = new Float32Array(b.length)
    b.forEach((value, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns]
      panels[(Math.floor(column / 16) * inner + row) * 16 + (column % 16)] = value
    })
    for (const added of [undefined, 'row', 'matrix'] as const) {
      const more = whole(added === 'matrix' ? rows * columns : columns, 11)
      const expected = new Float32Array(rows * columns)
      expected.forEach((_, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns]
        let sum = added === undefined ? 0 : (more[added === 'row' ? column : i] as number)
        for (let k = 0; k < inner; k++)
          sum += (a[row * inner + k] as number) * (b[k * columns + column] as number)
        expected[i] = sum
      })
      const given = [a, panels, ...(added === undefined ? [] : [more])]
      expectSame(await runKernel({ kind: 'panelProduct', ...sizes, added }, given), [expected])
    }
  })

  describe.each([
    { tile: 'narrow', width: 16, height: 6 },
    { tile: 'wide', width: 32, height: 14 },
  ] as const)('products of large matrices, $tile tiles', ({ tile, width, height }) => {
    // Every processor that has wide ones can do narrow ones too.
    const testTile = test.skipIf(tile === 'wide' && !currentProcessor().hasAvx512)
    const whole = (count: number, step: number) =>
      Float32Array.from({ length: count }, (_, i) => ((i * step) % 11) - 5)

    testTile.each([
      { inner: 8, columns: 32 },
      { inner: 7, columns: 75 },
      { inner: 40, columns: 104 },
      { inner: 3, columns: 5 },
    ])('b in panels: $inner × $columns', async ({ inner, columns }) => {
      const b = whole(inner * columns, 7)
      const panels = Math.ceil(columns / width)
      const expected = Float32Array.from({ length: panels * inner * width }, (_, at) => {
        const [panel, row, column] = [
          Math.floor(at / (width * inner)),
          Math.floor(at / width) % inner,
          at % width,
        ]
        const j = width * panel + column
        return j < columns ? (b[row * columns + j] as number) : 0
      })
      const turned = Float32Array.from(
        b,
        (_, at) => b[(at % inner) * columns + Math.floor(at / inner)] as number,
      )
      for (const tasks of [1, 2]) {
        const kernel = { kind: 'packPanels', tile, inner, columns, tasks } as const
        expectSame(await runKernel({ ...kernel, isTransposed: false }, [b]), [expected])
        if (inner % 8 !== 0 || columns % 8 !== 0) continue
        expectSame(await runKernel({ ...kernel, isTransposed: true }, [turned]), [expected])
      }
    })

    // One tile and several of two heights; rows that are pages apart; sums in one block and in several; so many columns
    // that blocks are copied into tiles.
    testTile.each([
      { rows: 14, inner: 8, columns: 32 },
      { rows: 3, inner: 5, columns: 7 },
      { rows: 45, inner: 33, columns: 80 },
      { rows: 100, inner: 1024, columns: 40 },
      { rows: 130, inner: 900, columns: 33 },
      { rows: 20, inner: 2048, columns: 64 },
      { rows: 60, inner: 1600, columns: 45 },
      { rows: 45, inner: 33, columns: 264 },
      { rows: 130, inner: 900, columns: 280 },
      { rows: 4, inner: 7, columns: 256 },
    ])('$rows × $inner · $inner × $columns', async ({ rows, inner, columns }) => {
      // Whole numbers, so that every order of adding gives the same.
      const [a, b, bias] = [whole(rows * inner, 3), whole(inner * columns, 7), whole(columns, 5)]
      const [panels] = (await runKernel(
        { kind: 'packPanels', tile, inner, columns, isTransposed: false, tasks: 1 },
        [b],
      )) as [Float32Array]
      const turned = Float32Array.from(a, (_, at) => a[(at % rows) * inner + Math.floor(at / rows)] as number)
      const product = new Float32Array(rows * columns)
      for (let i = 0; i < rows; i++)
        for (let l = 0; l < inner; l++)
          for (let j = 0; j < columns; j++)
            product[i * columns + j] =
              (product[i * columns + j] as number) +
              (a[i * inner + l] as number) * (b[l * columns + j] as number)
      const cases = [
        { isTransposed: false, hasBias: false, hasRelu: false, parts: [1, 1] },
        { isTransposed: true, hasBias: false, hasRelu: true, parts: [2, 1] },
        { isTransposed: false, hasBias: true, hasRelu: false, parts: [1, 2] },
        { isTransposed: true, hasBias: true, hasRelu: true, parts: [3, 2] },
      ] as const
      for (const how of cases) {
        const expected = product.map((sum, at) => {
          const value = how.hasBias ? sum + (bias[at % columns] as number) : sum
          return how.hasRelu ? Math.max(0, value) : value
        })
        const kernel = {
          kind: 'product',
          tile,
          shape: [rows, columns],
          rows,
          inner,
          columns,
          ...how,
        } as const
        const given = [how.isTransposed ? turned : a, panels, ...(how.hasBias ? [bias] : [])]
        // Behind the product comes what its blocks are copied into.
        const [received] = (await runKernel(kernel, given)) as [Float32Array]
        expectSame([received], [expected])
      }
    })

    // Heads beside each other in memory; one tile and several, one block and several, rows that are pages apart.
    testTile.each([
      { rows: 24, inner: 16, columns: 32, heads: 3 },
      { rows: 45, inner: 45, columns: 40, heads: 3, triangle: 'lower' },
      { rows: 45, inner: 45, columns: 40, heads: 3, triangle: 'upper' },
      { rows: 72, inner: 64, columns: 72, heads: 3, triangle: 'result' },
      { rows: 900, inner: 900, columns: 33, heads: 1, triangle: 'lower' },
      { rows: 900, inner: 900, columns: 33, heads: 1, triangle: 'upper' },
      { rows: 70, inner: 512, columns: 48, heads: 2 },
      { rows: 128, inner: 128, columns: 16, heads: 8, triangle: 'lower' },
      { rows: 30, inner: 21, columns: 272, heads: 3 },
      { rows: 520, inner: 520, columns: 264, heads: 1, triangle: 'lower' },
      { rows: 520, inner: 520, columns: 264, heads: 1, triangle: 'upper' },
    ] as const)('$heads heads of $rows × $inner · $inner × $columns, $triangle', async (how) => {
      const { rows, inner, columns, heads } = how
      const triangle = 'triangle' in how ? how.triangle : undefined
      const sizes = [2, heads] as const
      const isZero = (i: number, l: number): boolean =>
        triangle === 'lower' ? l > i : triangle === 'upper' ? l < i : false
      const elementA = (m: number, i: number, l: number) =>
        isZero(i, l) ? 0 : ((m * 7 + i * 5 + l * 3) % 11) - 5
      const elementB = (m: number, l: number, j: number) => ((m * 3 + l * 7 + j * 2) % 13) - 6
      /** (batch, heads, rows, columns) in memory as (batch, rows, heads, columns), or with rows and columns turned. */
      const laid = (
        n: number,
        k: number,
        isTurned: boolean,
        of: (m: number, i: number, j: number) => number,
      ) => {
        const data = new Float32Array(2 * heads * n * k)
        const [row, column] = isTurned ? [1, heads * n] : [heads * k, 1]
        const head = isTurned ? n : k
        for (let m = 0; m < 2 * heads; m++)
          for (let i = 0; i < n; i++)
            for (let j = 0; j < k; j++)
              data[Math.floor(m / heads) * heads * n * k + (m % heads) * head + i * row + j * column] = of(
                m,
                i,
                j,
              )
        return { data, strides: { batch: [heads * n * k, head] as const, row, inner: column } }
      }
      // Rows of a and columns of b, each one piece: the sums below are hundreds of millions of products.
      const piecesOf = (count: number, of: (m: number, i: number, l: number) => number) =>
        Array.from({ length: 2 * heads }, (_, m) =>
          Array.from({ length: count }, (_, i) =>
            Float32Array.from({ length: inner }, (_, l) => of(m, i, l)),
          ),
        )
      const rowsOfA = piecesOf(rows, elementA)
      const columnsOfB = piecesOf(columns, (m, j, l) => elementB(m, l, j))
      const expected = laid(rows, columns, false, (m, i, j) => {
        const [row, column] = [rowsOfA[m]?.[i], columnsOfB[m]?.[j]] as [Float32Array, Float32Array]
        let sum = 0
        for (let l = 0; l < inner; l++) sum += (row[l] as number) * (column[l] as number)
        return sum
      })
      for (const isTurned of [false, true]) {
        const a = laid(rows, inner, isTurned, elementA)
        const canTurn = isTurned && inner % 8 === 0 && columns % 8 === 0
        const b = laid(inner, columns, canTurn, elementB)
        const row = canTurn ? b.strides.inner : b.strides.row
        const [panels] = (await runKernel(
          {
            kind: 'packPanels',
            tile,
            inner,
            columns,
            isTransposed: canTurn,
            tasks: 1,
            batch: { sizes, strides: { batch: b.strides.batch, row } },
          },
          [b.data],
        )) as [Float32Array]
        const [c] = (await runKernel(
          {
            kind: 'product',
            tile,
            shape: [2, rows, heads, columns],
            rows,
            inner,
            columns,
            isTransposed: false,
            hasBias: false,
            hasRelu: false,
            parts: isTurned ? [2, 2] : [1, 1],
            batch: { sizes, a: a.strides, c: expected.strides, ...(triangle && { triangle }) },
          },
          [a.data, panels],
        )) as [Float32Array]
        if (triangle !== 'result') {
          expectSame([c], [expected.data])
          continue
        }
        // By tiles: either the product or 0 above the diagonal, where some tiles are left out.
        let zeros = 0
        expected.data.forEach((value, at) => {
          const [i, j] = [Math.floor(at / (heads * columns)) % rows, at % columns]
          if (j > i && c[at] === 0 && value !== 0) zeros += 1
          else if (c[at] !== value) throw new Error(`${c[at]} instead of ${value} at row ${i}, column ${j}`)
        })
        expect(zeros).toBeGreaterThan(0)
      }
    })

    testTile('NaN passes through relu', async () => {
      const sizes = { rows: height, inner: 8, columns: width }
      const a = whole(height * 8, 3).fill(Number.NaN, 8, 16)
      const panels = whole(8 * width, 7)
      const kernel = { kind: 'product', tile, shape: [height, width], ...sizes, parts: [1, 1] } as const
      const [c] = (await runKernel({ ...kernel, isTransposed: false, hasBias: false, hasRelu: true }, [
        a,
        panels,
      ])) as [Float32Array]
      expect([...c].map(Number.isNaN)).toEqual(
        Array.from({ length: height * width }, (_, at) => Math.floor(at / width) === 1),
      )
    })
  })

  test.each([
    { shape: [5], count: 40 },
    { shape: [1, 3], count: 9 },
    { shape: [7, 8], count: 0 },
    { shape: [65, 384], count: 1024 },
    { shape: [3, 4, 33], count: 500 },
    { shape: [2, 770], count: 600 },
    { shape: [3000, 100], count: 2000 },
    { shape: [5000, 72], count: 4000 },
  ])('sums of rows by index: $count into $shape', async ({ shape, count }) => {
    const columns = sizeOf(shape.slice(1))
    const [size = 0] = shape
    const base = Float32Array.from({ length: size * columns }, (_, i) => i % 13)
    // Whole numbers, so that every order of adding gives the same.
    const updates = Float32Array.from({ length: count * columns }, (_, i) => (i % 17) - 8)
    for (const indexDType of ['int32', 'int64'] as const) {
      // From −size to size − 1, and two that are beyond.
      const places = Array.from({ length: count }, (_, i) => ((i * 7) % (2 * size + 2)) - size)
      const expected = new Float32Array(size * columns)
      places.forEach((place, i) => {
        const row = place < 0 ? place + size : place
        if (row >= size) return
        for (let c = 0; c < columns; c++)
          expected[row * columns + c] =
            (expected[row * columns + c] as number) + (updates[i * columns + c] as number)
      })
      const indices =
        indexDType === 'int32'
          ? Int32Array.from(places)
          : BigInt64Array.from(places, (place) => BigInt(place))
      const kernel = { kind: 'scatterAdd', shape, count, indexDType, hasBase: false } as const
      const sums = expected.map((sum, i) => sum + (base[i] as number))
      const withBase = { ...kernel, hasBase: true }
      for (const [received, wanted] of [
        [await runKernel(kernel, [indices, updates]), expected],
        [await runKernel(withBase, [indices, updates, base]), sums],
        [await runKernel(withBase, [indices, updates, base], 2), sums],
      ] as const) {
        const wrong = wanted.findIndex((value, i) => received[0]?.[i] !== value)
        expect(wrong, `${indexDType}: expected ${wanted[wrong]}, received ${received[0]?.[wrong]}`).toBe(-1)
      }
    }
  })
})
