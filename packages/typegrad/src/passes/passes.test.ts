import { describe, expect, test } from 'vitest'
import type { DType } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { grad, ops, Tensor, Variable, valueAndGrad, zeros } from '../index.ts'
import { commonSubexpressions } from './common-subexpressions.ts'
import { constantFolding, scalarValue } from './constant-folding.ts'
import { dropGradientMarkers } from './drop-gradient-markers.ts'
import { layout } from './layout.ts'
import { optimize } from './optimize.ts'
import { rewriteGraph } from './rewrite.ts'
import { simplify } from './simplify.ts'

/** A placeholder, whose value no pass can know. */
const input = (shape: Shape, dtype: DType = 'float32', name = 'x'): Tensor =>
  new Tensor(makeNode('input', [], { name, dtype, shape }))

/** How often each kind of node stands in a graph. */
function count(outputs: readonly Node[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of topologicalOrder(outputs)) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

describe('dropGradientMarkers', () => {
  test('what only differentiation looks at stands for its input', () => {
    const x = input([3])
    const [y] = rewriteGraph([ops.stopGradient(x).exp().node], dropGradientMarkers)
    expect(count([y as Node])).toEqual({ input: 1, exp: 1 })
  })
})

describe('common subexpressions', () => {
  test('the same operation on the same inputs is one node', () => {
    const x = input([4])
    const [y] = rewriteGraph([x.exp().add(x.exp()).node], commonSubexpressions())
    expect(count([y as Node])).toEqual({ input: 1, exp: 1, add: 1 })
  })

  test('other parameters, constants or placeholders are other nodes', () => {
    const x = input([4, 4])
    const sums = x
      .sum(0)
      .add(x.sum(1))
      .add(input([4]))
    const scaled = x.mul(2).add(x.mul(-0)).add(x.mul(0))
    const [a, b] = rewriteGraph([sums.node, scaled.node], commonSubexpressions())
    expect(count([a as Node]).reduceSum).toBe(2)
    expect(count([b as Node]).mul).toBe(3)
  })
})

describe('constant folding', () => {
  test('arithmetic of single constants is done once, in the dtype of the constants', () => {
    const third = new Tensor(
      makeNode('constant', [], { data: Float32Array.of(1 / 3), dtype: 'float32', shape: [] }),
    )
    const [y] = rewriteGraph([third.mul(3).sub(1).sqrt().node], constantFolding)
    // 3 · fround(1/3) = 1.0000000298, which rounds to 1 in float32.
    expect(scalarValue(y)).toBe(0)
    const [z] = rewriteGraph([third.reshape([1, 1]).neg().node], constantFolding)
    expect(scalarValue(z)).toBe(-Math.fround(1 / 3))
    expect(z?.shape).toEqual([1, 1])
  })

  test('integers are left to the engine', () => {
    const two = new Tensor(makeNode('constant', [], { data: Int32Array.of(2), dtype: 'int32', shape: [] }))
    const [y] = rewriteGraph([two.add(3).node], constantFolding)
    expect(y?.kind).toBe('add')
  })
})

describe('simplification', () => {
  const simplified = (x: Tensor): Node => rewriteGraph([x.node], simplify)[0] as Node
  const x = input([2, 3])
  const position = input([], 'int32', 'position')

  test.each<[string, Tensor]>([
    ['x + 0', x.add(0)],
    ['x − 0', x.sub(0)],
    ['x · 1', x.mul(1)],
    ['x / 1', x.div(1)],
    ['−−x', x.neg().neg()],
    ['two transposes', x.transpose().transpose()],
    ['reshape there and back', x.reshape([6]).reshape([3, 2]).reshape([2, 3])],
    ['a slice of everything', x.slice([0, 0], [2, 3])],
    ['a block of everything', x.dynamicSlice([position, 0], [2, 3])],
    [
      'a block that is x, written over another',
      input([2, 3], 'float32', 'y').dynamicUpdateSlice(x, [position, 0]),
    ],
    ['a block of nothing, written over x', x.dynamicUpdateSlice(input([0, 3]), [position, 0])],
    [
      'no padding',
      x.pad([
        [0, 0],
        [0, 0],
      ]),
    ],
    ['a cast to its own dtype', new Tensor(makeNode('cast', [x.node], { dtype: 'float32' }))],
    ['a broadcast to its own shape', x.broadcastTo([2, 3])],
  ])('%s is x', (_, expression) => {
    expect(simplified(expression)).toBe(x.node)
  })

  test('factors of a product become one', () => {
    const result = simplified(x.mul(3).mul(0.5).mul(-2))
    expect(count([result])).toEqual({ input: 1, constant: 1, mul: 1 })
    expect(scalarValue(result.inputs[1])).toBe(-3)
  })

  test('x + −y is a difference, and x + x a product', () => {
    const y = input([2, 3], 'float32', 'y')
    expect(simplified(x.add(y.neg())).kind).toBe('sub')
    expect(simplified(x.sub(y.neg())).kind).toBe('add')
    expect(count([simplified(x.add(x))])).toEqual({ input: 1, constant: 1, mul: 1 })
  })

  test('elementwise operations broadcast by themselves, but not to a shape that neither operand has', () => {
    const row = input([3], 'float32', 'row')
    expect(count([simplified(x.mul(row.broadcastTo([2, 3])))]).broadcast).toBeUndefined()
    const grown = simplified(row.broadcastTo([5, 3]).add(input([1, 1]).broadcastTo([5, 3])))
    expect(grown.shape).toEqual([5, 3])
    expect(count([grown]).broadcast).toBe(1)
  })

  test('a constant of another shape keeps the shape of the product', () => {
    const scalar = input([])
    const grown = new Tensor(
      makeNode(
        'mul',
        [
          scalar.node,
          makeNode('constant', [], { data: Float32Array.of(1), dtype: 'float32', shape: [1, 1] }),
        ],
        {},
      ),
    )
    expect(simplified(grown).shape).toEqual([1, 1])
  })
})

describe('layout', () => {
  test('a stack of convolutions runs channels first, with transposes at its ends alone', () => {
    const x = input([8, 12, 12, 3])
    const [k1, k2, b1, b2] = [input([3, 3, 3, 4]), input([3, 3, 4, 5]), input([4]), input([5])]
    const first = ops.maxPool(ops.relu(ops.conv(x, k1).add(b1)))
    const y = ops.relu(ops.conv(first, k2).add(b2))
    const before = count([y.node])
    const after = count(optimize([y.node]))
    // Two kernels, and one transpose at each end: it was two for each of three layers.
    expect(before.transpose).toBe(8)
    expect(after.transpose).toBe(4)
    expect(y.shape).toEqual(optimize([y.node])[0]?.shape)
  })

  test('reductions take the axes where they are', () => {
    const x = input([2, 3, 4, 5])
    const moved = x.transpose([0, 2, 3, 1])
    const [sums, kept, all] = rewriteGraph(
      [moved.sum([0, 1, 2]).node, moved.max(3, { keepDims: true }).node, moved.sum(0).node],
      layout,
    ) as [Node, Node, Node]
    expect(count([sums])).toEqual({ input: 1, reduceSum: 1 })
    expect(sums.shape).toEqual([3])
    expect(kept.shape).toEqual([2, 4, 5, 1])
    expect(all.shape).toEqual([4, 5, 3])
  })

  test('an operand that would have to be transposed itself is left alone', () => {
    const x = input([2, 3, 4]).transpose([2, 0, 1])
    const y = input([4, 2, 3])
    const [sum] = rewriteGraph([x.add(y).node], layout)
    expect(sum?.kind).toBe('add')
  })
})

test('relu before pooling: its mask is taken of the maxima', () => {
  const kernel = new Variable(zeros([3, 3, 3, 5]) as Tensor, { name: 'kernel' })
  const x = input([2, 10, 10, 3])
  const { grads } = valueAndGrad(() => ops.maxPool(ops.relu(ops.conv(x, kernel.value))).sum(), [kernel])
  const optimized = optimize([(grads[0] as Tensor).node])
  const comparisons = topologicalOrder(optimized).filter((node) => node.kind === 'less')
  expect(comparisons.map((node) => node.shape)).toEqual([[2, 5, 4, 4]])
})

test("a loop's body is optimised too, and keeps what it reads from around it", () => {
  const outside = input([2], 'float32', 'outside')
  const { carries } = ops.scan({
    initial: [input([2])],
    sequences: [input([5, 2])],
    step: ([h], [s]) => ({
      carries: [
        (h as Tensor)
          .mul(1)
          .add(s as Tensor)
          .add(outside.exp())
          .neg()
          .neg(),
      ],
    }),
  })
  const [result] = optimize([(carries[0] as Tensor).node])
  const loop = result?.inputs[0]
  if (loop?.kind !== 'scan') throw new Error('the loop is gone')
  const { body } = loop.params
  const inside = topologicalOrder(body.outputs.slice(0, 1), new Set(body.inputs)).map((node) => node.kind)
  expect(inside.filter((kind) => kind !== 'input')).toEqual(['add', 'add'])
  expect(loop.inputs.map(({ kind }) => kind)).toContain('exp')
})

test.each([
  { order: [2, 0, 1, 3], expected: ['concat'] },
  { order: [1, 2], expected: ['concat', 'pad'] },
  { order: [0, 2], expected: ['add', 'pad', 'pad'] },
])('the gradient of a split, of which parts $order are used, is $expected', ({ order, expected }) => {
  const loss = (x: Tensor): Tensor => {
    const parts = ops.split(x, 4, 1)
    const sums = order.map((i): Tensor => {
      const part = parts[i] as Tensor
      return part
        .mul(part)
        .mul(i + 1)
        .sum()
    })
    return sums.reduce((a, b) => a.add(b))
  }
  const kinds = topologicalOrder(optimize([grad(loss)(input([2, 12])).node])).map(({ kind }) => kind)
  expect(kinds.filter((kind) => ['add', 'concat', 'pad'].includes(kind)).sort()).toEqual(expected)
})

test.each([
  ['of any kind', (x: Tensor) => x.exp()],
  ['with zeros around them', (x: Tensor) => ops.pad(x, [[1, 1]])],
])('sums %s that are terms of two others take no longer than sums of one', (_, termOf) => {
  // As Fibonacci's numbers: all terms of the last would be 10 ** 12.
  let [a, b] = [termOf(input([4])), termOf(input([4], 'float32', 'y'))]
  for (let i = 0; i < 60; i++) [a, b] = [b, a.add(b)]
  expect(count(optimize([b.node])).add).toBe(60)
})

test("a pooled layer's kernel and bias share one gradient of the pooling", () => {
  const x = input([2, 8, 8, 3])
  const [kernel, bias] = [new Variable(zeros([3, 3, 3, 4])), new Variable(zeros([4]))]
  const { grads } = valueAndGrad(() => {
    const y = ops.relu(ops.conv(x, kernel.value).add(bias.value) as Tensor)
    return ops.maxPool(y, { poolSize: 2 }).sum()
  }, [kernel, bias])
  expect(count(optimize(grads.map((gradient) => (gradient as Tensor).node))).maxPoolGradient).toBe(1)
})
