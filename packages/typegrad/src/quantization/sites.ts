import type { OnnxGraph, OnnxNode } from '../onnx/model.ts'
import { Constants, type FloatConstant } from './constants.ts'

/** A node whose weight is constant and can be int8. */
export interface Site {
  readonly node: OnnxNode
  readonly weight: FloatConstant
  /** The weight's axis that has a channel for each scale. */
  readonly channelAxis: number
  /** A convolution's, where it has one. */
  readonly bias: FloatConstant | undefined
  /** What the node multiplies the weight with; undefined for a table, whose rows are looked up. */
  readonly input: string | undefined
  /**
   * What is rounded of what the node gives: of a convolution behind its activation, of a product before its bias. Without it
   * runtimes make floats of the weight and compute with these. Undefined for what the model itself gives.
   */
  readonly output: string | undefined
}

/** Products with constant matrices, convolutions with constant kernels, and rows of constant tables. */
export function sitesOf(graph: OnnxGraph): readonly Site[] {
  const constants = new Constants(graph)
  const readers = new Map<string, OnnxNode[]>()
  for (const node of graph.nodes)
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node])
  const results = new Set(graph.outputs.map(({ name }) => name))
  return graph.nodes.flatMap((node): Site[] => {
    const [first = '', second = '', third = ''] = node.inputs
    const [made = ''] = node.outputs
    if (node.op === 'MatMul') {
      const weight = constants.of(second)
      if (weight?.shape.length !== 2 || constants.of(first) !== undefined) return []
      const output = results.has(made) ? undefined : made
      return [{ node, weight, channelAxis: 1, bias: undefined, input: first, output }]
    }
    if (node.op === 'Gather') {
      const weight = constants.of(first)
      if (weight?.shape.length !== 2 || axisOf(node) !== 0) return []
      return [{ node, weight, channelAxis: 1, bias: undefined, input: undefined, output: undefined }]
    }
    if (node.op !== 'Conv') return []
    const weight = constants.of(second)
    const bias = third === '' ? undefined : constants.of(third)
    if (weight === undefined || (third !== '' && bias === undefined)) return []
    const after = readers.get(made) ?? []
    const end = after.length === 1 && after[0]?.op === 'Relu' ? (after[0].outputs[0] ?? made) : made
    const isInner = !results.has(made) && !results.has(end)
    return [{ node, weight, channelAxis: 0, bias, input: first, output: isInner ? end : undefined }]
  })
}

const axisOf = ({ attributes }: OnnxNode): number =>
  attributes?.axis?.type === 'int' ? attributes.axis.value : 0
