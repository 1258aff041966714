import { isFloating } from '../base/dtype.ts'
import { type Shape, sizeOf } from '../base/shape.ts'
import type { NodeOf } from '../graph/node.ts'
import type { Primitive } from '../graph/primitives.ts'
import { apply } from '../ops/apply.ts'
import { zeros } from '../tensor/create.ts'
import { scalar, Tensor } from '../tensor/tensor.ts'
import { averagePoolGradient } from './average-pool-gradient.ts'
import { productOfOthers } from './product-gradient.ts'
import { sliceGradient } from './slice-gradient.ts'

/**
 * The cotangents of a node's inputs from that of its value; null where no gradient flows.
 *
 * `y` is the value itself, `inputs` what it was made of, `g` its cotangent.
 */
export type GradientRule<P extends Primitive> = (context: {
  readonly node: NodeOf<P>
  readonly y: Tensor
  readonly inputs: readonly Tensor[]
  readonly g: Tensor
}) => readonly (Tensor | null)[]

const add = (a: Tensor, b: Tensor): Tensor => apply('add', [a, b], {})
const sub = (a: Tensor, b: Tensor): Tensor => apply('sub', [a, b], {})
const mul = (a: Tensor, b: Tensor): Tensor => apply('mul', [a, b], {})
const div = (a: Tensor, b: Tensor): Tensor => apply('div', [a, b], {})
const neg = (a: Tensor): Tensor => apply('neg', [a], {})
const square = (a: Tensor): Tensor => mul(a, a)
const of = (value: number, like: Tensor): Tensor => scalar(value, like.dtype)
const plus = (a: Tensor, value: number): Tensor => add(a, of(value, a))
const times = (a: Tensor, value: number): Tensor => mul(a, of(value, a))
const reshape = (x: Tensor, shape: Shape): Tensor => apply('reshape', [x], { shape })
const select = (condition: Tensor, a: Tensor, b: Tensor): Tensor => apply('select', [condition, a, b], {})
const sumOver = (x: Tensor, axes: readonly number[], keepDims: boolean): Tensor =>
  axes.length === 0 ? x : apply('reduceSum', [x], { axes, keepDims })

/** 1 where the condition holds, 0 elsewhere. */
const mask = (condition: Tensor, like: Tensor): Tensor => apply('cast', [condition], { dtype: like.dtype })

/** Swaps the last two axes. */
function transposed(x: Tensor): Tensor {
  const permutation = x.shape.map((_, i) => i)
  const rank = permutation.length
  permutation.splice(rank - 2, 2, rank - 1, rank - 2)
  return apply('transpose', [x], { permutation })
}

/** Sums a cotangent over the axes along which an operand of `shape` was broadcast: one reduction, one reshape. */
export function unbroadcast(g: Tensor, shape: Shape): Tensor {
  const lead = g.rank - shape.length
  const axes = g.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []))
  const reduced = sumOver(g, axes, false)
  return reduced.rank === shape.length && axes.length === 0 ? reduced : reshape(reduced, shape)
}

/** A reduction's value or cotangent with its reduced axes back as 1, so that it broadcasts against the input. */
const kept = (x: Tensor, input: Tensor, axes: readonly number[]): Tensor =>
  reshape(
    x,
    input.shape.map((d, i) => (axes.includes(i) ? 1 : d)),
  )

/** Rules that no gradient passes: steps, comparisons, positions. */
const none = () => [null, null] as const

const unary =
  <P extends Primitive>(rule: (g: Tensor, x: Tensor, y: Tensor) => Tensor): GradientRule<P> =>
  ({ g, inputs: [x], y }) => [rule(g, x as Tensor, y)]

const binary =
  <P extends Primitive>(
    rule: (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => readonly [Tensor, Tensor],
  ): GradientRule<P> =>
  ({ g, inputs, y }) => {
    const [a, b] = inputs as readonly [Tensor, Tensor]
    const [ga, gb] = rule(g, a, b, y)
    return [unbroadcast(ga, a.shape), unbroadcast(gb, b.shape)]
  }

const compare = (kind: 'less' | 'lessEqual' | 'equal', a: Tensor, b: Tensor): Tensor =>
  apply(kind, [a, b], {})

/** The cotangent goes to the extreme elements, in equal parts where several are. */
const extreme: GradientRule<'reduceMax' | 'reduceMin'> = ({ g, node, inputs: [x], y }) => {
  const input = x as Tensor
  const { axes } = node.params
  const chosen = mask(compare('equal', input, kept(y, input, axes)), g)
  return [mul(chosen, div(kept(g, input, axes), sumOver(chosen, axes, true)))]
}

/** All of differentiation: how each primitive passes a cotangent on to its inputs. */
export const gradientRules: { readonly [P in Primitive]: GradientRule<P> } = {
  identity: unary((g) => g),
  stopGradient: none,
  neg: unary((g) => neg(g)),
  abs: unary((g, x) => mul(g, apply('sign', [x], {}))),
  sign: none,
  exp: unary((g, _, y) => mul(g, y)),
  log: unary((g, x) => div(g, x)),
  sqrt: unary((g, _, y) => div(times(g, 0.5), y)),
  reciprocal: unary((g, _, y) => neg(mul(g, square(y)))),
  sin: unary((g, x) => mul(g, apply('cos', [x], {}))),
  cos: unary((g, x) => neg(mul(g, apply('sin', [x], {})))),
  asin: unary((g, x) => div(g, apply('sqrt', [sub(of(1, x), square(x))], {}))),
  acos: unary((g, x) => neg(div(g, apply('sqrt', [sub(of(1, x), square(x))], {})))),
  atan: unary((g, x) => div(g, plus(square(x), 1))),
  tanh: unary((g, _, y) => mul(g, sub(of(1, y), square(y)))),
  sigmoid: unary((g, _, y) => mul(g, mul(y, sub(of(1, y), y)))),
  relu: unary((g, _, y) => mul(g, mask(compare('less', of(0, y), y), g))),
  erf: unary((g, x) => mul(g, times(apply('exp', [neg(square(x))], {}), 2 / Math.sqrt(Math.PI)))),
  floor: none,
  ceil: none,
  round: none,
  not: none,
  isNaN: none,

  add: binary((g) => [g, g]),
  sub: binary((g) => [g, neg(g)]),
  mul: binary((g, a, b) => [mul(g, b), mul(g, a)]),
  div: binary((g, _, b, y) => {
    const ga = div(g, b)
    return [ga, neg(mul(ga, y))]
  }),
  // d aᵇ/da = b·aᵇ⁻¹; where b is 0 any finite power will do, and 0⁻¹ would not.
  // d aᵇ/db = aᵇ·log a, taken as 0 where a is not positive.
  pow: binary((g, a, b, y) => {
    const positive = compare('less', of(0, a), a)
    const logarithm = apply('log', [select(positive, a, of(1, a))], {})
    const exponent = select(compare('equal', b, of(0, b)), of(1, b), plus(b, -1))
    return [mul(g, mul(b, apply('pow', [a, exponent], {}))), mul(g, mul(y, logarithm))]
  }),
  mod: binary((g, a, b) => [g, neg(mul(g, apply('floor', [div(a, b)], {})))]),
  // Equal operands: the first takes it all, so that a bound that is just reached still passes.
  max: binary((g, a, b) => [
    mul(g, mask(compare('lessEqual', b, a), g)),
    mul(g, mask(compare('less', a, b), g)),
  ]),
  min: binary((g, a, b) => [
    mul(g, mask(compare('lessEqual', a, b), g)),
    mul(g, mask(compare('less', b, a), g)),
  ]),
  equal: none,
  less: none,
  lessEqual: none,
  and: none,
  or: none,
  xor: none,

  reduceSum: ({ g, node, inputs: [x] }) => {
    const input = x as Tensor
    return [apply('broadcast', [kept(g, input, node.params.axes)], { shape: input.shape })]
  },
  reduceMax: extreme,
  reduceMin: extreme,
  reduceProd: ({ g, node, inputs: [x] }) => {
    const input = x as Tensor
    const { axes } = node.params
    return [mul(kept(g, input, axes), productOfOthers(input, axes))]
  },
  argMax: none,
  argMin: none,
  topK: none,
  cumsum: ({ g, node: { params } }) => [apply('cumsum', [g], { ...params, reverse: !params.reverse })],
  softmax: ({ g, y, node }) => [mul(y, sub(g, sumOver(mul(g, y), [node.params.axis], true)))],
  // What a query does not see has a weight of 0, and takes no part.
  maskedSoftmax: ({ g, y, inputs }) => [
    mul(y, sub(g, sumOver(mul(g, y), [y.rank - 1], true))),
    ...inputs.slice(1).map(() => null),
  ],
  logSoftmax: ({ g, y, node }) => [sub(g, mul(apply('exp', [y], {}), sumOver(g, [node.params.axis], true)))],

  constant: () => [],
  data: () => [],
  input: () => [],
  iota: () => [],
  randomBits: none,
  cast: ({ g, inputs: [x] }) => {
    const { dtype } = x as Tensor
    return [isFloating(dtype) ? apply('cast', [g], { dtype }) : null]
  },
  select: ({ g, inputs }) => {
    const [condition, a, b] = inputs as readonly [Tensor, Tensor, Tensor]
    const zero = of(0, g)
    return [
      null,
      unbroadcast(select(condition, g, zero), a.shape),
      unbroadcast(select(condition, zero, g), b.shape),
    ]
  },
  barrier: ({ g, inputs }) => [g, ...inputs.slice(1).map(() => null)],
  customGradient: ({ g, node }) => [
    null,
    ...node.params.gradient(g.node).map((gradient) => (gradient === null ? null : new Tensor(gradient))),
  ],

  // Whole numbers have no gradient, and scales are given.
  dequantize: ({ inputs }) => inputs.map(() => null),
  quantizedProduct: ({ inputs }) => inputs.map(() => null),
  matmul: ({ g, inputs }) => {
    const [a, b] = inputs as readonly [Tensor, Tensor]
    const matmul = (x: Tensor, y: Tensor) => apply('matmul', [x, y], {})
    const ga = unbroadcast(matmul(g, transposed(b)), a.shape)
    if (b.rank > 2 || a.rank === 2) return [ga, unbroadcast(matmul(transposed(a), g), b.shape)]
    // One matrix against a batch: a single tall product instead of a batch of products and a sum.
    const [k, n] = b.shape as readonly [number, number]
    const rows = sizeOf(a.shape.slice(0, -1))
    return [ga, matmul(transposed(reshape(a, [rows, k])), reshape(g, [rows, n]))]
  },
  // Convolution is linear in the input and in the kernel, so its three forms are each other's gradients.
  conv: ({ g, inputs, node: { params } }) => {
    const [x, kernel] = inputs as readonly [Tensor, Tensor]
    return [
      apply('convInputGradient', [g, kernel], { ...params, inputShape: x.shape }),
      apply('convKernelGradient', [x, g], { ...params, kernelShape: kernel.shape }),
    ]
  },
  convInputGradient: ({ g, inputs, node: { params } }) => {
    const [cotangent, kernel] = inputs as readonly [Tensor, Tensor]
    const { inputShape: _, ...window } = params
    return [
      apply('conv', [g, kernel], window),
      apply('convKernelGradient', [g, cotangent], { ...window, kernelShape: kernel.shape }),
    ]
  },
  convKernelGradient: ({ g, inputs, node: { params } }) => {
    const [x, cotangent] = inputs as readonly [Tensor, Tensor]
    const { kernelShape: _, ...window } = params
    return [
      apply('convInputGradient', [cotangent, g], { ...window, inputShape: x.shape }),
      apply('conv', [x, g], window),
    ]
  },
  maxPool: ({ g, inputs: [x], y, node }) => [apply('maxPoolGradient', [x as Tensor, y, g], node.params)],
  maxPoolIndices: none,
  // Linear in its cotangent: what comes back is read at the places of the maxima.
  maxPoolGradient: ({ g, inputs, node }) => {
    const [x, y] = inputs as readonly [Tensor, Tensor]
    const indices = apply('maxPoolIndices', [x], node.params)
    const flat = apply('gather', [reshape(g, [g.size]), reshape(indices, [indices.size])], { axis: 0 })
    return [null, null, reshape(flat, y.shape)]
  },
  averagePool: ({ g, inputs: [x], node }) => [averagePoolGradient(g, (x as Tensor).shape, node)],

  reshape: ({ g, inputs: [x] }) => [reshape(g, (x as Tensor).shape)],
  broadcast: ({ g, inputs: [x] }) => [unbroadcast(g, (x as Tensor).shape)],
  transpose: ({ g, node }) => {
    const { permutation } = node.params
    return [apply('transpose', [g], { permutation: permutation.map((_, i) => permutation.indexOf(i)) })]
  },
  concat: ({ g, inputs, node: { params } }) => {
    let start = 0
    return inputs.map((input) => {
      const stop = start + (input.shape[params.axis] as number)
      const part = apply('slice', [g], {
        starts: g.shape.map((_, i) => (i === params.axis ? start : 0)),
        stops: g.shape.map((d, i) => (i === params.axis ? stop : d)),
        steps: g.shape.map(() => 1),
      })
      start = stop
      return part
    })
  },
  slice: ({ g, inputs: [x], node }) => [sliceGradient(g, (x as Tensor).shape, node)],
  pad: ({ g, inputs: [x], node }) => {
    const starts = node.params.padding.map(([before]) => before)
    const { shape } = x as Tensor
    return [
      apply('slice', [g], {
        starts,
        stops: starts.map((start, i) => start + (shape[i] as number)),
        steps: starts.map(() => 1),
      }),
    ]
  },
  // What is taken out somewhere goes back there, and what is written over counts no more.
  dynamicSlice: ({ g, inputs }) => {
    const [x, starts] = inputs as readonly [Tensor, Tensor]
    return [apply('dynamicUpdateSlice', [zeros(x.shape, { dtype: g.dtype }), g, starts], {}), null]
  },
  dynamicUpdateSlice: ({ g, inputs }) => {
    const [, update, starts] = inputs as readonly [Tensor, Tensor, Tensor]
    const nothing = zeros(update.shape, { dtype: g.dtype })
    return [
      apply('dynamicUpdateSlice', [g, nothing, starts], {}),
      apply('dynamicSlice', [g, starts], { sizes: update.shape }),
      null,
    ]
  },

  gather: ({ g, inputs, node: { params } }) => {
    const [x, indices] = inputs as readonly [Tensor, Tensor]
    return [
      apply('scatterAdd', [indices, g], { axis: params.axis, size: x.shape[params.axis] as number }),
      null,
    ]
  },
  scatterAdd: ({ g, inputs: [indices, , onto], node: { params } }) => [
    null,
    apply('gather', [g, indices as Tensor], { axis: params.axis }),
    ...(onto === undefined ? [] : [g]),
  ],
  gatherElements: ({ g, inputs, node: { params } }) => {
    const [x, indices] = inputs as readonly [Tensor, Tensor]
    return [
      apply('scatterElements', [indices, g], { axis: params.axis, size: x.shape[params.axis] as number }),
      null,
    ]
  },
  scatterElements: ({ g, inputs: [indices], node: { params } }) => [
    null,
    apply('gatherElements', [g, indices as Tensor], { axis: params.axis }),
  ],

  // Members of a loop's tuple meet again at the loop: backward.ts gathers their cotangents there.
  scan: () => [],
  element: () => [],
}
