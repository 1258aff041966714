import { toNumbers } from '../base/conversions.ts'
import { isFloating } from '../base/dtype.ts'
import { type Shape, sizeOf, stridesOf } from '../base/shape.ts'
import { type Node, topologicalOrder } from '../graph/node.ts'
import type { NodeOf, Primitive } from '../graph/primitives.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Elements that are known while a graph is made. Exporters compute shapes by operators (`Shape` → `Gather` → `Concat` →
 * `Reshape`), and a graph here has shapes that are numbers: what such operators became is computed in JavaScript, from
 * the constants that it begins with, when an operator asks for it.
 */
type Known = readonly number[]

/** Of nodes that were looked at; null for those that depend on data. */
const found = new WeakMap<Node, Known | null>()

/** More than any shape, table of paddings or list of positions has; masks and tables of weights are left alone. */
const largest = 1 << 16

/** The elements of a tensor, in row-major order; undefined where they depend on data, or are too many to be looked at. */
export function knownValues(tensor: Tensor): readonly number[] | undefined {
  const { node } = tensor
  const before = found.get(node)
  if (before !== undefined) return before ?? undefined
  // Those that are known already need not be entered again.
  const order = topologicalOrder([node], decided)
  const isOpen = order.some(
    (one) => found.get(one) === null || !(one.kind in rules) || sizeOf(one.shape) > largest,
  )
  if (isOpen) found.set(node, null)
  else for (const one of order) if (!found.has(one)) found.set(one, valuesOf(one) ?? null)
  return found.get(node) ?? undefined
}

/** What `topologicalOrder` asks of a set of nodes to stop at. */
const decided = { has: (node: Node) => found.has(node) } as ReadonlySet<Node>

function valuesOf(node: Node): Known | undefined {
  const inputs: Known[] = []
  for (const input of node.inputs) {
    const values = found.get(input)
    if (values == null) return undefined
    inputs.push(values)
  }
  const rule = rules[node.kind] as ((node: Node, inputs: readonly Known[]) => Known | undefined) | undefined
  const values = rule?.(node, inputs)
  return values === undefined ? undefined : inDType(node, values)
}

/** Results of arithmetic as their dtype holds them. */
function inDType({ dtype }: Node, values: Known): Known {
  if (dtype === 'float32') return values.map(Math.fround)
  if (isFloating(dtype) || dtype === 'bool') return values
  return values.map(Math.trunc)
}

type Rule<P extends Primitive> = (node: NodeOf<P>, inputs: readonly Known[]) => Known | undefined
type Rules = { readonly [P in Primitive]?: Rule<P> }

const unary =
  (fn: (x: number) => number) =>
  (_: Node, [x]: readonly Known[]): Known =>
    (x as Known).map(fn)

const binary =
  (fn: (a: number, b: number) => number) =>
  (node: Node, inputs: readonly Known[]): Known => {
    const [a, b] = [0, 1].map((i) => spread(inputs[i] as Known, (node.inputs[i] as Node).shape, node.shape))
    return (a as Known).map((value, i) => fn(value, (b as Known)[i] as number))
  }

const truth = (fn: (a: number, b: number) => boolean) => binary((a, b) => Number(fn(a, b)))

const host = (data: Parameters<typeof toNumbers>[0], node: Node): Known =>
  Array.from(toNumbers(data, node.dtype), Number)

/** ONNX rounds halves to even. */
function roundToEven(x: number): number {
  const below = Math.floor(x)
  const rest = x - below
  if (rest !== 0.5) return Math.round(x)
  return below % 2 === 0 ? below : below + 1
}

const reduction =
  (start: number, fn: (a: number, b: number) => number) =>
  (node: NodeOf<'reduceSum' | 'reduceProd' | 'reduceMax' | 'reduceMin'>, [x]: readonly Known[]): Known => {
    const { shape } = node.inputs[0] as Node
    const kept = shape.map((d, axis) => (node.params.axes.includes(axis) ? 1 : d))
    const strides = stridesOf(kept)
    const result = new Array<number>(sizeOf(kept)).fill(start)
    eachPlace(shape, (place, i) => {
      const to = placeIn(
        strides,
        place.map((p, axis) => (kept[axis] === 1 ? 0 : p)),
      )
      result[to] = fn(result[to] as number, (x as Known)[i] as number)
    })
    return result
  }

const rules: Rules = {
  constant: (node) => host(node.params.data, node),
  data: (node) => (node.params.source.host === null ? undefined : host(node.params.source.host, node)),
  iota: ({ params }) => Array.from({ length: params.length }, (_, i) => i),
  identity: unary((x) => x),
  stopGradient: unary((x) => x),
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(roundToEven),
  relu: unary((x) => Math.max(x, 0)),
  not: unary((x) => Number(x === 0)),
  isNaN: unary((x) => Number(Number.isNaN(x))),
  cast: (node, [x]) =>
    node.params.dtype === 'bool' ? (x as Known).map((value) => Number(value !== 0)) : (x as Known),
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  // Division of integers is cut to a whole number with everything else.
  div: binary((a, b) => a / b),
  pow: binary((a, b) => a ** b),
  mod: binary((a, b) => a - b * Math.floor(a / b)),
  max: binary(Math.max),
  min: binary(Math.min),
  equal: truth((a, b) => a === b),
  less: truth((a, b) => a < b),
  lessEqual: truth((a, b) => a <= b),
  and: truth((a, b) => a !== 0 && b !== 0),
  or: truth((a, b) => a !== 0 || b !== 0),
  xor: truth((a, b) => (a !== 0) !== (b !== 0)),
  select: (node, inputs) => {
    const [condition, a, b] = [0, 1, 2].map((i) =>
      spread(inputs[i] as Known, (node.inputs[i] as Node).shape, node.shape),
    )
    return (condition as Known).map((value, i) => (value === 0 ? b : a)?.[i] as number)
  },
  reduceSum: reduction(0, (a, b) => a + b),
  reduceProd: reduction(1, (a, b) => a * b),
  reduceMax: reduction(Number.NEGATIVE_INFINITY, Math.max),
  reduceMin: reduction(Number.POSITIVE_INFINITY, Math.min),
  reshape: (_, [x]) => x,
  broadcast: (node, [x]) => spread(x as Known, (node.inputs[0] as Node).shape, node.shape),
  transpose: (node, [x]) => {
    const strides = stridesOf((node.inputs[0] as Node).shape)
    const { permutation } = node.params
    return read(x as Known, node.shape, (place) =>
      place.reduce((sum, p, axis) => sum + p * (strides[permutation[axis] as number] as number), 0),
    )
  },
  slice: (node, [x]) => {
    const strides = stridesOf((node.inputs[0] as Node).shape)
    const { starts, steps } = node.params
    return read(x as Known, node.shape, (place) =>
      placeIn(
        strides,
        place.map((p, axis) => (starts[axis] as number) + p * (steps[axis] as number)),
      ),
    )
  },
  concat: (node, inputs) => {
    const { axis } = node.params
    const result = new Array<number>(sizeOf(node.shape))
    const strides = stridesOf(node.shape)
    let before = 0
    for (const [i, values] of inputs.entries()) {
      const { shape } = node.inputs[i] as Node
      eachPlace(shape, (place, at) => {
        result[placeIn(strides, place.with(axis, (place[axis] as number) + before))] = values[at] as number
      })
      before += shape[axis] as number
    }
    return result
  },
  gather: (node, [x, indices]) => {
    const [from, at] = node.inputs as readonly [Node, Node]
    const { axis } = node.params
    const strides = stridesOf(from.shape)
    const inner = stridesOf(at.shape)
    const size = from.shape[axis] as number
    return read(x as Known, node.shape, (place) => {
      const index = (indices as Known)[placeIn(inner, place.slice(axis, axis + at.shape.length))] as number
      const whole = place.toSpliced(axis, at.shape.length, index < 0 ? index + size : index)
      return placeIn(strides, whole)
    })
  },
  cumsum: (node, [x]) => {
    const { axis, exclusive, reverse } = node.params
    const strides = stridesOf(node.shape)
    const length = node.shape[axis] as number
    const result = [...(x as Known)]
    eachPlace(node.shape, (place, at) => {
      let sum = 0
      const own = place[axis] as number
      for (let i = 0; i < length; i++) {
        const isBefore = reverse ? i > own : i < own
        if (isBefore || (i === own && !exclusive))
          sum += (x as Known)[placeIn(strides, place.with(axis, i))] as number
      }
      result[at] = sum
    })
    return result
  },
}

/** Where the element at a place stands in row-major order. */
const placeIn = (strides: Shape, place: Shape): number =>
  place.reduce((sum, p, axis) => sum + p * (strides[axis] as number), 0)

/** Calls `fn` with each place of a shape, in row-major order. */
function eachPlace(shape: Shape, fn: (place: number[], i: number) => void): void {
  const size = sizeOf(shape)
  const place = new Array<number>(shape.length).fill(0)
  for (let i = 0; i < size; i++) {
    fn(place, i)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place[axis] = (place[axis] as number) + 1
      if ((place[axis] as number) < (shape[axis] as number)) break
      place[axis] = 0
    }
  }
}

/** Elements for each place of a shape, from where `from` says. */
function read(x: Known, shape: Shape, from: (place: number[]) => number): Known {
  const result: number[] = []
  eachPlace(shape, (place) => result.push(x[from(place)] as number))
  return result
}

/** NumPy's broadcasting. */
function spread(x: Known, from: Shape, to: Shape): Known {
  if (from.length === to.length && from.every((d, i) => d === to[i])) return x
  const strides = stridesOf(from)
  return read(x, to, (place) => {
    const own = place.slice(place.length - from.length)
    return placeIn(
      strides,
      own.map((p, axis) => (from[axis] === 1 ? 0 : p)),
    )
  })
}
