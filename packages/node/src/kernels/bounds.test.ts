import {
  type ElementwiseKernel,
  encodeModel,
  type Kernel,
  kernelDomain,
  signatureOf,
  typedArray,
} from 'typegrad/engine'
import { describe, expect, it, test } from 'vitest'
import { createNodeEngine } from '../engine.ts'
import { checkKernel, elementsRead } from './bounds.ts'
import { currentProcessor } from './kernels.ts'

/** Runs a model that is one kernel, on inputs of so many elements. */
async function runOn(kernel: Kernel, lengths: readonly number[]): Promise<void> {
  const engine = await createNodeEngine()
  const { inputs, outputs } = signatureOf(kernel)
  const given = inputs.map(({ dtype }, i) => ({ name: `x${i}`, dtype, shape: [lengths[i] as number] }))
  const made = outputs.map(({ dtype, shape }, i) => ({ name: `y${i}`, dtype, shape }))
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)
  const nodes = [{ op: 'Only', domain: kernelDomain, inputs: names(given), outputs: names(made) }]
  const graph = { name: 'kernel', nodes, inputs: given, outputs: made, initializers: [] }
  const executable = await engine.load(encodeModel({ opset: 21, domains: [kernelDomain], graph }), {
    kernels: new Map([['Only', kernel]]),
  })
  const storages = given.map(({ dtype, shape }) =>
    engine.upload(typedArray(dtype, shape[0] as number), dtype, shape),
  )
  await executable.run(
    storages,
    made.map(({ dtype, shape }) => engine.allocate(dtype, shape)),
  )
  executable.dispose()
}

const copied = (offset: number, strides: readonly [number, number, number, number]): ElementwiseKernel => ({
  kind: 'elementwise',
  shape: [2, 3, 8],
  axes: [1, 2, 3, 8],
  values: [
    { kind: 'input', dtype: 'float32', offset, strides },
    { kind: 'op', op: 'neg', operands: [0] },
  ],
  outputs: [1],
})

const images = { input: [1, 6, 6, 8], output: [1, 6, 6, 8], before: [1, 1] } as const
const windows = {
  images: [2, 5, 5, 3],
  places: [3, 3],
  window: [3, 3],
  strides: [1, 1],
  dilation: [1, 1],
  before: [0, 0],
} as const

/** One kernel of each kind, and of those whose inputs differ. */
const kernels: readonly Kernel[] = [
  copied(5, [0, 40, 9, 1]),
  copied(60, [0, -30, 9, 1]),
  { kind: 'gatherRows', shape: [4, 5], size: 7, rows: 4, columns: 5, indexDType: 'int32' },
  { kind: 'scatterAdd', shape: [7, 5], count: 4, indexDType: 'int32', hasBase: true },
  { kind: 'packPanels', tile: 'narrow', inner: 8, columns: 20, isTransposed: false, tasks: 1 },
  {
    kind: 'packPanels',
    tile: 'narrow',
    inner: 8,
    columns: 16,
    isTransposed: true,
    tasks: 1,
    batch: { sizes: [2, 3], strides: { batch: [1000, 300], row: 11 } },
  },
  {
    kind: 'product',
    tile: 'narrow',
    shape: [7, 20],
    rows: 7,
    inner: 9,
    columns: 20,
    isTransposed: false,
    hasBias: true,
    hasRelu: false,
    parts: [1, 1],
  },
  {
    kind: 'product',
    tile: 'wide',
    shape: [2, 7, 40],
    rows: 7,
    inner: 9,
    columns: 40,
    isTransposed: false,
    hasBias: false,
    hasRelu: false,
    parts: [1, 1],
    batch: { sizes: [1, 2], a: { batch: [0, 63], row: 9, inner: 1 }, c: { batch: [0, 280], row: 40 } },
  },
  { kind: 'panelProduct', rows: 3, inner: 5, columns: 32, added: 'row', tasks: 1 },
  {
    kind: 'thinProduct',
    shape: [1, 3, 32],
    rows: 3,
    inner: 5,
    columns: 32,
    isTransposed: false,
    hasBias: true,
    tasks: 2,
  },
  {
    kind: 'thinProduct',
    shape: [2, 13],
    rows: 2,
    inner: 16,
    columns: 13,
    isTransposed: true,
    hasBias: false,
    tasks: 3,
  },
  { kind: 'patches', ...windows, first: 0, count: 2 },
  ...(['conv', 'convInputGradient', 'convKernelGradient', 'max', 'maxGradient'] as const).map(
    (operation) => ({ kind: 'channelWindows' as const, ...windows, operation, parts: 2 }),
  ),
  { kind: 'sumPatches', ...windows },
  { kind: 'sumRows', rows: 70, columns: 13, isOfSquares: false, parts: 2 },
  { kind: 'winogradWeights', inputs: 8, outputs: 16, isMirrored: false },
  { kind: 'winogradConv', ...images, hasBias: true, hasRelu: true, tasks: 1 },
  { kind: 'winogradGradient', ...images, tasks: 1 },
  { kind: 'winogradGradientSum', inputs: 8, outputs: 16, parts: 2 },
  { kind: 'maxPoolGradient', shape: [2, 5, 7, 3], isChannelsLast: true },
  { kind: 'maxPoolGradient', shape: [2, 3, 5, 7], isChannelsLast: false },
]

describe.runIf(currentProcessor().hasAvx2)('inputs that are shorter than what a kernel reads', () => {
  const isRefused = (kernel: Kernel): boolean =>
    'tile' in kernel && kernel.tile === 'wide' && !currentProcessor().hasAvx512
  for (const kernel of kernels) {
    if (isRefused(kernel)) {
      it(`${kernel.kind} in tiles of AVX-512 is refused by a processor without it`, async () => {
        await expect(runOn(kernel, elementsRead(kernel))).rejects.toThrow(
          /has no AVX-512, received tile: 'wide'/,
        )
      })
      continue
    }
    const read = elementsRead(kernel)
    it(`${kernel.kind} runs on ${read.join(', ')} elements and refuses one less of any`, async () => {
      await runOn(kernel, read)
      for (const [i, length] of read.entries())
        await expect(runOn(kernel, read.with(i, length - 1))).rejects.toThrow(/fewer elements than are read/)
    })
  }

  it('a slice far beyond its input is an error, not the end of the process', async () => {
    await expect(runOn(copied(1 << 28, [0, 24, 8, 1]), [48])).rejects.toThrow(/fewer elements/)
  })
})

describe('descriptions that are refused when they are loaded', () => {
  const cases: readonly (readonly [string, Kernel, RegExp])[] = [
    ['a negative offset', copied(-1, [0, 24, 8, 1]), /before which nothing is read, received .*"offset":-1/],
    ['a stride that leads before the beginning', copied(23, [0, -24, 8, 1]), /before which nothing is read/],
    ['NaN', copied(Number.NaN, [0, 24, 8, 1]), /whole numbers as offset and strides/],
    [
      'half a size',
      { ...copied(0, [0, 24, 8, 1]), shape: [2, 3, 8.5] },
      /at least 1 as shape\.2, received 8\.5/,
    ],
    ['neighbours two apart', copied(0, [0, 24, 8, 2]), /the last of them 0 or 1/],
    ['axes of another size', { ...copied(0, [0, 24, 8, 1]), axes: [2, 2, 3, 8] }, /axes of the 48 elements/],
    [
      'an operand behind its value',
      { ...copied(0, [0, 0, 0, 0]), values: [{ kind: 'op', op: 'neg', operands: [0] }], outputs: [0] },
      /operands before value 0/,
    ],
    ['an output that is no value', { ...copied(0, [0, 24, 8, 1]), outputs: [2] }, /outputs among its values/],
    [
      'more than an address holds',
      { kind: 'sumRows', rows: 1 << 20, columns: 1 << 12, isOfSquares: false, parts: 1 },
      /at most 536870912/,
    ],
    [
      'images that there are not',
      { kind: 'patches', ...windows, first: 1, count: 2 },
      /images that there are/,
    ],
  ]
  test.each(cases)('%s', (_, kernel, message) => {
    expect(() => checkKernel('Only', kernel)).toThrow(message)
    expect(() => checkKernel('Only', kernel)).toThrow(/load: kernel 'Only'/)
  })

  test('a product that is larger than its shape', () => {
    const product = kernels.find(({ kind }) => kind === 'product') as Kernel & { kind: 'product' }
    expect(() => checkKernel('Only', { ...product, shape: [7, 10] })).toThrow(
      /a product of at most 70 elements, received \[7,20\]/,
    )
  })

  test('all that is written fits, of products in a batch too', () => {
    const product = kernels.find(({ kind }) => kind === 'product') as Kernel & { kind: 'product' }
    const strides = { batch: [0, 140], row: 20 } as const
    const batch = { sizes: [1, 2], a: { batch: [0, 63], row: 9, inner: 1 }, c: strides } as const
    expect(() => checkKernel('Only', { ...product, hasBias: false, shape: [2, 7, 20], batch })).not.toThrow()
    expect(() => checkKernel('Only', { ...product, hasBias: false, shape: [7, 20], batch })).toThrow(
      /a product of at most 140 elements/,
    )
  })
})

/** Where a description has a number, as keys from the outside in. */
function* numbersOf(value: unknown, path: readonly string[] = []): Iterable<readonly string[]> {
  if (typeof value === 'number') yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, part] of Object.entries(value)) yield* numbersOf(part, [...path, key])
}

function withZero(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return 0
  const changed = structuredClone(value) as Record<string, unknown>
  changed[key] = withZero(changed[key], rest)
  return changed
}

/** Numbers that may be 0: places, distances, values by their number, and rows of updates. */
const zeros: Readonly<Partial<Record<Kernel['kind'], RegExp>>> = {
  elementwise: /^values\.|^outputs\./,
  scatterAdd: /^count$/,
  packPanels: /^batch\.strides\./,
  product: /^batch\.(a|c)\./,
  patches: /^before\.|^first$|^count$/,
  sumPatches: /^before\./,
  channelWindows: /^before\./,
  winogradConv: /^before\./,
  winogradGradient: /^before\./,
}

describe('a size, a number of parts or of tasks that is 0 never becomes code', () => {
  const cases = kernels.flatMap((kernel) =>
    [...numbersOf(kernel)].map((path) => [kernel.kind, path.join('.'), kernel, path] as const),
  )
  test.each(cases)('%s: %s', (kind, name, kernel, path) => {
    const check = () => checkKernel('Only', withZero(kernel, path) as Kernel)
    if (zeros[kind]?.test(name)) expect(check).not.toThrow(/a whole number of at least 1/)
    else expect(check).toThrow(new RegExp(`a whole number of at least 1 as ${name}, received 0`))
  })
})
