import { describe, expect, test } from 'vitest'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { layers, ops, Tensor, zeros } from '../index.ts'
import { checkGradients, spread } from '../testing/numeric-gradient.ts'
import { backward } from './backward.ts'

const input = (shape: readonly number[]): Tensor =>
  new Tensor(makeNode('input', [], { name: 'x', dtype: 'float32', shape }))

/** Kinds of what stands in the bodies of the loops that nodes need, loop by loop. */
const bodies = (outputs: readonly Node[]): string[][] =>
  topologicalOrder(outputs).flatMap((node) => {
    if (node.kind !== 'scan') return []
    const { inputs, outputs: results } = node.params.body
    const given = new Set(inputs)
    return [topologicalOrder(results, given).flatMap((inner) => (given.has(inner) ? [] : [inner.kind]))]
  })

/** h' = tanh(x + h · u + b) over five steps, with its sum. */
const recurrent = (x: Tensor, u: Tensor, b: Tensor): Tensor =>
  ops.scan({
    initial: [zeros([2, 3], { dtype: x.dtype })],
    sequences: [x],
    step: ([h], [slice]) => ({
      carries: [slice.add(h.matmul(u)).add(b).tanh()],
    }),
  }).carries[0]

describe('the gradient of a loop', () => {
  test('sums products of stacked operands after the loop, and computes nothing of the step again', () => {
    const [x, u, b] = [input([5, 2, 3]), input([3, 3]), input([3])]
    const loss = recurrent(x, u, b).sum()
    const gradients = backward(
      [
        {
          value: loss.node,
          cotangent: new Tensor(makeNode('input', [], { name: 'g', dtype: 'float32', shape: [] })),
        },
      ],
      [u.node, b.node],
    )
    const [forward, back] = bodies(gradients.map((g) => (g as Tensor).node)) as [string[], string[]]
    const count = (kinds: readonly string[], kind: string) => kinds.filter((k) => k === kind).length
    expect(count(forward, 'matmul')).toBe(1)
    // Only the cotangent of the state: those of u and b are formed outside.
    expect(count(back, 'matmul')).toBe(1)
    expect(count(back, 'tanh')).toBe(0)
    expect(count(back, 'reduceSum')).toBe(0)
  })

  test('is right to the second order, with a bias and a matrix that is used twice', () =>
    checkGradients(
      (x, u, b) =>
        recurrent(x, u, b)
          .add(recurrent(x.mul(0.5), u, b))
          .square()
          .sum(),
      [spread([5, 2, 3]), spread([3, 3], -1, 1, 3), spread([3], -1, 1, 5)],
    ))

  test('is right where a matrix is used on both sides of products', () =>
    checkGradients(
      (h, u) =>
        ops
          .scan({
            initial: [h],
            length: 3,
            step: ([c]) => ({
              carries: [u.matmul(c.matmul(u)).add(u).mul(0.3).sin()],
            }),
          })
          .carries[0].sum(),
      [spread([3, 3]), spread([3, 3], -1, 1, 3)],
    ))

  test('is right through a softmax, which has a gradient of its own, in the step', () =>
    checkGradients(
      (h, u) =>
        ops
          .scan({
            initial: [h],
            length: 3,
            step: ([c]) => ({
              carries: [c.matmul(u).softmax().add(c)],
            }),
          })
          .carries[0].square()
          .sum(),
      [spread([2, 3]), spread([3, 3], -1, 1, 3)],
    ))

  test.each([
    ['lstm', () => layers.lstm({ units: 4 }), 1],
    ['gru', () => layers.gru({ units: 4 }), 1],
    ['gru with the reset before', () => layers.gru({ units: 4, resetAfter: false }), 2],
  ])('of %s has as many products a step as there are states to go through', (_, make, products) => {
    const layer = make()
    layer.ensureBuilt([2, 5, 3])
    const weights = layer.trainableWeights.map((w) => w.value.node)
    const loss = layer.apply(input([2, 5, 3])).sum()
    const seed = new Tensor(makeNode('input', [], { name: 'g', dtype: 'float32', shape: [] }))
    const gradients = backward([{ value: loss.node, cotangent: seed }], weights)
    const back = bodies(gradients.map((g) => (g as Tensor).node)).at(-1) as string[]
    expect(back.filter((kind) => kind === 'matmul').length).toBe(products)
  })
})
