import { byteSize } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import { type Node, topologicalOrder } from '../graph/node.ts'

/** Memory of a value of a graph. */
export const bytesOf = ({ dtype, shape }: Node): number => byteSize[dtype] * sizeOf(shape)

const isLeaf = ({ kind }: Node): boolean => kind === 'input' || kind === 'data'

/**
 * What a run of a graph holds of its own at most, at any time: its results, and what lies between as long as something
 * reads it. What it takes is not counted, nor what the outputs become that are no results: values of variables. An engine
 * that fuses operations or works in place needs less.
 */
export function peakBytes(outputs: readonly Node[], results: readonly Node[] = outputs): number {
  const order = topologicalOrder(outputs)
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
