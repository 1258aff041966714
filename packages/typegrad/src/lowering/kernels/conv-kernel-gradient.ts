import type { Node } from '../../graph/node.ts'
import { type GraphBuilder, int } from '../builder.ts'
import type { LoweringContext, LoweringRule } from '../context.ts'
import { copySlice } from './copy-slice.ts'

/** Below this many input channels a product per window position is too thin to be worth its own run. */
const fewChannels = 16

/**
 * x (N, C, …S), g (N, O, …P) → (O, C / groups, …window): for every position of the window the products of g
 * with what this position saw, summed over samples and places.
 *
 * Convolving x with g as a huge kernel gives the same, at a quarter of the speed (26 ms where products took
 * 7: 64 × 32 × 3 × 3, batch 128, 2 cores). Which products is a question of shape.
 */
export const lowerConvKernelGradient: LoweringRule<'convKernelGradient'> = (context) => {
  const { kernelShape, groups } = context.node.params
  return groups === 1 && (kernelShape[1] as number) < fewChannels
    ? productPerSample(context)
    : productPerPosition(context)
}

type Context = LoweringContext<'convKernelGradient'>

/** (N, O, …P), the shape of the cotangent. */
const cotangentShape = ({ node }: Context): readonly [number, number, ...number[]] =>
  (node.inputs[1] as Node).shape as readonly [number, number, ...number[]]

/**
 * What all window positions see of the (padded) input, one slice each, in row-major order of positions.
 *
 * @param permutation where the axes of the slices come to stand.
 */
function slices(context: Context, x: string, permutation: readonly number[]): string[] {
  const { node, builder, kernelSupport } = context
  const { strides, padding, dilation, kernelShape } = node.params
  const window = kernelShape.slice(2)
  const places = node.inputs[1]?.shape.slice(2) ?? []
  const padded = withPadding(builder, x, padding, node.dtype)
  const input = node.inputs[0] as Node
  const paddedShape = input.shape.map((size, axis) => {
    const [before, after] = padding[axis - 2] ?? [0, 0]
    return size + before + after
  })
  const shape = [...input.shape.slice(0, 2), ...places]
  const moved = permutation.map((axis) => shape[axis] as number)
  const mayCopy = kernelSupport.supports('copy', { operator: 'slice', shape: moved })
  let swapped: string | undefined
  const positions = window.reduce<number[][]>(
    (all, size) => all.flatMap((position) => Array.from({ length: size }, (_, k) => [...position, k])),
    [[]],
  )
  return positions.map((position) => {
    const starts = position.map((k, i) => k * (dilation[i] as number))
    const stops = starts.map((start, i) => start + ((places[i] as number) - 1) * (strides[i] as number) + 1)
    const copied = mayCopy
      ? copySlice(
          builder,
          { dtype: node.dtype, shape: paddedShape },
          padded,
          { starts: [0, 0, ...starts], steps: [1, 1, ...strides] },
          shape,
          permutation,
        )
      : undefined
    if (copied !== undefined) return copied
    swapped ??= builder.transpose(padded, permutation)
    return builder.emit('Slice', [
      swapped,
      builder.int64s(starts),
      builder.int64s(stops),
      builder.int64s(window.map((_, i) => i + 2)),
      builder.int64s(strides),
    ])
  })
}

function withPadding(
  builder: GraphBuilder,
  x: string,
  padding: Context['node']['params']['padding'],
  dtype: Context['node']['dtype'],
): string {
  if (padding.every(([before, after]) => before === 0 && after === 0)) return x
  const pads = [0, 0, ...padding.map(([before]) => before), 0, 0, ...padding.map(([, after]) => after)]
  return builder.emit('Pad', [x, builder.int64s(pads), builder.scalar(dtype, 0)])
}

/** (O, P) · (P, positions · C) for each sample, then a sum over samples: nothing is transposed but a view. */
function productPerSample(context: Context): string {
  const { node, inputs, builder } = context
  const { kernelShape } = node.params
  const [outputs, inner] = kernelShape as readonly [number, number]
  const [batch, , ...places] = cotangentShape(context)
  const area = places.reduce((a, b) => a * b, 1)
  const rows = slices(context, inputs[0] as string, [0, 1, ...places.map((_, i) => i + 2)]).map((slice) =>
    builder.reshape(slice, [batch, inner, area]),
  )
  const seen = rows.length === 1 ? (rows[0] as string) : builder.emit('Concat', rows, { axis: int(1) }) // (N, K·C, P)
  const products = builder.emit('MatMul', [
    builder.reshape(inputs[1] as string, [batch, outputs, area]),
    builder.transpose(seen, [0, 2, 1]),
  ]) // (N, O, K·C)
  const sum = builder.emit('ReduceSum', [products, builder.int64s([0])], { keepdims: int(0) })
  const kernel = builder.transpose(builder.reshape(sum, [outputs, rows.length, inner]), [0, 2, 1])
  return builder.reshape(kernel, kernelShape)
}

/** A product for each position, with the channels brought to the front so that slices are matrices. */
function productPerPosition(context: Context): string {
  const { node, inputs, builder } = context
  const { groups, kernelShape } = node.params
  const [outputs, inner] = kernelShape as readonly [number, number]
  const [batch, , ...places] = cotangentShape(context)
  const area = places.reduce((a, b) => a * b, batch)
  const outer = outputs / groups
  const swapped = [1, 0, ...places.map((_, i) => i + 2)]
  const g = builder.reshape(
    builder.transpose(inputs[1] as string, swapped),
    groups === 1 ? [outputs, area] : [groups, outer, area],
  )
  const products = slices(context, inputs[0] as string, swapped).map((slice) => {
    // A slice is (C, N, …P). (C, N·P) · (N·P, O): the layout that Keras keeps kernels in, one position after the other.
    if (groups === 1) {
      const product = builder.emit('Gemm', [builder.reshape(slice, [inner, area]), g], { transB: int(1) })
      return builder.reshape(product, [1, inner, outputs])
    }
    const columns = builder.transpose(builder.reshape(slice, [groups, inner, area]), [0, 2, 1])
    return builder.reshape(builder.emit('MatMul', [g, columns]), [1, outputs, inner])
  })
  const stacked =
    products.length === 1 ? (products[0] as string) : builder.emit('Concat', products, { axis: int(0) })
  if (groups > 1) return builder.reshape(builder.transpose(stacked, [1, 2, 0]), kernelShape)
  const window = kernelShape.slice(2)
  const rank = kernelShape.length
  return builder.transpose(builder.reshape(stacked, [...window, inner, outputs]), [
    rank - 1,
    rank - 2,
    ...window.map((_, axis) => axis),
  ])
}
