import type { DType } from '../../base/dtype.ts'
import { NotHere, type RandomGraph, type Value } from './random-graph.ts'

/** Adds nodes of an operator at random to a graph. */
export type Maker = (g: RandomGraph) => unknown

const unary =
  (op: string, from = 1): Maker =>
  (g) => {
    if (g.opset < from) throw new NotHere()
    g.node(op, [g.value()])
  }

/** Has steps: of values that have the same bits everywhere. */
const stepped =
  (op: string): Maker =>
  (g) =>
    g.node(op, [g.exact()], {}, { moves: true })

/** Of numbers within a range. */
const within =
  (op: string, low: number, high: number): Maker =>
  (g) =>
    g.node(op, [g.float(g.shape(g.draw(4)), low, high)])

const slope = (g: RandomGraph) => (g.chance(3) ? undefined : { float: g.pick([0, 0.01, 0.3, 1, -0.5]) })

const wholeTypes = ['int32', 'int64'] as const
const isWhole = ({ dtype }: Value): boolean => dtype === 'int32' || dtype === 'int64'

function operands(g: RandomGraph, low?: number, high?: number): readonly [Value, Value] {
  const a = g.value()
  const same = g.values.filter(({ dtype, shape }) => dtype === 'float32' && shape.join() === a.shape.join())
  const b = g.chance(3) ? g.pick(same) : g.float(g.broadcastable(a.shape), low, high)
  return g.chance(2) && low === undefined ? [b, a] : [a, b]
}

const binary =
  (op: string, low?: number, high?: number): Maker =>
  (g) =>
    g.node(op, operands(g, low, high))

function wholeOperands(g: RandomGraph, low = -7, high = 7): readonly [Value, Value] {
  const a = g.value(isWhole)
  const shape = g.broadcastable(a.shape)
  const numbers = g.floats(shape).map(() => g.between(low, high))
  return [a, g.constant(a.dtype as 'int32', shape, numbers)]
}

const whole =
  (op: string, low?: number, high?: number): Maker =>
  (g) =>
    g.node(op, wholeOperands(g, low, high))

const compared =
  (op: string): Maker =>
  (g) => {
    if (g.chance(2)) return g.node(op, wholeOperands(g, -2, 2))
    const a = g.exact()
    return g.node(op, [a, g.float(g.broadcastable(a.shape))])
  }

const logical =
  (op: string): Maker =>
  (g) => {
    const a = g.value(({ dtype }) => dtype === 'bool')
    const shape = g.broadcastable(a.shape)
    g.node(op, [
      a,
      g.constant(
        'bool',
        shape,
        g.floats(shape).map(() => g.draw(2)),
      ),
    ])
  }

const bits =
  (op: string): Maker =>
  (g) => {
    if (g.opset < 18) throw new NotHere()
    const type = g.pick(['int32', 'int64', 'uint8', 'uint32'] as const)
    const shape = g.shape(g.draw(3))
    const signed = type.startsWith('int')
    const numbers = () => g.floats(shape).map(() => g.between(signed ? -200 : 0, signed ? 200 : 255))
    const a = g.constant(type, shape, numbers())
    g.node(op, op === 'BitwiseNot' ? [a] : [a, g.constant(type, shape, numbers())])
  }

const castTypes: Readonly<Record<number, DType>> = {
  1: 'float32',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  11: 'float64',
}

const quotient: Maker = (g) => {
  const [a, b] = wholeOperands(g, 1, 5)
  g.node('Div', [a, b])
}

const remainder: Maker = (g) => {
  if (g.chance(3)) {
    const a = g.exact()
    return g.node('Mod', [a, g.float(g.broadcastable(a.shape), 0.3, 2)], { fmod: 1 })
  }
  const [a, b] = wholeOperands(g, 1, 5)
  return g.node('Mod', g.chance(2) ? [a, b] : [a, g.constant(a.dtype as 'int32', [], [-3])], {
    fmod: g.draw(2),
  })
}

export const elementwiseMakers: Readonly<Record<string, Maker>> = {
  ...Object.fromEntries(
    'Abs Neg Sigmoid Tanh Erf Softplus Softsign Relu HardSwish Sin Cos Identity Atan Asinh'
      .split(' ')
      .map((op) => [op, unary(op, op === 'HardSwish' ? 14 : 1)]),
  ),
  Exp: within('Exp', -3, 3),
  Log: within('Log', 0.1, 4),
  Sqrt: within('Sqrt', 0, 4),
  Tan: within('Tan', -1, 1),
  Asin: within('Asin', -1, 1),
  Acos: within('Acos', -1, 1),
  Acosh: within('Acosh', 1, 4),
  Atanh: within('Atanh', -0.9, 0.9),
  Sinh: within('Sinh', -3, 3),
  Cosh: within('Cosh', -3, 3),
  Reciprocal: within('Reciprocal', 0.2, 3),
  Floor: stepped('Floor'),
  Ceil: stepped('Ceil'),
  Round: stepped('Round'),
  Sign: stepped('Sign'),
  IsNaN: stepped('IsNaN'),
  IsInf: (g) => g.node('IsInf', [g.exact()], { detect_negative: g.draw(2), detect_positive: g.draw(2) }),
  Mish: unary('Mish', 18),
  Gelu: (g) => {
    if (g.opset < 20) throw new NotHere()
    g.node('Gelu', [g.value()], { approximate: g.pick(['none', 'tanh', undefined]) })
  },
  LeakyRelu: (g) => g.node('LeakyRelu', [g.value()], { alpha: slope(g) }),
  Elu: (g) => g.node('Elu', [g.value()], { alpha: slope(g) }),
  Celu: (g) => g.node('Celu', [g.value()], { alpha: g.chance(2) ? undefined : { float: 0.7 } }),
  Selu: (g) => g.node('Selu', [g.value()], { alpha: slope(g), gamma: slope(g) }),
  ThresholdedRelu: (g) => g.node('ThresholdedRelu', [g.exact()], { alpha: slope(g) }),
  HardSigmoid: (g) => g.node('HardSigmoid', [g.value()], { alpha: slope(g), beta: slope(g) }),
  Shrink: (g) => g.node('Shrink', [g.exact()], { lambd: slope(g), bias: slope(g) }),
  PRelu: (g) => {
    const x = g.value()
    g.node('PRelu', [x, g.float(g.broadcastable(x.shape))])
  },
  Clip: (g) => {
    const bound = (low: number, high: number) => (g.chance(3) ? undefined : g.float([], low, high))
    g.node('Clip', [g.value(), bound(-1, 0), bound(0, 1)])
  },
  Softmax: (g) => {
    const x = g.value(({ dtype, shape }) => dtype === 'float32' && shape.length > 0)
    g.node(g.pick(['Softmax', 'LogSoftmax']), [x], { axis: g.chance(3) ? undefined : g.axis(x) })
  },
  Hardmax: (g) => {
    const x = g.exact(({ shape }) => shape.length > 0)
    g.node('Hardmax', [x], { axis: g.axis(x) }, { moves: true })
  },
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div', 0.3, 2),
  Pow: (g) => {
    const x = g.float(g.shape(g.draw(4)), 0.1, 3)
    if (g.chance(2)) return g.node('Pow', [x, g.float(g.broadcastable(x.shape), -2, 3)])
    return g.node('Pow', [
      g.value(),
      g.constant(g.pick(['float32', 'int64', 'int32'] as const), [], [g.pick([2, 3])]),
    ])
  },
  Max: (g) =>
    g.node(
      g.pick(['Max', 'Min', 'Sum', 'Mean']),
      [...operands(g), ...(g.chance(3) ? [g.value()] : [])].slice(0, g.chance(4) ? 1 : 2),
    ),
  WholeAdd: whole('Add'),
  WholeSub: whole('Sub'),
  WholeMul: whole('Mul'),
  WholeDiv: quotient,
  WholeMax: (g) => whole(g.pick(['Max', 'Min']))(g),
  WholeAbs: (g) => g.node(g.pick(['Abs', 'Neg', 'Sign']), [g.value(isWhole)]),
  Mod: remainder,
  BitShift: (g) => {
    const type = g.pick(['uint8', 'uint32', 'uint64'] as const)
    const shape = g.shape(g.draw(3))
    const of = (most: number) =>
      g.constant(
        type,
        shape,
        g.floats(shape).map(() => g.draw(most)),
      )
    g.node('BitShift', [of(200), of(8)], { direction: g.pick(['LEFT', 'RIGHT']) })
  },
  BitwiseAnd: bits('BitwiseAnd'),
  BitwiseOr: bits('BitwiseOr'),
  BitwiseXor: bits('BitwiseXor'),
  BitwiseNot: bits('BitwiseNot'),
  Equal: compared('Equal'),
  Less: compared('Less'),
  LessOrEqual: compared('LessOrEqual'),
  Greater: compared('Greater'),
  GreaterOrEqual: compared('GreaterOrEqual'),
  And: logical('And'),
  Or: logical('Or'),
  Xor: logical('Xor'),
  Not: (g) => g.node('Not', [g.value(({ dtype }) => dtype === 'bool')]),
  Where: (g) => {
    const condition = g.value(({ dtype }) => dtype === 'bool')
    g.node(
      'Where',
      [condition, g.float(g.broadcastable(condition.shape)), g.float(g.broadcastable(condition.shape))],
      {},
      { moves: true },
    )
  },
  Cast: (g) => {
    const x = g.value(({ isExact, dtype }) => isExact && dtype !== 'float64')
    g.node('Cast', [x], { to: Number(g.pick(Object.keys(castTypes))) }, { moves: true })
  },
  NarrowCast: (g) => {
    const shape = g.shape(g.draw(3))
    const x = g.constant(
      g.pick(wholeTypes),
      shape,
      g.floats(shape).map(() => g.between(-400, 400)),
    )
    const [narrow] = g.node('Cast', [x], { to: g.pick([2, 3, 4, 5]) })
    if (narrow !== undefined) g.node('Cast', [narrow], { to: 6 })
  },
}
