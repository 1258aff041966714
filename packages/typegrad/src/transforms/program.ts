import type { Executable } from '../engine/engine.ts'
import { type Node, topologicalOrder } from '../graph/node.ts'
import { encodeModel } from '../onnx/encode.ts'
import { lowerGraph } from '../onnx/lower.ts'
import { optimize } from '../onnx/optimize.ts'
import type { Runtime } from './runtime.ts'

/** A graph that was compiled for an engine. */
export interface Program {
  readonly executable: Executable
  /** The leaves that the model takes as inputs, in its order. */
  readonly leaves: readonly Node[]
}

/** Optimises and lowers a graph: its ONNX model and the leaves that are the model's inputs. */
export function toModel(
  outputs: readonly Node[],
  names: { inputs?: ReadonlyMap<Node, string>; outputs?: readonly string[] } = {},
) {
  const optimized = optimize(outputs)
  const leaves = leavesOf(optimized)
  const taken = new Set(names.inputs?.values())
  const nameOf = (node: Node, i: number): string => {
    let name = names.inputs?.get(node) ?? `input_${i}`
    while (names.inputs?.has(node) !== true && taken.has(name)) name += '_'
    return name
  }
  const model = lowerGraph({
    inputs: leaves,
    outputs: optimized,
    inputNames: leaves.map(nameOf),
    ...(names.outputs === undefined ? {} : { outputNames: names.outputs }),
  })
  return { model, leaves, outputs: optimized }
}

export async function build(runtime: Runtime, outputs: readonly Node[]): Promise<Program> {
  const { model, leaves } = toModel(outputs)
  return { executable: await runtime.engine.load(encodeModel(model)), leaves }
}

/** Placeholders and values in memory that the outputs depend on. */
export const leavesOf = (outputs: readonly Node[]): Node[] =>
  topologicalOrder(outputs).filter((node) => node.kind === 'input' || node.kind === 'data')
