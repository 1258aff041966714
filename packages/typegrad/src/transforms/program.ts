import { complete, paced, type Work } from '../base/work.ts'
import type { Executable } from '../engine/engine.ts'
import { isLeaf, type Node, topologicalOrder, topologicalOrderWork } from '../graph/node.ts'
import { noKernels } from '../kernel/support.ts'
import { type LoweredModel, lowerWork } from '../lowering/lower.ts'
import { optimizeWork } from '../passes/optimize.ts'
import type { EngineContext } from './engine-context.ts'
import { loadGraph } from './languages.ts'
import { peakBytes } from './peak-bytes.ts'
import { programBytes } from './program-cache.ts'

/** A graph that was compiled for an engine. */
export interface Program {
  readonly executable: Executable
  /** The leaves that the model takes as inputs, in its order. */
  readonly leaves: readonly Node[]
  /** The outputs after all passes, as the model has them. */
  readonly outputs: readonly Node[]
  /** What it takes in memory, by an estimate. */
  readonly bytes: number
}

/** Wished names of the model's inputs and outputs. */
interface ModelNames {
  readonly inputs?: ReadonlyMap<Node, string>
  readonly outputs?: readonly string[]
}

/** Optimises and lowers a graph: its ONNX model and the leaves that are the model's inputs. */
export const toModel = (outputs: readonly Node[], names: ModelNames = {}): CompiledModel =>
  complete(compileGraphWork(outputs, names))

interface CompiledModel extends LoweredModel {
  /** The nodes after all passes, each after those that it reads. */
  readonly order: readonly Node[]
  readonly leaves: readonly Node[]
  readonly outputs: readonly Node[]
}

function* compileGraphWork(outputs: readonly Node[], names: ModelNames): Work<CompiledModel> {
  const optimized = yield* optimizeWork(outputs, noKernels)
  const order = yield* topologicalOrderWork(optimized)
  const leaves = order.filter(isLeaf)
  const taken = new Set(names.inputs?.values())
  const nameOf = (node: Node, i: number): string => {
    let name = names.inputs?.get(node) ?? `input_${i}`
    while (names.inputs?.has(node) !== true && taken.has(name)) name += '_'
    return name
  }
  const { model, kernels } = yield* lowerWork({
    inputs: leaves,
    outputs: optimized,
    inputNames: leaves.map(nameOf),
    ...(names.outputs === undefined ? {} : { outputNames: names.outputs }),
  })
  return { model, kernels, order, leaves, outputs: optimized }
}

/**
 * Compiles a graph for an engine, beside the event loop.
 *
 * @param resultCount how many of the outputs, the first ones, are no values of variables.
 */
export async function build(
  on: EngineContext,
  outputs: readonly Node[],
  resultCount = outputs.length,
): Promise<Program> {
  const { engine } = on
  const optimized = await paced(optimizeWork(outputs, engine.kernelSupport))
  const order = await paced(topologicalOrderWork(optimized))
  const leaves = order.filter(isLeaf)
  const { executable, length } = await loadGraph(engine, { leaves, outputs: optimized })
  const bytes = programBytes(length) + peakBytes(order, optimized.slice(0, resultCount))
  return { executable, leaves, outputs: optimized, bytes }
}

/** Placeholders and values in memory that the outputs depend on. */
export const leavesOf = (outputs: readonly Node[]): Node[] => topologicalOrder(outputs).filter(isLeaf)
