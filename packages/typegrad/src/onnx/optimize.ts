import type { Node } from '../graph/node.ts'
import { channelsLast } from './passes/channels-last.ts'
import { commonSubexpressions } from './passes/common-subexpressions.ts'
import { constantFolding } from './passes/constant-folding.ts'
import { layout } from './passes/layout.ts'
import { padsToConcat } from './passes/pads-to-concat.ts'
import { type RewriteRule, rewriteGraph } from './passes/rewrite.ts'
import { rowUpdates } from './passes/row-updates.ts'
import { simplify } from './passes/simplify.ts'
import { strip } from './passes/strip.ts'

/** One rule after another on the same node, so that a pass sees what the one before made of the inputs. */
const together =
  (...rules: readonly RewriteRule[]): RewriteRule =>
  (node) =>
    rules.reduce((current, rule) => rule(current), node)

/** A pass over the whole graph: outputs in, outputs out. */
export type Pass = (outputs: readonly Node[]) => Node[]

/**
 * All passes, in their order.
 *
 * @param hasKernels whether the engine computes convolutions by kernels, whose channels are last.
 */
export const passes = (hasKernels: boolean): readonly Pass[] => [
  (outputs) => rewriteGraph(outputs, strip),
  ...(hasKernels ? [channelsLast] : []),
  (outputs) => rewriteGraph(outputs, together(constantFolding, simplify, padsToConcat, rowUpdates)),
  (outputs) => rewriteGraph(outputs, together(layout, simplify)),
  (outputs) => rewriteGraph(outputs, commonSubexpressions()),
  // Merging makes equal operands one node, which simplification recognises: x·y + x·y. What it makes of them may be
  // equal in turn: the gradients of a pooling that several read, each behind the same mask.
  (outputs) => rewriteGraph(outputs, together(constantFolding, simplify)),
  (outputs) => rewriteGraph(outputs, commonSubexpressions()),
]

/** The graph after all passes. */
export const optimize = (outputs: readonly Node[], hasKernels = false): Node[] =>
  passes(hasKernels).reduce<Node[]>((current, pass) => pass(current), [...outputs])
