import { describe, expect, it } from 'vitest'
import type { Primitive } from '../graph/primitives.ts'
import { grad, ops, type Tensor, tensor } from '../index.ts'
import { apply } from '../ops/apply.ts'
import { scan } from '../ops/scan.ts'
import {
  at,
  binary,
  convolutions,
  type Elementwise,
  f64,
  i32,
  linear,
  pools,
  primitive,
  type Row,
  reductions,
  single,
  unary,
  window0,
} from '../testing/gradient-cases.ts'
import { checkGradients, spread } from '../testing/numeric-gradient.ts'

const bare = [
  [0, 0],
  [0, 0],
] as const
const leaf: Row = { none: 'it has no inputs' }
const steps = (kind: Primitive): Row => ({
  none: 'its value is constant between its steps',
  value: primitive(kind as Elementwise, {}),
})
const decision = (kind: 'equal' | 'less' | 'lessEqual'): Row => ({
  none: 'its value is a bool',
  value: (x) => ops.cast(apply(kind, [x, f64(0.1)], {}), 'float64'),
})
const logic: Row = { none: 'its inputs are bools' }
const positions: Row = { none: 'its value is a position' }

/** Of the second matrix no query sees anything. */
const someSeen = tensor([[[true, false, true]], [[false, false, false]]], { dtype: 'bool' })

const rows: { readonly [P in Primitive]: Row } = {
  identity: unary('identity', -1, 1),
  stopGradient: { none: 'that is what it is for', value: primitive('stopGradient', {}) },
  neg: unary('neg', -1, 1),
  abs: unary('abs', -1.5, 1.5),
  sign: steps('sign'),
  exp: unary('exp', -2, 2),
  log: unary('log', 0.2, 3),
  sqrt: unary('sqrt', 0.2, 3),
  reciprocal: [...unary('reciprocal', 0.3, 2), ...unary('reciprocal', -2, -0.3)],
  sin: unary('sin', -4, 4),
  cos: unary('cos', -4, 4),
  asin: unary('asin', -0.7, 0.7, single),
  acos: unary('acos', -0.7, 0.7, single),
  atan: unary('atan', -2, 2, single),
  tanh: unary('tanh', -2, 2),
  sigmoid: unary('sigmoid', -4, 4),
  relu: unary('relu', -1.5, 1.5),
  erf: unary('erf', -1.5, 1.5, single),
  floor: steps('floor'),
  ceil: steps('ceil'),
  round: steps('round'),
  not: logic,
  isNaN: { none: 'its value is a bool', value: (x) => ops.cast(apply('isNaN', [x], {}), 'float64') },

  add: binary('add', [-1, 1]),
  sub: binary('sub', [-1, 1]),
  mul: binary('mul', [-1, 1]),
  div: [...binary('div', [-1, 1], [0.5, 2]), ...binary('div', [-1, 1], [-2, -0.5])],
  pow: [
    ...binary('pow', [0.3, 2], [-2, 2]),
    // Any base has powers with whole exponents; the differences cannot move the exponent there.
    at((x) => apply('pow', [x, f64([0, 1, 2, 3])], {}), [spread([3, 4])]),
    at((x) => apply('pow', [x, f64([0, 1, 2, 3])], {}), [f64([0, 0, 0, 0])]),
  ],
  mod: [...binary('mod', [0.1, 5], [0.7, 0.9]), ...binary('mod', [-5, -0.1], [0.7, 0.9])],
  max: binary('max', [-1, 1]),
  min: binary('min', [-1, 1]),
  equal: decision('equal'),
  less: decision('less'),
  lessEqual: decision('lessEqual'),
  and: logic,
  or: logic,
  xor: logic,

  reduceSum: reductions('reduceSum'),
  reduceMax: reductions('reduceMax'),
  reduceMin: reductions('reduceMin'),
  reduceProd: [
    ...reductions('reduceProd'),
    // Rows with no zero, with one, with two: the product is a polynomial, so differences hold at zeros too.
    at(primitive('reduceProd', { axes: [1], keepDims: false }), [
      f64([
        [2, 3, 0.5],
        [2, 0, 0.5],
        [0, 3, 0],
      ]),
    ]),
  ],
  argMax: positions,
  argMin: positions,
  topK: positions,
  cumsum: [
    at(primitive('cumsum', { axis: 0, exclusive: false, reverse: false }), [spread([3, 2])]),
    at(primitive('cumsum', { axis: 1, exclusive: true, reverse: false }), [spread([2, 4])]),
    at(primitive('cumsum', { axis: 1, exclusive: false, reverse: true }), [spread([2, 4])]),
    at(primitive('cumsum', { axis: 0, exclusive: true, reverse: true }), [spread([4])]),
  ],
  softmax: [
    at(primitive('softmax', { axis: 1 }), [spread([2, 4])]),
    at(primitive('softmax', { axis: 0 }), [spread([3, 2])]),
  ],
  dequantize: { none: 'what it is made of is whole numbers and given scales' },
  quantizedProduct: { none: 'a pass makes it, behind all gradients' },
  maskedSoftmax: [
    at(primitive('maskedSoftmax', { causal: false, offset: 0, blind: 'zero' }), [spread([2, 4])]),
    at(primitive('maskedSoftmax', { causal: true, offset: 0, blind: 'zero' }), [spread([2, 3, 3])]),
    at(primitive('maskedSoftmax', { causal: true, window: 2, offset: 1, blind: 'zero' }), [spread([3, 4])]),
    // The first query sees nothing, and neither does the last.
    at(primitive('maskedSoftmax', { causal: true, offset: -1, blind: 'zero' }), [spread([2, 2])]),
    at(primitive('maskedSoftmax', { causal: false, window: 2, offset: 2, blind: 'zero' }), [spread([3, 3])]),
    at(
      (x) =>
        apply('maskedSoftmax', [x, someSeen, tensor(1, { dtype: 'int32' })], {
          causal: true,
          offset: 0,
          blind: 'zero',
        }),
      [spread([2, 2, 3])],
    ),
  ],
  logSoftmax: [
    at(primitive('logSoftmax', { axis: 1 }), [spread([2, 4])]),
    at(primitive('logSoftmax', { axis: 0 }), [spread([3, 2])]),
  ],

  constant: leaf,
  data: leaf,
  input: leaf,
  iota: leaf,
  randomBits: { none: 'its input is a key of integers' },
  cast: [
    at((x) => ops.cast(ops.cast(x, 'float32'), 'float64'), [spread([2, 3])], linear),
    at((x) => ops.mul(x, ops.cast(ops.cast(x, 'int32'), 'float64')), [spread([4], 1.1, 1.9)]),
  ],
  select: [
    at(
      (a, b) => apply('select', [tensor([[true], [false]], { dtype: 'bool' }), a, b], {}),
      [spread([3]), spread([2, 3])],
    ),
    at(
      (a, b) => apply('select', [tensor([true, false, true], { dtype: 'bool' }), a, b], {}),
      [spread([]), spread([2, 1])],
    ),
    at((a) => apply('select', [apply('less', [f64(0.1), a], {}), ops.mul(a, a), a], {}), [spread([2, 3])]),
  ],
  barrier: [at((a, b) => apply('barrier', [ops.mul(a, a), b], {}), [spread([2, 3]), spread([2])])],
  customGradient: [
    // The product rule by hand.
    at(
      (a, b) =>
        ops.withGradient(ops.mul(a.stopGradient(), b.stopGradient()), [a, b], (g) => [
          ops.mul(g, b),
          ops.mul(g, a),
        ]),
      [spread([2, 3]), spread([2, 3], -1, 1, 5)],
    ),
  ],

  matmul: [
    at(primitive('matmul', {}), [spread([2, 3]), spread([3, 4])]),
    at(primitive('matmul', {}), [spread([2, 2, 3]), spread([3, 2])]),
    at(primitive('matmul', {}), [spread([2, 3]), spread([2, 3, 2])]),
    at(primitive('matmul', {}), [spread([2, 1, 2, 3]), spread([3, 3, 1])]),
    at(primitive('matmul', {}), [spread([1, 2, 3]), spread([3, 2])]),
  ],
  conv: [
    ...convolutions.map(({ x, kernel, window }) =>
      at(primitive('conv', window), [spread(x), spread(kernel)], linear),
    ),
    // With a bias the engine adds it in the convolution.
    at(
      (x, kernel, bias) => {
        const [a, b, c] = [x, kernel, bias].map((t) => ops.cast(t, 'float32')) as [Tensor, Tensor, Tensor]
        return ops.cast(apply('conv', [a, b], window0).add(c), 'float64')
      },
      [spread([2, 2, 4]), spread([3, 2, 2]), spread([1, 3, 1])],
      linear,
    ),
  ],
  convInputGradient: convolutions.map(({ x, kernel, y, window }) =>
    at(primitive('convInputGradient', { ...window, inputShape: x }), [spread(y), spread(kernel)], linear),
  ),
  convKernelGradient: convolutions.map(({ x, kernel, y, window }) =>
    at(primitive('convKernelGradient', { ...window, kernelShape: kernel }), [spread(x), spread(y)], linear),
  ),
  maxPool: [
    ...pools.map(({ x, pool }) => at(primitive('maxPool', pool), [spread(x)])),
    // Windows side by side in float32: another lowering of the gradient.
    at(
      (x) =>
        ops.cast(
          apply('maxPool', [ops.cast(x, 'float32')], { window: [2, 2], strides: [2, 2], padding: bare }),
          'float64',
        ),
      [spread([1, 2, 4, 5])],
      single,
    ),
  ],
  maxPoolIndices: positions,
  maxPoolGradient: pools.map(({ x, pool }) => {
    const input = spread(x)
    const value = apply('maxPool', [input], pool)
    // Linear in the cotangent; the input only says where the maxima are.
    return at((g) => apply('maxPoolGradient', [input, value, g], pool), [spread(value.shape)])
  }),
  averagePool: pools.map(({ x, pool }) => at(primitive('averagePool', pool), [spread(x)], linear)),

  reshape: [
    at(primitive('reshape', { shape: [3, 2] }), [spread([2, 3])]),
    at(primitive('reshape', { shape: [] }), [spread([1, 1])]),
  ],
  broadcast: [
    at(primitive('broadcast', { shape: [2, 3] }), [spread([3])]),
    at(primitive('broadcast', { shape: [2, 4, 3] }), [spread([4, 1])]),
    at(primitive('broadcast', { shape: [2, 2] }), [spread([])]),
    at(primitive('broadcast', { shape: [1, 1] }), [spread([1])]),
  ],
  transpose: [at(primitive('transpose', { permutation: [2, 0, 1] }), [spread([2, 3, 2])])],
  concat: [
    at(primitive('concat', { axis: 1 }), [spread([2, 1]), spread([2, 3]), spread([2, 2])]),
    at((x) => apply('concat', [x, ops.mul(x, x)], { axis: 0 }), [spread([2])]),
  ],
  slice: [
    at(primitive('slice', { starts: [1, 0], stops: [3, 4], steps: [1, 2] }), [spread([3, 5])]),
    at(primitive('slice', { starts: [4, 2], stops: [-1, 0], steps: [-2, -1] }), [spread([6, 3])]),
    at(primitive('slice', { starts: [5], stops: [0], steps: [-3] }), [spread([7])]),
    at(primitive('slice', { starts: [1], stops: [1], steps: [1] }), [spread([3])]),
  ],
  pad: [
    at(
      primitive('pad', {
        padding: [
          [1, 0],
          [0, 2],
        ],
        value: 3,
      }),
      [spread([2, 2])],
    ),
  ],
  dynamicSlice: [
    at((x) => apply('dynamicSlice', [x, i32([1, 2])], { sizes: [2, 2] }), [spread([3, 5])]),
    // Moved until it fits, counted from the end, a scalar, and nothing at all.
    at((x) => apply('dynamicSlice', [x, i32([9, -2, 0])], { sizes: [1, 2, 3] }), [spread([2, 4, 3])]),
    at((x) => apply('dynamicSlice', [x, i32([])], { sizes: [] }), [spread([])]),
    at((x) => apply('dynamicSlice', [x, i32([1])], { sizes: [0] }), [spread([3])]),
  ],
  dynamicUpdateSlice: [
    at((x, u) => apply('dynamicUpdateSlice', [x, u, i32([1, 2])], {}), [spread([3, 5]), spread([2, 2])]),
    at(
      (x, u) => apply('dynamicUpdateSlice', [x, u, i32([9, -2, 0])], {}),
      [spread([2, 4, 3]), spread([1, 2, 3])],
    ),
    at((x) => apply('dynamicUpdateSlice', [x, ops.mul(x, x), i32([1])], {}), [spread([3])]),
    at((x, u) => apply('dynamicUpdateSlice', [x, u, i32([1])], {}), [spread([3]), spread([0])]),
  ],

  gather: [
    at((x) => apply('gather', [x, i32([2, 0, 2])], { axis: 0 }), [spread([3, 2])]),
    at(
      (x) =>
        apply(
          'gather',
          [
            x,
            i32([
              [1, 0],
              [-1, 1],
            ]),
          ],
          { axis: 1 },
        ),
      [spread([2, 3, 2])],
    ),
  ],
  scatterAdd: [
    at((x) => apply('scatterAdd', [i32([2, 0, 2]), x], { axis: 0, size: 4 }), [spread([3, 2])]),
    at(
      (x) =>
        apply(
          'scatterAdd',
          [
            i32([
              [1, 0],
              [2, 1],
            ]),
            x,
          ],
          { axis: 1, size: 3 },
        ),
      [spread([2, 2, 2, 2])],
    ),
    at(
      (x, onto) => apply('scatterAdd', [i32([2, 0, 2]), x, onto], { axis: 0, size: 4 }),
      [spread([3, 2]), spread([4, 2])],
    ),
  ],
  gatherElements: [
    at(
      (x) =>
        apply(
          'gatherElements',
          [
            x,
            i32([
              [1, 1],
              [0, 2],
            ]),
          ],
          { axis: 1 },
        ),
      [spread([2, 3])],
    ),
  ],
  scatterElements: [
    at(
      (x) =>
        apply(
          'scatterElements',
          [
            i32([
              [1, 1],
              [0, 2],
            ]),
            x,
          ],
          { axis: 1, size: 3 },
        ),
      [spread([2, 2])],
    ),
  ],

  // More of loops in scan-gradient.test.ts.
  scan: [
    at(
      (h, xs) =>
        scan({ initial: [h], sequences: [xs], step: ([c], [x]) => ({ carries: [ops.mul(c, x)] }) })
          .carries[0],
      [spread([2]), spread([3, 2])],
    ),
  ],
  element: { none: "its cotangent is the loop's; see scan" },
}

describe('gradients equal central differences', () => {
  for (const [kind, row] of Object.entries(rows)) {
    if (!('none' in row)) {
      it.each(row.map((c) => ({ ...c, shapes: c.inputs.map(({ shape }) => `[${shape}]`).join(' ') })))(
        `${kind} $shapes`,
        ({ fn, inputs, ...options }) => checkGradients(fn, inputs, options),
      )
      continue
    }
    it(`${kind} has none: ${row.none}`, async () => {
      const { value } = row
      if (value === undefined) return
      const x = spread([2, 3])
      expect(await grad((t: Tensor) => value(t).sum())(x).data()).toEqual(new Float64Array(6))
      // And it does not stand in the way of what else depends on the input.
      const half = grad((t: Tensor) => ops.mul(value(t), t).sum())(x)
      expect(await half.data()).toEqual(await value(x).data())
    })
  }
})
