import { isFloating } from '../base/dtype.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { boundsOf, numberIn } from './bounds-of.ts'
import { constantLike } from './constant-folding.ts'
import type { RewriteRule } from './rewrite.ts'

/** A value where x is a number, and 0, which casts make of NaN, where it is none. */
function ofNumbers(x: Node, value: Node): Node {
  const zero = constantLike(0, 'float32') as Node
  return makeNode('select', [makeNode('equal', [x, x], {}), value, zero], {})
}

/**
 * float32 → integers of what was clipped, as places in an image are: what the cast would do about NaN
 * (`lowering/cast-of-floats.ts`) becomes a part of the kernel that clips.
 */
export const castOfNumbers: RewriteRule = (node) => {
  const [x] = node.inputs
  if (node.kind !== 'cast' || x?.dtype !== 'float32' || isFloating(node.dtype) || node.dtype === 'bool')
    return node
  if (numberIn(x) !== undefined || !boundsOf(x).every(Number.isFinite)) return node
  return makeNode('cast', [ofNumbers(x, x)], node.params)
}

/**
 * float32 → uint8 → float32, as of images that are cut to their shades, is ⌊|clip(x, 0, 255)|⌋ and 0 for NaN: what the cast
 * of floats gives in steps that become one kernel, where the cast is nine operators. The magnitude makes 0 of −0.
 */
export const bytesOfFloats: RewriteRule = (node) => {
  const [bytes] = node.inputs
  if (node.kind !== 'cast' || node.dtype !== 'float32') return node
  if (bytes?.kind !== 'cast' || bytes.dtype !== 'uint8') return node
  const given = bytes.inputs[0] as Node
  const x = numberIn(given) ?? given
  if (x.dtype !== 'float32') return node
  const [zero, largest] = [constantLike(0, 'float32') as Node, constantLike(255, 'float32') as Node]
  const clipped = makeNode('min', [makeNode('max', [x, zero], {}), largest], {})
  return ofNumbers(x, makeNode('floor', [makeNode('abs', [clipped], {})], {}))
}
