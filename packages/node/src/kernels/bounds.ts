import {
  type BatchSizes,
  channelWindowInputs,
  type ElementwiseKernel,
  EngineError,
  type Kernel,
  type MatrixStrides,
  matricesOf,
  maxThinRows,
  type PackPanelsKernel,
  type ProductKernel,
  panelColumns,
  panelsOf,
  patchesShape,
  points,
  productTiles,
  type Strides,
  signatureOf,
  sizeOf,
  stridesOfProduct,
} from 'typegrad/engine'
import { lanes } from '../assembler/constant-pool.ts'
import { hasWholeBytes } from './elementwise-layout.ts'
import { maxChannelWindow } from './supports/channel-windows.ts'

/** Machine code counts bytes in 31 bits where it adds a constant to an address. */
const maxElements = 2 ** 29

/** Elements up to the last one that is reached along axes of these sizes and strides; 0 where an axis is empty. */
const extent = (sizes: readonly number[], strides: readonly number[]): number =>
  sizes.some((size) => size === 0)
    ? 0
    : sizes.reduce((last, size, i) => last + (size - 1) * (strides[i] as number), 1)

const batched = (
  batch: { readonly sizes: BatchSizes; readonly strides: Pick<MatrixStrides, 'batch'> } | undefined,
  sizes: readonly [number, number],
  strides: readonly [number, number],
): number => extent([...(batch?.sizes ?? []), ...sizes], [...(batch?.strides.batch ?? []), ...strides])

/** The first and the last element of an input that a kernel reads; a negative stride goes backwards. */
function reachOf(
  { axes }: ElementwiseKernel,
  { offset, strides }: { readonly offset: number; readonly strides: Strides },
): { readonly first: number; readonly last: number } {
  const ways = strides.map((stride, axis) => ((axes[axis] as number) - 1) * stride)
  return {
    first: ways.reduce((sum, way) => sum + Math.min(way, 0), offset),
    last: ways.reduce((sum, way) => sum + Math.max(way, 0), offset),
  }
}

function packed({ inner, columns, isTransposed, batch }: PackPanelsKernel): number {
  const [rows, width] = isTransposed ? [columns, inner] : [inner, columns]
  return batched(batch, [rows, width], [batch?.strides.row ?? width, 1])
}

/** Elements of a product's first matrix, and of what it writes. */
function ofProduct(kernel: ProductKernel): { readonly a: number; readonly c: number } {
  const { rows, inner, columns, batch } = kernel
  const { aRow, aInner, cRow } = stridesOfProduct(kernel)
  const of = (strides: MatrixStrides | undefined) =>
    batch === undefined || strides === undefined ? undefined : { sizes: batch.sizes, strides }
  return {
    a: batched(of(batch?.a), [rows, inner], [aRow, aInner]),
    c: batched(of(batch?.c), [rows, columns], [cRow, 1]),
  }
}

/** How many elements each input of a kernel has at least: up to the last one that is read. */
export function elementsRead(kernel: Kernel): readonly number[] {
  switch (kernel.kind) {
    case 'elementwise':
      return kernel.values.flatMap((value) =>
        value.kind === 'input' ? [reachOf(kernel, value).last + 1] : [],
      )
    case 'channelWindows':
      return channelWindowInputs(kernel)
    case 'gatherRows':
      return [kernel.size * kernel.columns, kernel.rows]
    case 'scatterAdd': {
      const [size = 0, ...columns] = kernel.shape
      const updates = kernel.count * sizeOf(columns)
      return [kernel.count, updates, ...(kernel.hasBase ? [size * sizeOf(columns)] : [])]
    }
    case 'packPanels':
      return [packed(kernel)]
    case 'product': {
      const { tile, inner, columns, hasBias } = kernel
      const panels = matricesOf(kernel) * panelsOf(tile, columns) * inner * productTiles[tile].columns
      return [ofProduct(kernel).a, panels, ...(hasBias ? [columns] : [])]
    }
    case 'panelProduct': {
      const { rows, inner, columns, added } = kernel
      const sums = { matrix: [rows * columns], row: [columns], none: [] }[added ?? 'none']
      return [rows * inner, columns * inner, ...sums]
    }
    case 'thinProduct': {
      const { rows, inner, columns, hasBias } = kernel
      return [rows * inner, inner * columns, ...(hasBias ? [columns] : [])]
    }
    case 'patches':
      return [sizeOf(kernel.images)]
    case 'sumRows':
      return [kernel.rows * kernel.columns]
    case 'sumPatches':
      return [sizeOf(patchesShape(kernel, kernel.images[0] as number))]
    case 'winogradWeights':
      return [9 * kernel.inputs * kernel.outputs]
    case 'winogradConv': {
      const [inputs, outputs] = [kernel.input[3] as number, kernel.output[3] as number]
      const weights = points * panelsOf('narrow', outputs) * inputs * panelColumns
      return [sizeOf(kernel.input), weights, ...(kernel.hasBias ? [outputs] : [])]
    }
    case 'winogradGradient':
      return [sizeOf(kernel.input), sizeOf(kernel.output)]
    case 'winogradGradientSum':
      return [kernel.parts * points * kernel.inputs * kernel.outputs]
    case 'maxPoolGradient': {
      const [batch = 0, ...rest] = kernel.shape
      const [first = 0, second = 0, third = 0] = rest
      const pooled = kernel.isChannelsLast
        ? batch * Math.floor(first / 2) * Math.floor(second / 2) * third
        : batch * first * Math.floor(second / 2) * Math.floor(third / 2)
      return [sizeOf(kernel.shape), pooled, pooled]
    }
  }
}

/**
 * Numbers of a description that may be 0: they say where something is or how far apart, or which value, and rows that are
 * scattered may be none. All others count what code counts down to 0, which from 0 on does not end, or divide by; what is
 * empty is left to the runtime's own operators.
 */
const mayBeZero =
  /^(before\.\d+|first|count|outputs\.\d+|values\.\d+\.operands\.\d+|batch\.(a|c|strides)\..*)$/

/**
 * Refuses a description by which machine code would read or write beyond what there is: sizes that are no whole numbers
 * of at least 1, strides and offsets that lead before an input's beginning, values that name others behind them, more than
 * is written. That inputs are as long as {@link elementsRead} says is checked by the code itself, which is told their sizes at every run.
 *
 * @throws EngineError that names the kernel's operator.
 */
export function checkKernel(name: string, kernel: Kernel): void {
  const refuse = (expected: string, received: string): never => {
    throw new EngineError({ where: `load: kernel '${name}' (${kernel.kind})`, expected, received })
  }
  const visit = (path: string, value: unknown): void => {
    const min = mayBeZero.test(path) ? 0 : 1
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= min))
      refuse(`a whole number of at least ${min} as ${path}`, String(value))
    if (typeof value !== 'object' || value === null) return
    const isOwn = 'kind' in value && (value.kind === 'constant' || value.kind === 'input')
    // Constants are any number, and inputs of elementwise kernels have a check of their own.
    if (isOwn) return
    for (const [key, part] of Object.entries(value)) visit(path === '' ? key : `${path}.${key}`, part)
  }
  visit('', kernel)
  const fits = (what: string, condition: boolean, received: unknown): void => {
    if (!condition) refuse(what, JSON.stringify(received))
  }
  const inVectors = (...sizes: readonly number[]): void =>
    fits(
      `multiples of ${lanes}`,
      sizes.every((size) => size % lanes === 0),
      sizes,
    )
  switch (kernel.kind) {
    case 'elementwise':
      checkValues(kernel, fits)
      break
    case 'packPanels':
      // Squares of eight are turned around while they are packed.
      if (kernel.isTransposed) inVectors(kernel.inner, kernel.columns)
      break
    case 'product': {
      const { shape, rows, columns, batch } = kernel
      fits(
        `a product of at most ${sizeOf(shape)} elements`,
        ofProduct(kernel).c <= sizeOf(shape),
        batch ?? [rows, columns],
      )
      break
    }
    case 'gatherRows': {
      const { shape, rows, columns } = kernel
      fits(`rows of ${sizeOf(shape)} elements`, rows * columns === sizeOf(shape), [rows, columns])
      break
    }
    case 'patches':
      fits('images that there are', kernel.first + kernel.count <= (kernel.images[0] as number), kernel)
      break
    case 'channelWindows':
      fits(
        `a window of at most ${maxChannelWindow} elements`,
        sizeOf(kernel.window) <= maxChannelWindow,
        kernel.window,
      )
      break
    case 'panelProduct':
      fits('whole panels', kernel.columns % panelColumns === 0, kernel.columns)
      break
    case 'thinProduct': {
      const { shape, rows, inner, columns, isTransposed } = kernel
      inVectors(isTransposed ? inner : columns)
      fits(`at most ${maxThinRows} rows`, rows <= maxThinRows, rows)
      fits(`a product of ${sizeOf(shape)} elements`, rows * columns === sizeOf(shape), [rows, columns])
      break
    }
    case 'winogradConv':
    case 'winogradGradient':
      inVectors(kernel.input[3] as number, kernel.output[3] as number)
      fits('as many images out as in', kernel.input[0] === kernel.output[0], [kernel.input, kernel.output])
      fits('at most 2 rows and columns before', Math.max(...kernel.before) <= 2, kernel.before)
      break
    case 'winogradWeights':
    case 'winogradGradientSum':
      inVectors(kernel.inputs, kernel.outputs)
      break
    default:
      break
  }
  const outputs = signatureOf(kernel).outputs.map(({ shape }) => sizeOf(shape))
  const largest = Math.max(...elementsRead(kernel), ...outputs)
  fits(`at most ${maxElements} elements`, largest <= maxElements, largest)
}

function checkValues(
  kernel: ElementwiseKernel,
  fits: (what: string, condition: boolean, received: unknown) => void,
): void {
  const { shape, axes, values, outputs } = kernel
  fits(`axes of the ${sizeOf(shape)} elements of its shape`, sizeOf(axes) === sizeOf(shape), axes)
  fits('four axes', axes.length === 4, axes)
  values.forEach((value, i) => {
    if (value.kind === 'op')
      fits(
        `operands before value ${i}`,
        value.operands.every((operand) => operand < i),
        value.operands,
      )
    if (value.kind === 'input') {
      const { offset, strides } = value
      fits('whole numbers as offset and strides', [offset, ...strides].every(Number.isSafeInteger), value)
      fits('an element before which nothing is read', reachOf(kernel, value).first >= 0, value)
      fits(
        'four strides, the last of them 0 or 1',
        strides.length === 4 && (strides[3] === 0 || strides[3] === 1),
        value,
      )
    }
  })
  // Bytes are read and written eight at a time.
  fits('bools and bytes in rows of whole vectors', hasWholeBytes(kernel), axes)
  fits(
    'outputs among its values',
    outputs.every((output) => output < values.length),
    outputs,
  )
}
