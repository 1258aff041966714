import type { SymbolicTensor } from '../layers/base/symbolic.ts'
import type { SymbolicName } from '../layers/operations/signatures.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A tensor, or the place in a model that stands for it. */
type Either = Tensor | SymbolicTensor

/** Arguments of a function: of vectors `x` and `y` (samples, 4), and sequences `s` (samples, 3, 4). */
type Arguments = (given: { readonly x: Either; readonly y: Either; readonly s: Either }) => readonly unknown[]

const unary: Arguments = ({ x }) => [x]
const along: Arguments = ({ s }) => [s, 1]
const kept: Arguments = ({ s }) => [s, [-1], { keepDims: true }]
const binary: Arguments = ({ x, y }) => [x, y]
const withNumber: Arguments = ({ x }) => [x, 0.5]
const numberFirst: Arguments = ({ x }) => [2, x]
const withTensor: Arguments = ({ x }) => [tensor([1, -2, 3, 0.5]), x]
const withArray: Arguments = ({ s }) => [s, [1, -2, 3, 0.5]]
const operands = [binary, withNumber, numberFirst, withTensor, withArray]
const compared = [binary, withNumber, numberFirst]
const reduced = [unary, along, kept]
const position: Arguments = ({ s }) => [s, -1, { keepDims: true }]

/** A start that is computed: the place of the largest element of the first vector. */
const firstOf = (x: Either): Either => x.argMax(1).at(0)

/** Calls of every function that takes symbolic tensors. */
export const symbolicCalls: Readonly<Record<SymbolicName, readonly Arguments[]>> = {
  abs: [unary],
  acos: [unary],
  asin: [unary],
  atan: [unary],
  ceil: [unary],
  cos: [unary],
  cosh: [unary],
  erf: [unary],
  exp: [unary],
  expm1: [unary],
  floor: [unary],
  isNaN: [unary],
  log: [unary],
  log1p: [unary],
  logicalNot: [unary],
  neg: [unary],
  reciprocal: [unary],
  round: [unary],
  rsqrt: [unary],
  sign: [unary],
  sin: [unary],
  sinh: [unary],
  sqrt: [unary],
  square: [unary],
  stopGradient: [unary],
  tan: [unary],
  tanh: [unary],
  flatten: [unary],
  relu: [unary],
  relu6: [unary],
  sigmoid: [unary],
  softplus: [unary],
  softsign: [unary],
  silu: [unary],
  hardSigmoid: [unary],
  hardSilu: [unary],
  selu: [unary],
  tanhShrink: [unary],
  mish: [unary],
  add: operands,
  sub: operands,
  mul: operands,
  div: operands,
  floorDiv: operands,
  mod: operands,
  pow: [({ x }) => [x, 2], ({ x }) => [2, x], ({ x, y }) => [x, y]],
  maximum: operands,
  minimum: operands,
  matmul: [
    ({ x }) => [
      x,
      [
        [1, 2],
        [3, 4],
        [5, 6],
        [7, 8],
      ],
    ],
    ({ s }) => [s, tensor([1, 2, 3, 4])],
  ],
  outer: [({ x }) => [[1, 2], x]],
  equal: compared,
  notEqual: compared,
  greater: compared,
  greaterEqual: compared,
  less: compared,
  lessEqual: compared,
  logicalAnd: [binary],
  logicalOr: [binary],
  logicalXor: [binary],
  sum: reduced,
  mean: reduced,
  variance: reduced,
  std: reduced,
  any: reduced,
  all: reduced,
  logSumExp: reduced,
  max: reduced,
  min: reduced,
  prod: reduced,
  norm: reduced,
  argMax: [unary, along, position],
  argMin: [unary, along, position],
  softmax: [unary, along],
  logSoftmax: [unary, along],
  sparsemax: [],
  glu: [],
  flip: [unary, along],
  squeeze: [unary],
  concat: [({ x, y }) => [[x, y], 1], ({ x }) => [[tensor([[1, 2, 3, 4]]), x]]],
  stack: [({ x, y }) => [[x, y], 1]],
  sort: [unary, along],
  argsort: [unary, along],
  tril: [({ s }) => [s], ({ s }) => [s, 1]],
  triu: [({ s }) => [s, -1]],
  cast: [({ x }) => [x, 'int32'], ({ x }) => [x, 'bool']],
  where: [({ x, y }) => [x, y, 0], ({ x, y }) => [x, 1, y]],
  clip: [({ x }) => [x, { min: -0.5 }], ({ x }) => [x, { min: -0.5, max: 0.5 }]],
  leakyRelu: [unary, ({ x }) => [x, { negativeSlope: 0.5 }]],
  elu: [unary, ({ x }) => [x, { alpha: 0.5 }]],
  gelu: [unary, ({ x }) => [x, { approximate: true }]],
  cumsum: [({ s }) => [s], ({ s }) => [s, 2]],
  at: [({ s }) => [s, 1, 1], ({ s }) => [s, -1, -1], ({ s }) => [s, 0]],
  slice: [({ s }) => [s, [0, 1], [-1, 2]], ({ s }) => [s, [0, -2, 1], [-1, -1, 2]]],
  stridedSlice: [({ s }) => [s, 1, 1], ({ s }) => [s, -1, null, null, -1], ({ s }) => [s, 1, -2, 99, 2]],
  reshape: [({ s }) => [s, [-1, 6]]],
  transpose: [({ s }) => [s], ({ s }) => [s, [0, 2, 1]]],
  expandDims: [({ x }) => [x, 1], ({ x }) => [x, -1]],
  split: [({ s }) => [s, 2, -1], ({ s }) => [s, [1, 2], 1]],
  unstack: [({ s }) => [s, 1]],
  broadcastTo: [({ x }) => [x, [2, 3, 4]]],
  tile: [({ x }) => [x, [1, 2]]],
  repeat: [({ x }) => [x, 2, 1]],
  roll: [({ s }) => [s, 1, 1]],
  pad: [
    ({ x }) => [
      x,
      [
        [0, 0],
        [1, 2],
      ],
      { value: 3 },
    ],
    ({ x }) => [
      x,
      [
        [0, 0],
        [1, 2],
      ],
      { mode: 'reflect' },
    ],
  ],
  gather: [({ s }) => [s, [2, 0], 1], ({ s }) => [s, tensor([[1], [0]], { dtype: 'int32' }), 2]],
  takeAlongAxis: [({ s }) => [s, tensor([[[1, 0]]], { dtype: 'int32' }).tile([3, 3, 1]), -1]],
  dynamicSlice: [
    ({ s }) => [s, [0, 1, -2], [3, 2, -1]],
    ({ s, x }) => [s, [0, 1, firstOf(x)], [-1, 1, 2]],
    ({ s }) => [s, tensor([0, 9, 1], { dtype: 'int32' }), [1, 2, 2]],
  ],
  dynamicUpdateSlice: [
    ({ s }) => [s, [[[5, 6]]], [0, 2, 1]],
    ({ s, x }) => [s, s.mul(2).slice([0, 0], [-1, 1]), [0, firstOf(x), 0]],
    ({ x }) => [tensor([[1, 2, 3, 4]]), tensor([[7]]), [firstOf(x), 1]],
  ],
  topK: [({ x }) => [x, 2]],
  oneHot: [({ x }) => [x, 3], ({ x }) => [x, 3, { dtype: 'int32' }]],
  einsum: [({ s, x }) => ['bti,bi->bt', s, x]],
}
