import { describe, expect, it } from 'vitest'
import { complete } from '../base/work.ts'
import { makeNode, type Node } from '../graph/node.ts'
import { Tensor, tensor } from '../index.ts'
import { planInPlaceWork } from './in-place.ts'

const leaf = (name: string, shape = [2]): Tensor =>
  new Tensor(makeNode('input', [], { name, dtype: 'float32', shape }))

/** Whether `after` may be written over `before`, where the graph gives out `after` and the others. */
const inPlace = (before: Tensor, after: Tensor, others: readonly Tensor[] = []): boolean | undefined =>
  complete(
    planInPlaceWork(
      [{ before: before.node, after: after.node }],
      [...others, after].map((t): Node => t.node),
    ),
  )[0]

describe('a new value is written over the old one', () => {
  const [w, g] = [leaf('w'), leaf('g')]

  it('where it is made element by element', () => {
    expect(inPlace(w, w.sub(g.mul(0.1)))).toBe(true)
    expect(inPlace(w, w.mul(0.9).add(g))).toBe(true)
  })

  it('where all other readers come before it', () => {
    const matrix = leaf('m', [2, 2])
    const loss = matrix.matmul(matrix).sum()
    expect(inPlace(matrix, matrix.sub(loss.exp()))).toBe(true)
  })

  describe('where rows are added to it', () => {
    const table = leaf('table', [4, 2])
    const ids = tensor([1, 3, 1], { dtype: 'int32' })
    const rows = leaf('rows', [3, 2])

    it('and what was gathered from it is known by then', () => {
      expect(inPlace(table, table.scatterAdd(ids, rows))).toBe(true)
      const gathered = table.gather(ids)
      expect(inPlace(table, table.scatterAdd(ids, gathered.mul(2)))).toBe(true)
      expect(inPlace(table, table.scatterAdd(ids, rows.mul(gathered.sum())), [gathered.sum()])).toBe(true)
    })

    it('but not where something may be gathered from it later', () => {
      const gathered = table.gather(ids)
      expect(inPlace(table, table.scatterAdd(ids, rows), [gathered])).toBe(false)
      expect(inPlace(table, table.scatterAdd(ids, rows.mul(2)), [gathered.sum()])).toBe(false)
    })

    it('but not where the rows are its own memory, or lie along another axis', () => {
      const all = tensor([3, 2, 1, 0], { dtype: 'int32' })
      expect(inPlace(table, table.scatterAdd(all, table))).toBe(false)
      expect(inPlace(table, table.scatterAdd(all, table.reshape([2, 4]).reshape([4, 2])))).toBe(false)
      expect(inPlace(table, table.scatterAdd(all, table.mul(2)))).toBe(true)
      expect(inPlace(table, table.scatterAdd([0, 1], table.mul(2), 1))).toBe(false)
    })
  })

  describe('where a block of it is written over', () => {
    const cache = leaf('cache', [4, 2])
    const position = new Tensor(makeNode('input', [], { name: 'position', dtype: 'int32', shape: [] }))
    const row = leaf('row', [1, 2])

    it('and what was read of it is known by then', () => {
      const next = cache.dynamicUpdateSlice(row, [position, 0])
      expect(inPlace(cache, next)).toBe(true)
      // The new value may be read.
      expect(inPlace(cache, next, [next.sum(), next.dynamicSlice([position, 0], [1, 2])])).toBe(true)
      const old = cache.dynamicSlice([position, 0], [1, 2])
      expect(inPlace(cache, cache.dynamicUpdateSlice(old.mul(2), [0, 0]), [old])).toBe(true)
    })

    it('but not where it is read later, or is what is written', () => {
      const next = cache.dynamicUpdateSlice(row, [position, 0])
      expect(inPlace(cache, next, [cache.sum()])).toBe(false)
      expect(inPlace(cache, cache.dynamicUpdateSlice(cache.slice([1, 0], [1, 2]), [position, 0]))).toBe(false)
      expect(inPlace(row, cache.dynamicUpdateSlice(row, [position, 0]))).toBe(false)
      // One after the other: the first would be a copy of its own.
      expect(inPlace(cache, next.dynamicUpdateSlice(row, [0, 0]))).toBe(false)
    })
  })

  it('but not where another reader may come after it', () => {
    expect(inPlace(w, w.sub(g), [w.mul(2)])).toBe(false)
    expect(inPlace(w, w.sub(g), [w.reshape([1, 2])])).toBe(false)
    expect(inPlace(w, w.sub(g), [w.reshape([1, 2]).mul(2)])).toBe(false)
  })

  it('but not where the old value itself is given out, or the new one twice', () => {
    const next = w.sub(g)
    expect(inPlace(w, next, [w])).toBe(false)
    expect(inPlace(w, next, [next])).toBe(false)
  })

  it('but not where elements are read in another order than they are written', () => {
    expect(inPlace(w, w.flip())).toBe(false)
    expect(inPlace(w, w.add(w.flip()))).toBe(false)
    expect(inPlace(w, w.cumsum())).toBe(false)
    expect(inPlace(w, w.softmax())).toBe(false)
  })

  it('but not where the runtime may fuse a product with what follows', () => {
    const matrix = leaf('m', [2, 2])
    expect(inPlace(matrix, matrix.matmul(matrix).add(matrix))).toBe(false)
  })

  it('but not where nothing of it was read, or it is another variable', () => {
    expect(inPlace(w, g)).toBe(false)
    expect(inPlace(w, g.stopGradient())).toBe(false)
    expect(inPlace(w.mul(1), w.add(1))).toBe(false)
  })
})
