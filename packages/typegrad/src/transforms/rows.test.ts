import { describe, expect, it } from 'vitest'
import { makeNode } from '../graph/node.ts'
import { Tensor, zeros } from '../index.ts'
import { rowsStayApart } from './rows.ts'

const leaf = (name: string, shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): Tensor =>
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

  it('but not where one says where the others are read or written', () => {
    const first = leaf('first', [6], 'int32')
    const at = [0, first.at(0), 0]
    expect(apart(x.dynamicSlice(at, [6, 2, 4]), [x, first])).toBe(false)
    expect(apart(x.dynamicUpdateSlice(row, at), [x, row, first])).toBe(false)
  })
})
