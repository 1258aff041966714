/**
 * `passes/`: graph → graph: rewriting that makes it smaller or faster. It knows nodes and what kernels there may be,
 * and no word of ONNX.
 */
import { complete, type Work } from '../base/work.ts'
import type { Node } from '../graph/node.ts'
import { type KernelSupport, noKernels } from '../kernel/support.ts'
import { bytesOfFloats, castOfNumbers } from './bytes-of-floats.ts'
import { channelsLast } from './channels-last.ts'
import { commonSubexpressions } from './common-subexpressions.ts'
import { constantFolding } from './constant-folding.ts'
import { dropGradientMarkers } from './drop-gradient-markers.ts'
import { layout } from './layout.ts'
import { lowRankProductsWork } from './low-rank-products.ts'
import { padsToConcat } from './pads-to-concat.ts'
import { quantizedProductsWork } from './quantized-products.ts'
import { type RewriteRule, rewriteWork } from './rewrite.ts'
import { rowDotsWork } from './row-dots.ts'
import { rowUpdates } from './row-updates.ts'
import { simplify } from './simplify.ts'

/** One rule after another on the same node, so that a pass sees what the one before made of the inputs. */
const together =
  (...rules: readonly RewriteRule[]): RewriteRule =>
  (node) =>
    rules.reduce((current, rule) => rule(current), node)

/** A pass over the whole graph: outputs in, outputs out. */
type Pass = (outputs: readonly Node[]) => Work<Node[]>

/**
 * All passes, in their order.
 *
 * @param kernelSupport the engine's: convolutions and poolings that its kernels compute have their channels last, and what
 * only passes through bytes stays floats, which kernels read and write.
 */
const passes = (kernelSupport: KernelSupport): readonly Pass[] => [
  (outputs) => rewriteWork(outputs, dropGradientMarkers),
  ...(kernelSupport === noKernels
    ? []
    : [
        (outputs: readonly Node[]) => channelsLast(outputs, kernelSupport),
        (outputs: readonly Node[]) => rewriteWork(outputs, together(bytesOfFloats, castOfNumbers)),
      ]),
  (outputs) => rewriteWork(outputs, together(constantFolding, simplify, padsToConcat, rowUpdates)),
  lowRankProductsWork,
  quantizedProductsWork,
  (outputs) => rewriteWork(outputs, together(layout, simplify)),
  (outputs) => rewriteWork(outputs, commonSubexpressions()),
  rowDotsWork,
  // Merging makes equal operands one node, which simplification recognises: x·y + x·y. What it makes of them may be
  // equal in turn: the gradients of a pooling that several read, each behind the same mask.
  (outputs) => rewriteWork(outputs, together(constantFolding, simplify)),
  (outputs) => rewriteWork(outputs, commonSubexpressions()),
]

/** The graph after all passes. */
export function* optimizeWork(outputs: readonly Node[], kernelSupport: KernelSupport): Work<Node[]> {
  let optimized = [...outputs]
  for (const pass of passes(kernelSupport)) {
    optimized = yield* pass(optimized)
    yield
  }
  return optimized
}

/** The same in one go. */
export const optimize = (outputs: readonly Node[], kernelSupport = noKernels): Node[] =>
  complete(optimizeWork(outputs, kernelSupport))
