import { type DType, isFloating } from '../base/dtype.ts'
import type { Node } from '../graph/node.ts'
import { scalarValue } from './constant-folding.ts'

export type Bounds = readonly [least: number, largest: number]

export const everything: Bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]

/** The integers of these dtypes are exact as JavaScript's numbers. */
const ranges: Readonly<Partial<Record<DType, Bounds>>> = {
  bool: [0, 1],
  uint8: [0, 2 ** 8 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
}

/** Elements of a constant that are looked at. */
const maxElements = 1 << 16

/**
 * Between which numbers all elements of a node lie but for NaN: floats as far as they were clipped by constants, and
 * integers as far as they are made of those, as places in an image are.
 */
export function boundsOf(node: Node, known = new Map<Node, Bounds>()): Bounds {
  const before = known.get(node)
  if (before !== undefined) return before
  const bounds = isFloating(node.dtype) ? ofFloats(node, known) : ofIntegers(node, known)
  known.set(node, bounds)
  return bounds
}

function ofFloats(node: Node, known: Map<Node, Bounds>): Bounds {
  const number = numberIn(node)
  if (number !== undefined) {
    const [least, largest] = boundsOf(number, known)
    return [Math.min(0, least), Math.max(0, largest)]
  }
  if (node.kind !== 'min' && node.kind !== 'max') return everything
  const [a, b] = node.inputs as readonly [Node, Node]
  const [x, limit] = [constantOf(b) === undefined ? b : a, constantOf(b) ?? constantOf(a)]
  if (limit === undefined) return everything
  const [least, largest] = boundsOf(x, known)
  const of = Math[node.kind]
  return [of(least, limit), of(largest, limit)]
}

/** x where a node is x, and 0 in the place of NaN. */
export function numberIn(node: Node): Node | undefined {
  if (node.kind !== 'select') return undefined
  const [condition, x, otherwise] = node.inputs as readonly [Node, Node, Node]
  const isOfNumbers = condition.kind === 'equal' && condition.inputs.every((operand) => operand === x)
  return isOfNumbers && scalarValue(otherwise) === 0 ? x : undefined
}

/** The number of a constant that is one everywhere, unless it is NaN. */
function constantOf(node: Node): number | undefined {
  const value = scalarValue(node.kind === 'broadcast' ? (node.inputs[0] as Node) : node)
  return Number.isNaN(value) ? undefined : value
}

/** What does not fit into the dtype wraps, and may then be anything. */
function ofIntegers(node: Node, known: Map<Node, Bounds>): Bounds {
  const range = ranges[node.dtype]
  if (range === undefined) return everything
  const [least, largest] = ofElements(node, known) ?? range
  return least >= range[0] && largest <= range[1] ? [least, largest] : range
}

function ofElements(node: Node, known: Map<Node, Bounds>): Bounds | undefined {
  const of = (i: number): Bounds => boundsOf(node.inputs[i] as Node, known)
  switch (node.kind) {
    case 'constant': {
      const { data } = node.params
      if (data.length === 0 || data.length > maxElements) return undefined
      return [...data].reduce<Bounds>(
        ([least, largest], x) => [Math.min(least, Number(x)), Math.max(largest, Number(x))],
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      )
    }
    case 'iota':
      return [0, Math.max(0, node.params.length - 1)]
    case 'reshape':
    case 'broadcast':
    case 'transpose':
    case 'slice':
    case 'gather':
      return of(0)
    case 'cast': {
      const [least, largest] = of(0)
      // Towards zero, and NaN is 0 (cast-of-floats.ts).
      const isOfFloats = isFloating((node.inputs[0] as Node).dtype)
      return isOfFloats
        ? [Math.min(0, Math.trunc(least)), Math.max(0, Math.trunc(largest))]
        : [least, largest]
    }
    case 'add':
      return [of(0)[0] + of(1)[0], of(0)[1] + of(1)[1]]
    case 'mul': {
      const products = of(0).flatMap((a) => of(1).map((b) => a * b))
      return [Math.min(...products), Math.max(...products)]
    }
    case 'select':
      return [Math.min(of(1)[0], of(2)[0]), Math.max(of(1)[1], of(2)[1])]
    default:
      return undefined
  }
}
