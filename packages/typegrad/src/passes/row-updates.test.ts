import { describe, expect, test } from 'vitest'
import type { Shape } from '../base/shape.ts'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { grad, ops, Tensor } from '../index.ts'
import { optimize } from './optimize.ts'

const input = (shape: Shape, dtype: 'float32' | 'int32' | 'int64' | 'bool' = 'float32'): Tensor =>
  new Tensor(makeNode('input', [], { name: 'x', dtype, shape }))

/** Nodes of the optimised graph that are as large as a table of 100 × 4. */
function tables(...outputs: readonly Tensor[]): string[] {
  const optimized = optimize(outputs.map(({ node }) => node))
  return topologicalOrder(optimized)
    .filter(({ shape }) => `${shape}` === '100,4')
    .map(({ kind, inputs }) => (kind === 'scatterAdd' && inputs.length === 3 ? 'added rows' : kind))
}

/** A table as a placeholder, and the gradient of a function of it. */
function differentiated(loss: (table: Tensor) => Tensor): { w: Tensor; g: Tensor } {
  const w = input([100, 4])
  return { w, g: grad(loss)(w) }
}

describe('the update of a table of which rows were gathered', () => {
  const ids = input([3, 2], 'int32')
  const others = input([5], 'int64')
  const once = (t: Tensor): Tensor => ops.gather(t, ids).square().sum()
  const twice = (t: Tensor): Tensor => once(t).add(ops.gather(t, others).sum())

  test('adds to its rows', () => {
    const { w, g } = differentiated(once)
    expect(tables(w.sub(g.mul(0.1)))).toEqual(['input', 'added rows'])
    expect(
      tables(
        w.add(
          g
            .neg()
            .div(input([1]))
            .mul(input([])),
        ),
      ),
    ).toEqual(['input', 'added rows'])
  })

  test('adds rows of several gathers at once', () => {
    const { w, g } = differentiated(twice)
    const after = w.sub(g.mul(0.1))
    expect(tables(after)).toEqual(['input', 'added rows'])
    const [node] = optimize([after.node]) as [Node]
    expect(node.inputs[0]).toMatchObject({ kind: 'concat', dtype: 'int64', shape: [11] })
  })

  test('adds to a gradient that is a table anyway', () => {
    const { w, g } = differentiated((t) =>
      once(t).add(
        t
          .matmul(input([4, 7]))
          .square()
          .sum(),
      ),
    )
    expect(tables(w.sub(g.mul(0.1)))).toEqual(['input', 'matmul', 'added rows', 'mul', 'sub'])
  })

  test('adds rows of zeros where the old table is to stay', () => {
    const { w, g } = differentiated(once)
    expect(tables(ops.where(input([], 'bool'), w.sub(g), w))).toEqual(['input', 'added rows'])
    expect(tables(ops.where(input([], 'bool'), w, w.sub(g)))).toEqual(['input', 'added rows'])
  })

  test('is left alone where all elements change, or differ in what is made of them', () => {
    const { w, g } = differentiated(once)
    expect(tables(w.mul(0.9).sub(g))).toEqual(['input', 'mul', 'scatterAdd', 'sub'])
    expect(tables(w.sub(g.mul(input([4]))))).toEqual(['input', 'scatterAdd', 'mul', 'sub'])
    expect(tables(w.sub(g.square()))).toContain('scatterAdd')
    expect(tables(ops.where(input([4], 'bool'), w.sub(g), w))).toEqual(['input', 'added rows', 'select'])
  })

  test('scales a table of few rows, not the many that are added to it', () => {
    const { w, g } = differentiated((t) =>
      ops
        .gather(t, input([101], 'int32'))
        .square()
        .sum(),
    )
    expect(tables(w.sub(g.mul(0.1)))).toEqual(['input', 'scatterAdd', 'mul', 'sub'])
  })
})
