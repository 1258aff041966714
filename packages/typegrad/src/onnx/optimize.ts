import type { Node } from '../graph/node.ts'
import { commonSubexpressions } from './passes/common-subexpressions.ts'
import { constantFolding } from './passes/constant-folding.ts'
import { layout } from './passes/layout.ts'
import { type RewriteRule, rewriteGraph } from './passes/rewrite.ts'
import { simplify } from './passes/simplify.ts'
import { strip } from './passes/strip.ts'

/** One rule after another on the same node, so that a pass sees what the one before made of the inputs. */
const together =
  (...rules: readonly RewriteRule[]): RewriteRule =>
  (node) =>
    rules.reduce((current, rule) => rule(current), node)

/** All passes over the graph, in their order. */
export function optimize(outputs: readonly Node[]): Node[] {
  const stripped = rewriteGraph(outputs, strip)
  const simplified = rewriteGraph(stripped, together(constantFolding, simplify))
  const moved = rewriteGraph(simplified, together(layout, simplify))
  const merged = rewriteGraph(moved, commonSubexpressions())
  // Merging makes equal operands one node, which simplification recognises: x·y + x·y.
  return rewriteGraph(merged, together(constantFolding, simplify))
}
