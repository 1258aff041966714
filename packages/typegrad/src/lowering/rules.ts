import { type DType, isFloating } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import type { Node, NodeOf } from '../graph/node.ts'
import type { Primitive, ReduceParams } from '../graph/primitives.ts'
import { boundsOf, numberIn } from '../passes/bounds-of.ts'
import { binary } from './binary.ts'
import { blockedCumulativeSum, blockedSum, linesOf } from './blocked-sum.ts'
import { type Attributes, type GraphBuilder, int, ints, string } from './builder.ts'
import { castOfFloats } from './cast-of-floats.ts'
import type { LoweringContext, LoweringRule } from './context.ts'
import { lowerDynamicSlice, lowerDynamicUpdateSlice } from './dynamic-slices.ts'
import { floatModulo, integerDivision } from './integer-division.ts'
import { lowerBatchProduct, lowerTransposedBatchProduct } from './kernels/batch-product.ts'
import { lowerConvKernelGradient } from './kernels/conv-kernel-gradient.ts'
import {
  lowerBiasedConv,
  lowerConvByKernels,
  lowerConvInputGradient,
  lowerConvKernelGradientLast,
  lowerReluOfConv,
} from './kernels/convolution.ts'
import { copySlice } from './kernels/copy-slice.ts'
import { gatherWithin } from './kernels/gather-rows.ts'
import { loopProduct, loopProductWithSum } from './kernels/panel-product.ts'
import { lowerMaxPoolGradient, lowerMaxPoolLast } from './kernels/pooling.ts'
import { lowerBiasedProduct, lowerProduct, lowerReluOfProduct } from './kernels/product.ts'
import { lowerScatterAdd } from './kernels/scatter-add.ts'
import { sumRows, sumSquares } from './kernels/sum-rows.ts'
import { biasedThinProduct, thinProduct } from './kernels/thin-product.ts'
import { lowerTranspose } from './kernels/transpose.ts'
import { lowerMaskedSoftmax } from './masked-softmax.ts'
import { lowerDequantize, lowerQuantizedProduct } from './quantized.ts'
import { lowerRandomBits } from './random-bits.ts'
import { nanFlags, type Typed, whereNaN } from './where-nan.ts'
import { productOfInt64, sumOfInt64 } from './whole-reductions.ts'
import { convAttributes, pads, poolAttributes } from './window-attributes.ts'

const input = (context: LoweringContext<Primitive>, i: number): string => context.inputs[i] as string

/** The primitive is one operator of the same inputs. */
const operator =
  <P extends Primitive>(
    op: string,
    attributes: (params: NodeOf<P>['params']) => Attributes = () => ({}),
  ): LoweringRule<P> =>
  ({ node, inputs, builder }) =>
    builder.emit(op, inputs, attributes(node.params))

/** The primitive changes nothing at run time. */
const alias = ({ inputs }: { readonly inputs: readonly string[] }): string => inputs[0] as string

/**
 * ONNX Runtime's CPU kernel does not exist for these floats: they travel through float32. (Which kernels take
 * which types: OperatorKernels.md of ONNX Runtime.)
 */
export const viaFloat32 =
  <P extends Primitive>(
    rule: LoweringRule<P>,
    dtypes: readonly DType[] = ['float64', 'float16'],
  ): LoweringRule<P> =>
  (context) => {
    const { node, inputs, builder } = context
    if (!dtypes.includes(node.dtype)) return rule(context)
    const narrowed = inputs.map((name, i) =>
      isFloating(node.inputs[i]?.dtype ?? 'int32') ? builder.cast(name, 'float32') : name,
    )
    const single = { ...node, dtype: 'float32' as DType }
    return builder.cast(rule({ ...context, node: single as NodeOf<P>, inputs: narrowed }), node.dtype)
  }

/**
 * A rule for windows where there is something to see. Of nothing the runtime's convolution never returns (no channels),
 * and its pooling is an error: results are zeros, or nothing themselves.
 */
const ofSomething =
  <P extends Primitive>(rule: LoweringRule<P>): LoweringRule<P> =>
  (context) => {
    const { node, builder } = context
    const isEmpty = sizeOf(node.shape) === 0 || node.inputs.some((input) => sizeOf(input.shape) === 0)
    return isEmpty ? builder.zeros(node.dtype, node.shape) : rule(context)
  }

/** Since opset 18 every reduction takes its axes as an input. */
const reduction =
  <P extends Primitive>(op: string): LoweringRule<P> =>
  ({ node, inputs, builder }) => {
    const { axes, keepDims } = node.params as ReduceParams
    return builder.emit(op, [inputs[0] as string, builder.int64s(axes)], { keepdims: int(keepDims ? 1 : 0) })
  }

const sumInBlocks = viaFloat32<'reduceSum'>(
  (context) => {
    const { node, inputs, builder, isExact } = context
    if (isExact && node.dtype === 'int64')
      return sumOfInt64(builder, inputs[0] as string, node.inputs[0] as Node, node.params, node.shape)
    const blocked =
      isExact && isFloating(node.dtype)
        ? blockedSum(builder, inputs[0] as string, (node.inputs[0] as Node).shape, node.params, node.shape)
        : undefined
    return blocked ?? reduction<'reduceSum'>('ReduceSum')(context)
  },
  ['float16'],
)

const typed = ({ node, inputs }: LoweringContext<Primitive>): Typed => {
  const { dtype, shape } = node.inputs[0] as Node
  return { name: inputs[0] as string, dtype, shape }
}

/** The largest or smallest elements, NaN where one is NaN. */
const extreme =
  <P extends 'reduceMax' | 'reduceMin'>(op: string): LoweringRule<P> =>
  (context) => {
    const { node, inputs, isExact } = context
    const { axes, keepDims } = node.params as ReduceParams
    const reduce = (builder: GraphBuilder, name: string, by = op): string =>
      builder.emit(by, [name, builder.int64s(axes)], { keepdims: int(keepDims ? 1 : 0) })
    const plain = (builder: GraphBuilder) => reduce(builder, inputs[0] as string)
    if (!isExact) return plain(context.builder)
    return whereNaN(context.builder, typed(context), node, plain, (builder) => {
      const hasNaN = builder.cast(
        reduce(builder, nanFlags(builder, inputs[0] as string), 'ReduceMax'),
        'bool',
      )
      return builder.emit('Where', [hasNaN, builder.scalar(node.dtype, Number.NaN), plain(builder)])
    })
  }

/** The place of the largest or smallest element; of the first NaN where there is one. */
const arg =
  <P extends 'argMax' | 'argMin'>(op: string): LoweringRule<P> =>
  (context) => {
    const { node, inputs, isExact } = context
    const [value] = inputs as readonly [string]
    const attributes = { axis: int(node.params.axis), keepdims: int(0) }
    const plain = (builder: GraphBuilder, by = op, name = value) =>
      builder.cast(builder.emit(by, [name], attributes), 'int32')
    if (!isExact) return plain(context.builder)
    return whereNaN(context.builder, typed(context), node, plain, (builder) => {
      const flags = nanFlags(builder, value)
      const hasNaN = builder.emit('ReduceMax', [flags, builder.int64s([node.params.axis])], {
        keepdims: int(0),
      })
      return builder.emit('Where', [
        builder.cast(hasNaN, 'bool'),
        plain(builder, 'ArgMax', flags),
        plain(builder),
      ])
    })
  }

const topK = (builder: GraphBuilder, value: string, k: number, isLargest: boolean): string =>
  builder.emitAll('TopK', [value, builder.int64s([k])], 2, { largest: int(isLargest ? 1 : 0) })[1] as string

/**
 * Places in order, NaN counting as larger than all numbers: first by the numbers, with infinity in NaN's place, and then,
 * since equal ones keep their order, by what is NaN.
 */
function sortedWithNaN(
  builder: GraphBuilder,
  value: string,
  { shape, params }: NodeOf<'topK'>,
  from: Node,
): string {
  const last = shape.length - 1
  const { k, largest } = params
  const infinity = builder.scalar(from.dtype, Number.POSITIVE_INFINITY)
  const numbers = builder.emit('Where', [builder.emit('IsNaN', [value]), infinity, value])
  const first = topK(builder, numbers, from.shape[last] as number, largest)
  const flags = builder.emit('GatherElements', [nanFlags(builder, value), first], { axis: int(last) })
  return builder.emit('GatherElements', [first, topK(builder, flags, k, largest)], { axis: int(last) })
}

/** Whether a node only swaps the axes of a matrix, which Gemm does by itself. */
const isMatrixTranspose = (node: NodeOf<Primitive>['inputs'][number] | undefined): boolean =>
  node?.kind === 'transpose' && node.shape.length === 2 && node.params.permutation[0] === 1

/** How each primitive becomes operators of ONNX's default domain. */
export const loweringRules: {
  readonly [P in Exclude<Primitive, 'scan' | 'element' | 'input' | 'data'>]: LoweringRule<P>
} = {
  identity: alias,
  stopGradient: alias,
  customGradient: alias,
  // ONNX negates signed numbers alone; unsigned ones wrap.
  neg: ({ node, inputs, builder }) =>
    node.dtype === 'uint8' || node.dtype === 'uint32'
      ? builder.emit('Sub', [builder.scalar(node.dtype, 0), ...inputs])
      : builder.emit('Neg', inputs),
  abs: operator('Abs'),
  sign: operator('Sign'),
  exp: operator('Exp'),
  log: operator('Log'),
  sqrt: operator('Sqrt'),
  reciprocal: operator('Reciprocal'),
  sin: operator('Sin'),
  cos: operator('Cos'),
  asin: viaFloat32(operator('Asin')),
  acos: viaFloat32(operator('Acos')),
  atan: viaFloat32(operator('Atan')),
  tanh: operator('Tanh'),
  // ONNX Runtime fuses x·sigmoid(x) of any float to QuickGelu, and has no kernel of that for float64.
  sigmoid: ({ node, inputs, builder }) => {
    if (node.dtype !== 'float64') return builder.emit('Sigmoid', inputs)
    const power = builder.emit('Exp', [builder.emit('Neg', inputs)])
    return builder.emit('Reciprocal', [builder.emit('Add', [power, builder.scalar('float64', 1)])])
  },
  relu: (context) => {
    const { node, inputs, builder } = context
    if (!isFloating(node.dtype)) return builder.emit('Max', [...inputs, builder.scalar(node.dtype, 0)])
    return lowerReluOfConv(context) ?? lowerReluOfProduct(context) ?? builder.emit('Relu', inputs)
  },
  erf: viaFloat32(operator('Erf')),
  floor: operator('Floor'),
  ceil: operator('Ceil'),
  round: operator('Round'),
  not: operator('Not'),
  isNaN: operator('IsNaN'),

  add: (context) =>
    lowerBiasedConv(context) ??
    loopProductWithSum(context) ??
    biasedThinProduct(context) ??
    lowerBiasedProduct(context) ??
    binary<'add'>('Add')(context),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: (context) =>
    isFloating(context.node.dtype) ? binary<'div'>('Div')(context) : integerDivision('div')(context),
  pow: ({ node, inputs, builder }) =>
    node.dtype === 'uint8'
      ? builder.cast(
          builder.emit(
            'Pow',
            inputs.map((name) => builder.cast(name, 'int32')),
          ),
          'uint8',
        )
      : builder.emit('Pow', inputs),
  mod: (context) => (isFloating(context.node.dtype) ? floatModulo(context) : integerDivision('mod')(context)),
  max: binary('Max'),
  min: binary('Min'),
  equal: binary('Equal'),
  less: binary('Less'),
  lessEqual: binary('LessOrEqual'),
  and: operator('And'),
  or: operator('Or'),
  xor: operator('Xor'),

  reduceSum: (context) => sumSquares(context) ?? sumRows(context) ?? sumInBlocks(context),
  reduceMax: extreme('ReduceMax'),
  reduceMin: extreme('ReduceMin'),
  reduceProd: (context) => {
    const { node, inputs, builder, isExact } = context
    if (!isExact || node.dtype !== 'int64') return reduction<'reduceProd'>('ReduceProd')(context)
    return productOfInt64(builder, inputs[0] as string, node.inputs[0] as Node, node.params, node.shape)
  },
  argMax: arg('ArgMax'),
  argMin: arg('ArgMin'),
  topK: (context) => {
    const { node, builder, isExact } = context
    const { k, largest } = node.params
    const [value] = context.inputs as readonly [string]
    const plain = (inner: GraphBuilder) => inner.cast(topK(inner, value, k, largest), 'int32')
    if (!isExact) return plain(builder)
    return whereNaN(builder, typed(context), node, plain, (inner) =>
      inner.cast(sortedWithNaN(inner, value, node, node.inputs[0] as Node), 'int32'),
    )
  },
  cumsum: ({ node, inputs, builder, isExact }) => {
    const { axis, exclusive, reverse } = node.params
    const [value] = inputs as readonly [string]
    const lines = linesOf(node.shape, axis)
    if (isExact && (node.dtype === 'float32' || node.dtype === 'float64')) {
      const last = [...node.shape.keys()].filter((i) => i !== axis)
      const front = [...last, axis]
      const moved = builder.transpose(value, front)
      const sums = blockedCumulativeSum(builder, builder.reshape(moved, lines), lines, node.params)
      if (sums !== undefined) {
        const shaped = builder.reshape(
          sums,
          front.map((i) => node.shape[i] as number),
        )
        return builder.transpose(
          shaped,
          front.map((_, i) => front.indexOf(i)),
        )
      }
    }
    return builder.emit('CumSum', [value, builder.int64(axis)], {
      exclusive: int(exclusive ? 1 : 0),
      reverse: int(reverse ? 1 : 0),
    })
  },
  maskedSoftmax: lowerMaskedSoftmax,
  dequantize: lowerDequantize,
  quantizedProduct: lowerQuantizedProduct,
  softmax: operator('Softmax', ({ axis }) => ({ axis: int(axis) })),
  logSoftmax: operator('LogSoftmax', ({ axis }) => ({ axis: int(axis) })),

  constant: ({ node, builder }) => builder.constant(node.params.dtype, node.params.shape, node.params.data),
  iota: ({ node, builder }) => {
    const { length, dtype } = node.params
    const whole = builder.emit('Range', [builder.int64(0), builder.int64(length), builder.int64(1)])
    return dtype === 'int64' ? whole : builder.cast(whole, dtype)
  },
  randomBits: lowerRandomBits,
  cast: ({ node, inputs, builder, isExact }) => {
    const x = node.inputs[0] as Node
    return isExact && isFloating(x.dtype)
      ? castOfFloats(builder, inputs[0] as string, x.dtype, node.params.dtype, {
          bounds: boundsOf(x),
          mayBeNaN: numberIn(x) === undefined,
        })
      : builder.cast(inputs[0] as string, node.params.dtype)
  },
  // There is no kernel that chooses between bools: they travel as bytes.
  select: ({ node, inputs, builder }) => {
    if (node.dtype !== 'bool') return builder.emit('Where', inputs)
    const [condition, ...values] = inputs as readonly [string, ...string[]]
    const bytes = values.map((name) => builder.cast(name, 'uint8'))
    return builder.cast(builder.emit('Where', [condition, ...bytes]), 'bool')
  },
  // Joined with an empty piece of each dependency: a copy that cannot be made before they are known.
  barrier: ({ node, inputs, builder }) => {
    const flat = builder.reshape(inputs[0] as string, [-1])
    const empty = inputs.slice(1).map((name) => {
      const piece = builder.emit('Slice', [
        builder.reshape(name, [-1]),
        builder.int64s([0]),
        builder.int64s([0]),
      ])
      return builder.cast(piece, node.dtype)
    })
    return builder.reshape(builder.emit('Concat', [flat, ...empty], { axis: int(0) }), node.shape)
  },

  matmul: (context) => {
    // Sums of nothing: the runtime refuses them where it adds a bias to more than two axes.
    if (context.node.inputs[0]?.shape.at(-1) === 0)
      return context.builder.zeros(context.node.dtype, context.node.shape)
    const kernel =
      loopProduct(context) ?? thinProduct(context) ?? lowerProduct(context) ?? lowerBatchProduct(context)
    if (kernel !== undefined) return kernel
    const { node, builder } = context
    const [a, b] = node.inputs
    const left = isMatrixTranspose(a) ? builder.untransposed(input(context, 0)) : undefined
    const right = isMatrixTranspose(b) ? builder.untransposed(input(context, 1)) : undefined
    if (b?.shape.length !== 2 || (left ?? right) === undefined || !isFloating(node.dtype))
      return builder.emit('MatMul', context.inputs)
    // Gemm is of matrices: further axes in front are rows.
    const rows =
      a === undefined || a.shape.length === 2
        ? undefined
        : builder.reshape(input(context, 0), [sizeOf(a.shape.slice(0, -1)), b.shape[0] as number])
    const product = builder.emit('Gemm', [left ?? rows ?? input(context, 0), right ?? input(context, 1)], {
      transA: int(left === undefined ? 0 : 1),
      transB: int(right === undefined ? 0 : 1),
    })
    return rows === undefined ? product : builder.reshape(product, node.shape)
  },
  conv: ofSomething(
    viaFloat32((context) =>
      context.node.params.isChannelsLast === true
        ? lowerConvByKernels(context)
        : operator<'conv'>('Conv', convAttributes)(context),
    ),
  ),
  convInputGradient: ofSomething(
    viaFloat32((context) => {
      const { node, inputs, builder } = context
      if (node.params.isChannelsLast === true) return lowerConvInputGradient(context)
      const { strides, padding, dilation, inputShape } = node.params
      const [g, kernel] = node.inputs
      // Elements of the input that no window reached: the transposed convolution must be told of them.
      const outputPadding = strides.map((stride, i) => {
        const span = ((kernel?.shape[i + 2] ?? 1) - 1) * (dilation[i] as number) + 1
        const reached = ((g?.shape[i + 2] ?? 1) - 1) * stride + span
        const [before, after] = padding[i] as readonly [number, number]
        return (inputShape[i + 2] as number) + before + after - reached
      })
      return builder.emit('ConvTranspose', inputs, {
        ...convAttributes(node.params),
        output_padding: ints(outputPadding),
      })
    }),
  ),
  convKernelGradient: ofSomething(
    viaFloat32((context) =>
      context.node.params.isChannelsLast === true
        ? lowerConvKernelGradientLast(context)
        : lowerConvKernelGradient(context),
    ),
  ),
  maxPool: ofSomething((context) => {
    const { node, inputs, isExact } = context
    if (node.params.isChannelsLast === true) return lowerMaxPoolLast(context)
    const plain = (builder: GraphBuilder) => builder.emit('MaxPool', inputs, poolAttributes(node.params))
    if (!isExact) return plain(context.builder)
    // The runtime's smallest maximum is the smallest finite number, where all that a window sees may be −∞.
    const infinity = Number.NEGATIVE_INFINITY
    const careful = (builder: GraphBuilder): string => {
      const pooled = (flags: string): string =>
        builder.cast(
          builder.emit('MaxPool', [builder.cast(flags, 'float32')], poolAttributes(node.params)),
          'bool',
        )
      const hasNaN = pooled(builder.emit('IsNaN', inputs))
      const isAbove = pooled(
        builder.emit('Greater', [inputs[0] as string, builder.scalar(node.dtype, infinity)]),
      )
      const maxima = builder.emit('Where', [isAbove, plain(builder), builder.scalar(node.dtype, infinity)])
      return builder.emit('Where', [hasNaN, builder.scalar(node.dtype, Number.NaN), maxima])
    }
    return whereNaN(context.builder, typed(context), node, plain, careful, true)
  }),
  maxPoolIndices: ofSomething(
    ({ node, inputs, builder }) =>
      builder.emitAll('MaxPool', inputs, 2, poolAttributes(node.params))[1] as string,
  ),
  maxPoolGradient: ofSomething(viaFloat32(lowerMaxPoolGradient, ['float16'])),
  averagePool: ofSomething(
    viaFloat32(
      operator('AveragePool', (params) => ({ ...poolAttributes(params), count_include_pad: int(0) })),
    ),
  ),

  reshape: ({ node, inputs, builder }) => builder.reshape(inputs[0] as string, node.params.shape),
  broadcast: ({ node, inputs, builder }) =>
    builder.emit('Expand', [inputs[0] as string, builder.int64s(node.params.shape)]),
  transpose: (context) => lowerTransposedBatchProduct(context) ?? lowerTranspose(context),
  concat: operator('Concat', ({ axis }) => ({ axis: int(axis) })),
  slice: ({ node, inputs, builder, kernelSupport }) => {
    const { starts, stops, steps } = node.params
    if (kernelSupport.supports('copy', { operator: 'slice', shape: node.shape })) {
      const copied = copySlice(builder, node.inputs[0] as Node, inputs[0] as string, node.params, node.shape)
      if (copied !== undefined) return copied
    }
    const shape = node.inputs[0]?.shape ?? []
    const axes = starts.flatMap((start, i) =>
      start === 0 && stops[i] === shape[i] && steps[i] === 1 ? [] : [i],
    )
    if (axes.length === 0) return inputs[0] as string
    // A negative stop counts from the end in ONNX; "before the first" lies one length further down.
    const ends = axes.map((i) =>
      (stops[i] as number) < 0 ? -(shape[i] as number) - 1 : (stops[i] as number),
    )
    return builder.emit('Slice', [
      inputs[0] as string,
      builder.int64s(axes.map((i) => starts[i] as number)),
      builder.int64s(ends),
      builder.int64s(axes),
      builder.int64s(axes.map((i) => steps[i] as number)),
    ])
  },
  pad: ({ node, inputs, builder }) => {
    const { padding, value } = node.params
    // Scalars have nothing to pad, and ONNX Runtime refuses them.
    if (padding.every(([before, after]) => before === 0 && after === 0)) return inputs[0] as string
    return builder.emit('Pad', [
      inputs[0] as string,
      builder.int64s(pads(padding)),
      builder.scalar(node.dtype, value),
    ])
  },
  dynamicSlice: lowerDynamicSlice,
  dynamicUpdateSlice: lowerDynamicUpdateSlice,

  gather: (context) => {
    const { node, inputs, builder } = context
    const within = gatherWithin(context)
    if (within !== undefined) return within
    return builder.emitNamed(node.params.layer ?? '', 'Gather', inputs, { axis: int(node.params.axis) })
  },
  scatterAdd: viaFloat32(lowerScatterAdd, ['float16']),
  gatherElements: operator('GatherElements', ({ axis }) => ({ axis: int(axis) })),
  scatterElements: viaFloat32(
    (context) => {
      const { node, inputs, builder } = context
      return builder.emit('ScatterElements', [builder.zeros(node.dtype, node.shape), ...inputs], {
        axis: int(node.params.axis),
        reduction: string('add'),
      })
    },
    ['float16'],
  ),
}
