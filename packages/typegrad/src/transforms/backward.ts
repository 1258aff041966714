import { isFloating } from '../base/dtype.ts'
import { complete, type Work } from '../base/work.ts'
import { type Node, type NodeOf, topologicalOrderWork } from '../graph/node.ts'
import type { Primitive } from '../graph/primitives.ts'
import { apply } from '../ops/apply.ts'
import { Tensor } from '../tensor/tensor.ts'
import { type GradientRule, gradientRules } from './gradients.ts'
import { scanGradient } from './scan-gradient.ts'
import type { Seed } from './seed.ts'

/**
 * Reverse-mode differentiation: the cotangents of `targets` from those of `seeds`.
 *
 * Rules build nodes from the same primitives, so the result can be differentiated again. A target that the
 * seeds do not depend on gets null.
 */
export const backward = (seeds: readonly Seed[], targets: readonly Node[]): (Tensor | null)[] =>
  complete(differentiateWork(seeds, targets))

/** The same as work that may be interrupted between nodes. */
export function* differentiateWork(
  seeds: readonly Seed[],
  targets: readonly Node[],
): Work<(Tensor | null)[]> {
  const order = yield* topologicalOrderWork(seeds.map((seed) => seed.value))
  const wanted = dependents(order, targets)
  const cotangents = new Map<Node, Tensor>()
  const members = new Map<Node, (Tensor | null)[]>()
  const accumulate = (node: Node, g: Tensor): void => {
    const known = cotangents.get(node)
    cotangents.set(node, known === undefined ? g : apply('add', [known, g], {}))
  }
  for (const { value, cotangent } of seeds) if (wanted.has(value)) accumulate(value, cotangent)

  const stops = new Set(targets)
  for (const node of order.reverse()) {
    if (!wanted.has(node) || stops.has(node)) continue
    const g = cotangents.get(node)
    if (node.kind === 'element') {
      const scan = node.inputs[0] as Node
      const list = members.get(scan) ?? []
      const { index } = node.params
      // Several nodes may name the same member.
      if (g !== undefined) list[index] = list[index] == null ? g : apply('add', [list[index], g], {})
      members.set(scan, list)
      continue
    }
    const passed =
      node.kind === 'scan'
        ? scanGradient(node, members.get(node) ?? [], wanted, backward)
        : g === undefined
          ? []
          : passOn(node, g)
    passed.forEach((cotangent, i) => {
      const input = node.inputs[i] as Node
      if (cotangent !== null && wanted.has(input)) accumulate(input, cotangent)
    })
    // Every reader of the node has been seen: its cotangent is complete and no longer needed here.
    cotangents.delete(node)
    yield
  }
  return targets.map((target) => cotangents.get(target) ?? null)
}

function passOn(node: Node, g: Tensor): readonly (Tensor | null)[] {
  // The table's rule and the node are of one kind; the compiler cannot follow that through a union.
  const rule = gradientRules[node.kind] as unknown as GradientRule<Primitive>
  const inputs = node.inputs.map((input) => new Tensor(input))
  return rule({ node: node as NodeOf<Primitive>, y: new Tensor(node), inputs, g })
}

/** The floating-point nodes that depend on a target, the targets among them. */
function dependents(order: readonly Node[], targets: readonly Node[]): Set<Node> {
  const found = new Set<Node>(targets)
  for (const node of order) {
    // A tuple has no dtype of its own.
    if (node.kind !== 'scan' && !isFloating(node.dtype)) continue
    if (node.kind === 'stopGradient') continue
    if (node.inputs.some((input) => found.has(input))) found.add(node)
  }
  return found
}
