import { kernelDomain } from '../kernel/kernel.ts'
import { readBy } from './lower.ts'
import type { OnnxModel, OnnxNode, OnnxValue } from './model.ts'

/** A model in two: what is decided by its constants alone, and what each run has to do. */
export interface SplitModel {
  /** From constants, which are its inputs, to `passed`; undefined where there is nothing for it to do. */
  readonly early: OnnxModel | undefined
  readonly late: OnnxModel
  /** What the second model reads as further constants. */
  readonly passed: readonly OnnxValue[]
}

/**
 * Takes kernels that read constants alone out of a model, such as those that pack weights. A runtime computes operators
 * of its own at once where it can, but no others.
 *
 * @param constants what the model reads and does not define.
 */
export function splitEarly(model: OnnxModel, constants: ReadonlyMap<string, OnnxValue>): SplitModel {
  const { graph } = model
  const known = new Set([...constants.keys(), ...graph.initializers.map(({ name }) => name)])
  const candidates: OnnxNode[] = []
  for (const node of graph.nodes) {
    if (!readBy(node).every((name) => known.has(name))) continue
    candidates.push(node)
    for (const name of node.outputs) known.add(name)
  }
  const kernels = new Set(candidates.filter(({ domain }) => domain === kernelDomain))
  if (kernels.size === 0) return { early: undefined, late: model, passed: [] }
  const made = new Set([...kernels].flatMap(({ outputs }) => outputs))
  const passed = (graph.values ?? []).filter(({ name }) => made.has(name))

  const needed = new Set(made)
  const before = candidates.toReversed().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false
    for (const name of readBy(node)) needed.add(name)
    return true
  })
  const isNeeded = ({ name }: { readonly name: string }): boolean => needed.has(name)
  const early = {
    ...graph,
    nodes: before.reverse(),
    inputs: [...constants.values()].filter(isNeeded),
    outputs: passed,
    values: (graph.values ?? []).filter((value) => isNeeded(value) && !made.has(value.name)),
    initializers: graph.initializers.filter(isNeeded),
  }
  const late = {
    ...graph,
    nodes: graph.nodes.filter((node) => !kernels.has(node)),
    values: (graph.values ?? []).filter(({ name }) => !made.has(name)),
  }
  return { early: { ...model, graph: early }, late: { ...model, graph: late }, passed }
}
