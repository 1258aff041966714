import { bytesOf } from '../base/shape.ts'
import { isLeaf, type Node } from '../graph/node.ts'

/**
 * What a run of a graph holds of its own at most, at any time: its results, and what lies between as long as something
 * reads it. What it takes is not counted, nor what outputs become that are no results: values of variables. An engine
 * that fuses operations or works in place needs less.
 *
 * @param order the graph's nodes, each after all of its inputs.
 */
export function peakBytes(order: readonly Node[], results: readonly Node[]): number {
  const reads = new Map<Node, number>()
  for (const node of order) for (const input of node.inputs) reads.set(input, (reads.get(input) ?? 0) + 1)
  for (const node of results) reads.set(node, Number.POSITIVE_INFINITY)
  let held = 0
  let peak = 0
  for (const node of order) {
    if (isLeaf(node)) continue
    held += bytesOf(node)
    peak = Math.max(peak, held)
    if (!reads.has(node)) held -= bytesOf(node)
    for (const input of node.inputs) {
      const left = (reads.get(input) as number) - 1
      reads.set(input, left)
      if (left === 0 && !isLeaf(input)) held -= bytesOf(input)
    }
  }
  return peak
}
