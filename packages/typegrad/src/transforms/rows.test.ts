import { describe, expect, it } from 'vitest'
import { makeNode } from '../graph/node.ts'
import { type DType, ops, Tensor, zeros } from '../index.ts'
import { rowsStayApart } from './rows.ts'

const leaf = (name: string, shape: readonly number[], dtype: DType = 'float32'): Tensor =>
  new Tensor(makeNode('input', [], { name, dtype, shape }))

describe('samples of a batch stay apart', () => {
  const x = leaf('x', [6, 5, 4])
  const row = leaf('row', [6, 1, 4])
  const position = leaf('position', [], 'int32')
  const apart = (y: Tensor, samples = [x, row]): boolean =>
    rowsStayApart(
      samples.map((t) => t.node),
      [y.node],
    )

  it('where blocks are taken of all of them alike', () => {
    expect(apart(x.dynamicSlice([0, position, 0], [6, 2, 4]))).toBe(true)
    expect(apart(x.dynamicSlice([position, 0, 0], [5, 5, 4]))).toBe(false)
  })

  it('where blocks are written into all of them alike', () => {
    expect(apart(x.dynamicUpdateSlice(row, [0, position, 0]))).toBe(true)
    expect(apart(zeros([6, 5, 4]).dynamicUpdateSlice(row, [0, position, 0]))).toBe(true)
    expect(apart(x.dynamicUpdateSlice(row.slice([0], [2]), [position, 0, 0]))).toBe(false)
    // The same for the first samples alone.
    expect(apart(x.dynamicUpdateSlice(zeros([2, 1, 4]), [0, position, 0]))).toBe(false)
  })

  it('where scores of each are masked by positions, and by a mask of its own', () => {
    const mask = leaf('mask', [6, 1, 4], 'bool')
    const first = leaf('first', [6], 'int32')
    expect(apart(ops.maskedSoftmax(x, { causal: true, queryOffset: position }))).toBe(true)
    expect(apart(ops.maskedSoftmax(x, { mask }), [x, mask])).toBe(true)
    expect(apart(ops.maskedSoftmax(zeros([6, 5, 4]), { mask }), [mask])).toBe(true)
    // By the positions, or the mask, of other samples; and where samples are queries or keys.
    expect(apart(ops.maskedSoftmax(x, { causal: true, queryOffset: first.at(0) }), [x, first])).toBe(false)
    expect(apart(ops.maskedSoftmax(x, { mask: mask.slice([0], [1]) }), [x, mask])).toBe(false)
    expect(apart(ops.maskedSoftmax(leaf('y', [6, 4]), { causal: true }))).toBe(false)
    expect(apart(ops.maskedSoftmax(x.transpose([1, 2, 0]), { causal: true }).transpose([2, 0, 1]))).toBe(
      false,
    )
  })

  it('but not where one says where the others are read or written', () => {
    const first = leaf('first', [6], 'int32')
    const at = [0, first.at(0), 0]
    expect(apart(x.dynamicSlice(at, [6, 2, 4]), [x, first])).toBe(false)
    expect(apart(x.dynamicUpdateSlice(row, at), [x, row, first])).toBe(false)
  })
})
