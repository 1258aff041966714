import type { Shape } from '../../base/shape.ts'
import { type Convolution, windowsOf } from '../../kernel/convolution.ts'
import { patchesShape } from '../../kernel/patches.ts'
import type { ConvolutionPlan } from '../../kernel/support.ts'
import { type GraphBuilder, int } from '../builder.ts'

type Plan = Extract<ConvolutionPlan, { by: 'patches' }>

/** Images of which patches are made at a time. */
interface Portion {
  readonly first: number
  readonly count: number
}

/** Whether patches are the images themselves. */
const isPointwise = ({ window, strides, padding }: Convolution): boolean =>
  window.every((size) => size === 1) &&
  strides.every((stride) => stride === 1) &&
  padding.every(([before, after]) => before === 0 && after === 0)

/** Images are taken some at a time where their patches are large. */
function portions(convolution: Convolution, { maxImages }: Plan): readonly Portion[] {
  const batch = convolution.input[0] as number
  if (isPointwise(convolution)) return [{ first: 0, count: batch }]
  const length = Math.ceil(batch / Math.ceil(batch / maxImages))
  return Array.from({ length: Math.ceil(batch / length) }, (_, i) => ({
    first: i * length,
    count: Math.min(length, batch - i * length),
  }))
}

function patchesOf(builder: GraphBuilder, convolution: Convolution, x: string, portion: Portion): string {
  const windows = windowsOf(convolution)
  if (isPointwise(convolution)) return builder.reshape(x, patchesShape(windows, portion.count))
  return builder.emitKernel({ kind: 'patches', ...windows, ...portion }, [x])[0] as string
}

const joined = (builder: GraphBuilder, pieces: readonly string[]): string =>
  pieces.length === 1 ? (pieces[0] as string) : builder.emit('Concat', pieces, { axis: int(0) })

/** A piece of a batch of images as rows, one for each pixel. */
function rowsOf(builder: GraphBuilder, value: string, shape: Shape, { first, count }: Portion): string {
  const [batch, height, width, channels] = shape as readonly [number, number, number, number]
  const rows = builder.reshape(value, [batch * height * width, channels])
  if (count === batch) return rows
  const area = height * width
  return builder.emit('Slice', [
    rows,
    builder.int64s([first * area]),
    builder.int64s([(first + count) * area]),
    builder.int64s([0]),
  ])
}

const matrixShape = ({ input, output, window }: Convolution): readonly [number, number] => [
  window.reduce((a, b) => a * b, input[3] as number),
  output[3] as number,
]

/** x (N, H, W, I), kernel (…window, I, O), and a bias (O) → (N, H', W', O): one product with what windows see. */
export function patchConv(
  builder: GraphBuilder,
  convolution: Convolution,
  plan: Plan,
  [x, kernel, bias]: readonly [string, string, string?],
): string {
  const matrix = builder.reshape(kernel, matrixShape(convolution))
  const products = portions(convolution, plan).map((portion) => {
    const patches = patchesOf(builder, convolution, x, portion)
    return builder.emit('Gemm', bias === undefined ? [patches, matrix] : [patches, matrix, bias])
  })
  return builder.reshape(joined(builder, products), convolution.output)
}

/** The cotangent of the output, kernel → the input's: what windows say of pixels, added up. */
export function patchInputGradient(
  builder: GraphBuilder,
  convolution: Convolution,
  plan: Plan,
  [g, kernel]: readonly [string, string],
): string {
  const matrix = builder.reshape(kernel, matrixShape(convolution))
  const sums = portions(convolution, plan).map((portion) => {
    const rows = rowsOf(builder, g, convolution.output, portion)
    const said = builder.emit('Gemm', [rows, matrix], { transB: int(1) })
    if (isPointwise(convolution)) return said
    const windows = windowsOf(convolution)
    const images = [portion.count, ...windows.images.slice(1)]
    return builder.emitKernel({ kind: 'sumPatches', ...windows, images }, [said])[0] as string
  })
  return builder.reshape(joined(builder, sums), convolution.input)
}

/** x, the cotangent of the output → the kernel's (…window, I, O). */
export function patchKernelGradient(
  builder: GraphBuilder,
  convolution: Convolution,
  plan: Plan,
  [x, g]: readonly [string, string],
  shape: Shape,
): string {
  const [seen, outputs] = matrixShape(convolution)
  let sum: string | undefined
  for (const portion of portions(convolution, plan)) {
    const patches = patchesOf(builder, convolution, x, portion)
    const rows = rowsOf(builder, g, convolution.output, portion)
    const operands = plan.isTransposed ? [rows, patches] : [patches, rows]
    sum = builder.emit('Gemm', sum === undefined ? operands : [...operands, sum], { transA: int(1) })
  }
  if (!plan.isTransposed) return builder.reshape(sum as string, shape)
  // Of three axes, since the runtime would take a transpose of the product itself for another product: the slow one.
  const apart = builder.reshape(sum as string, [outputs, 1, seen])
  return builder.reshape(builder.transpose(apart, [2, 1, 0]), shape)
}
