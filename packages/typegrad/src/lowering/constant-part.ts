import type { Work } from '../base/work.ts'
import { kernelDomain } from '../kernel/kernel.ts'
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from '../onnx/model.ts'
import { finishWork, readBy } from './lower.ts'

/** A model in two: what is decided by its constants alone, and what each run has to do. */
export interface SplitModel {
  /** From constants, which are its inputs, to `passed`; undefined where there is nothing for it to do. */
  readonly constantPart: OnnxModel | undefined
  readonly rest: OnnxModel
  /** What the second model reads as further constants. */
  readonly passed: readonly OnnxValue[]
}

/**
 * Takes kernels that read constants alone out of a model, such as those that pack weights. A runtime computes operators
 * of its own at once where it can, but no others.
 *
 * @param constants what the model reads and does not define.
 */
export function* splitConstantPartWork(
  model: OnnxModel,
  constants: ReadonlyMap<string, OnnxValue>,
): Work<SplitModel> {
  const { graph } = model
  const known = new Set([...constants.keys(), ...graph.initializers.map(({ name }) => name)])
  const given = new Set(namesOf(graph.outputs))
  const kernels = new Set<OnnxNode>()
  for (const node of graph.nodes) {
    yield
    if (!readBy(node).every((name) => known.has(name))) continue
    for (const name of node.outputs) known.add(name)
    // What the model gives stays in it.
    if (node.domain === kernelDomain && !node.outputs.some((name) => given.has(name))) kernels.add(node)
  }
  if (kernels.size === 0) return { constantPart: undefined, rest: model, passed: [] }
  const made = new Set([...kernels].flatMap(({ outputs }) => outputs))
  const passed = (graph.values ?? []).filter(({ name }) => made.has(name))
  const values = (graph.values ?? []).filter(({ name }) => !made.has(name))
  const part = (nodes: readonly OnnxNode[], outputs: readonly OnnxValue[]): Work<OnnxGraph> =>
    finishWork({ ...graph, values, nodes, outputs }, namesOf(outputs), new Map())
  const constantPart = yield* part(graph.nodes, passed)
  const read = new Set(constantPart.nodes.flatMap(readBy))
  const inputs = [...constants.values()].filter(({ name }) => read.has(name))
  const others = graph.nodes.filter((node) => !kernels.has(node))
  const rest = yield* part(others, graph.outputs)
  return {
    constantPart: { ...model, graph: { ...constantPart, inputs } },
    rest: { ...model, graph: rest },
    passed,
  }
}

const namesOf = (values: readonly OnnxValue[]): string[] => values.map(({ name }) => name)

/** The part of a model that makes these of its outputs, with the inputs that they need. */
export function* makingOnly(model: OnnxModel, outputs: readonly OnnxValue[]): Work<OnnxModel> {
  const graph = yield* finishWork({ ...model.graph, outputs }, namesOf(outputs), new Map())
  const read = new Set(graph.nodes.flatMap(readBy))
  return { ...model, graph: { ...graph, inputs: graph.inputs.filter(({ name }) => read.has(name)) } }
}
