import { sizeOf } from '../../base/shape.ts'
import type { Node } from '../../graph/node.ts'
import { int, string } from '../builder.ts'
import type { LoweringRule } from '../context.ts'

/**
 * indices, updates, and perhaps a base → that or zeros, plus the updates, which add up where indices are equal, as they
 * are in every embedding's gradient. ONNX Runtime's ScatterND would do it in one operator, but its threads add to one place without waiting for
 * each other, and lose updates: of 2048 for each of two rows, up to 679 (ONNX Runtime 1.30, 2 threads).
 * ScatterElements works on one thread, and wants an index for every element. Both it and the kernel leave all rows
 * without an index alone where they write over the base.
 */
export const lowerScatterAdd: LoweringRule<'scatterAdd'> = ({ node, inputs, builder, kernelSupport }) => {
  const { axis, size } = node.params
  const [indices, updates] = node.inputs as readonly [Node, Node]
  const [at, values, base] = inputs as readonly [string, string, string?]
  const indexRank = indices.shape.length
  const count = sizeOf(indices.shape)
  // (…lead, …indexed, …rest) → (…indexed, …lead, …rest): rows that are added whole.
  const axes = updates.shape.map((_, i) => i)
  const [lead, indexed, rest] = [
    axes.slice(0, axis),
    axes.slice(axis, axis + indexRank),
    axes.slice(axis + indexRank),
  ]
  const others = [...lead, ...rest].map((i) => updates.shape[i] as number)
  const rows = builder.reshape(builder.transpose(values, [...indexed, ...lead, ...rest]), [count, ...others])
  // (…lead, size, …rest) → (size, …lead, …rest)
  const shape = [size, ...others]
  const first = [axis, ...lead, ...rest.map((_, i) => 1 + lead.length + i)]
  const below = base === undefined ? undefined : builder.transpose(base, first)
  const flat = builder.reshape(at, [count])
  const indexDType = indices.dtype
  const request =
    node.dtype === 'float32' && sizeOf(node.shape) > 0 && (indexDType === 'int32' || indexDType === 'int64')
      ? { shape, count, indexDType, hasBase: below !== undefined }
      : undefined
  let sums: string
  if (request !== undefined && kernelSupport.supports('scatterAdd', request)) {
    const operands = below === undefined ? [flat, rows] : [flat, rows, below]
    sums = builder.emitKernel({ kind: 'scatterAdd', ...request }, operands)[0] as string
  } else {
    const each = builder.emit('Expand', [
      builder.reshape(flat, [count, ...others.map(() => 1)]),
      builder.int64s([count, ...others]),
    ])
    sums = builder.emit('ScatterElements', [below ?? builder.zeros(node.dtype, shape), each, rows], {
      axis: int(0),
      reduction: string('add'),
    })
  }
  return builder.transpose(sums, [...lead.map((i) => i + 1), 0, ...rest.map((_, i) => 1 + lead.length + i)])
}
