import { makeNode, type Node } from '../graph/node.ts'
import { constantLike } from './constant-folding.ts'
import type { RewriteRule } from './rewrite.ts'

/**
 * float32 → uint8 → float32, as of images that are cut to their shades, is ⌊|clip(x, 0, 255)|⌋ and 0 for NaN: what the cast
 * of floats gives (`lowering/cast-of-floats.ts`) in steps that become one kernel, where the cast is nine operators. The
 * magnitude makes 0 of −0.
 */
export const bytesOfFloats: RewriteRule = (node) => {
  const [bytes] = node.inputs
  if (node.kind !== 'cast' || node.dtype !== 'float32') return node
  if (bytes?.kind !== 'cast' || bytes.dtype !== 'uint8') return node
  const x = bytes.inputs[0] as Node
  if (x.dtype !== 'float32') return node
  const [zero, largest] = [constantLike(0, 'float32') as Node, constantLike(255, 'float32') as Node]
  const clipped = makeNode('min', [makeNode('max', [x, zero], {}), largest], {})
  const whole = makeNode('floor', [makeNode('abs', [clipped], {})], {})
  return makeNode('select', [makeNode('equal', [x, x], {}), whole, zero], {})
}
