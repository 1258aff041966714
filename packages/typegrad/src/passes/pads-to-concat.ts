import { makeNode, type Node } from '../graph/node.ts'
import type { RewriteRule } from './rewrite.ts'

/**
 * A sum of tensors that zeros were put around, side by side along one axis, is their concatenation. The gradient
 * of a split is such a sum: for the gates of an LSTM four pads and three sums of all gates' size, in every step
 * of the loop, become one copy.
 */
export const padsToConcat: RewriteRule = (node) => {
  if (node.kind !== 'add') return node
  const parts: Part[] = []
  let axis: number | undefined
  for (const term of termsOf(node)) {
    const part = partOf(term)
    if (part === undefined || (axis ?? part.axis) !== part.axis) return node
    axis = part.axis
    parts.push(part)
    // Side by side there is no room for more.
    if (parts.length > (node.shape[axis] as number)) return node
  }
  parts.sort((a, b) => a.start - b.start)
  const along = axis as number
  const sizeOf = ({ value }: Part): number => value.shape[along] as number
  const first = parts[0] as Part
  let end = first.start
  for (const part of parts) {
    if (part.start !== end) return node
    end += sizeOf(part)
  }
  const pieces = parts.flatMap(({ value }) =>
    value.kind === 'concat' && value.params.axis === along ? value.inputs : [value],
  )
  const joined = makeNode('concat', pieces, { axis: along })
  const rest = (node.shape[along] as number) - end
  if (first.start === 0 && rest === 0) return joined
  const padding = node.shape.map((_, i) => (i === along ? ([first.start, rest] as const) : ([0, 0] as const)))
  return makeNode('pad', [joined], { padding, value: 0 })
}

/** A tensor and where along the axis it stands among zeros. */
interface Part {
  readonly value: Node
  readonly axis: number
  readonly start: number
}

function partOf(term: Node): Part | undefined {
  if (term.kind !== 'pad' || term.params.value !== 0) return undefined
  const padded = term.params.padding.flatMap(([before, after], i) => (before === 0 && after === 0 ? [] : [i]))
  const [axis] = padded
  if (padded.length !== 1 || axis === undefined) return undefined
  const [start, after] = term.params.padding[axis] as readonly [number, number]
  if (start < 0 || after < 0) return undefined
  return { value: term.inputs[0] as Node, axis, start }
}

/**
 * What is summed, through sums of the same shape, one by one: the first that is no part ends the search, and most sums of a
 * network have one at once. All terms of all its sums are many, where sums are terms of several others.
 */
function* termsOf(node: Node): Generator<Node, void> {
  if (node.kind !== 'add' || !node.inputs.every(({ shape }) => `${shape}` === `${node.shape}`)) yield node
  else for (const input of node.inputs) yield* termsOf(input)
}
