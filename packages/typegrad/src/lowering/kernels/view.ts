import { type Shape, stridesOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import type { View } from '../../kernel/axes.ts'

/** A tensor in memory and where in it the elements stand that a node has. */
export interface Source {
  readonly node: Node
  readonly view: View
}

/** Where along one axis of a tensor an element is: start + step · (its index along an axis of the shape). */
interface Coordinate {
  readonly axis: number | undefined
  readonly start: number
  readonly step: number
}

/**
 * What a node that broadcasts to `shape` is a view of: slices, transposes and broadcasts are ways of reading what is in
 * memory already.
 *
 * @param isView whether a node need not exist by itself.
 */
export function viewedBy(node: Node, shape: Shape, isView: (node: Node) => boolean): Source {
  const ahead = shape.length - node.shape.length
  let coordinates = node.shape.map(
    (size, i): Coordinate => ({ axis: size === 1 ? undefined : i + ahead, start: 0, step: 1 }),
  )
  let source = node
  while (isView(source)) {
    const through = inner(source, coordinates)
    if (through === undefined) break
    coordinates = through
    source = source.inputs[0] as Node
  }
  const own = stridesOf(source.shape)
  const strides = shape.map(() => 0)
  let offset = 0
  coordinates.forEach(({ axis, start, step }, i) => {
    const stride = own[i] as number
    offset += start * stride
    if (axis !== undefined) strides[axis] = step * stride
  })
  return { node: source, view: { offset, strides } }
}

/** The coordinates in a view's input. */
function inner(node: Node, coordinates: readonly Coordinate[]): Coordinate[] | undefined {
  const input = node.inputs[0] as Node
  switch (node.kind) {
    case 'slice': {
      const { starts, steps } = node.params
      return coordinates.map(({ axis, start, step }, i) => ({
        axis,
        start: (starts[i] as number) + (steps[i] as number) * start,
        step: (steps[i] as number) * step,
      }))
    }
    case 'transpose': {
      const moved: Coordinate[] = []
      node.params.permutation.forEach((from, i) => {
        moved[from] = coordinates[i] as Coordinate
      })
      return moved
    }
    case 'broadcast': {
      const ahead = node.shape.length - input.shape.length
      return input.shape.map((size, i) =>
        size === 1 ? { axis: undefined, start: 0, step: 1 } : (coordinates[i + ahead] as Coordinate),
      )
    }
    default:
      return undefined
  }
}
