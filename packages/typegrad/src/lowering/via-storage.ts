import type { DType } from '../base/dtype.ts'
import type { NodeOf } from '../graph/node.ts'
import type { Primitive } from '../graph/primitives.ts'
import type { LoweringRule } from './context.ts'

/** What takes elements of any kind: they are moved, or converted. */
const taken: ReadonlySet<Primitive> = new Set<Primitive>(['cast', 'constant', 'identity', 'stopGradient'])

const single = <N extends { readonly dtype: DType }>(node: N): N =>
  node.dtype === 'bfloat16' ? { ...node, dtype: 'float32' } : node

/**
 * A rule for nodes of any dtype: bfloat16 is how numbers are kept, and ONNX Runtime's kernels for CPUs can do no more with
 * it than convert it. All else is computed in float32, and rounded to the nearest where it is kept again, ties to even.
 */
export const viaStorage =
  (rule: LoweringRule<Primitive>): LoweringRule<Primitive> =>
  (context) => {
    const { node, inputs, builder } = context
    const isKept = node.dtype === 'bfloat16'
    if (taken.has(node.kind) || !(isKept || node.inputs.some(({ dtype }) => dtype === 'bfloat16')))
      return rule(context)
    const wide = inputs.map((name, i) =>
      node.inputs[i]?.dtype === 'bfloat16' ? builder.cast(name, 'float32') : name,
    )
    const computed = { ...single(node), inputs: node.inputs.map(single) } as NodeOf<Primitive>
    const value = rule({ ...context, node: computed, inputs: wide })
    return isKept ? builder.cast(value, 'bfloat16') : value
  }
