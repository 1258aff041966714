import { expect, test } from 'vitest'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { Tensor, valueAndGrad } from '../index.ts'
import { optimize } from './optimize.ts'

// What is computed stands in layers/adapters/adapt.test.ts, beside layers of the merged weights.

const input = (name: string, shape: readonly number[]): Tensor =>
  new Tensor(makeNode('input', [], { name, dtype: 'float32', shape }))

interface Sizes {
  readonly batch?: readonly number[]
  readonly n?: number
  readonly m?: number
  readonly rank?: number
  /** Shape of the weight, where that is no matrix. */
  readonly kernel?: readonly number[]
}

/** What is as large as W of the loss and the gradients of x, A and B, where the weight of a product is W + 1.5 · A · B. */
function largeKinds({ batch = [4], n = 32, m = 24, rank = 2, kernel = [n, m] }: Sizes) {
  const [x, w] = [input('x', [...batch, n]), input('w', kernel)]
  const [a, b] = [input('a', [n, rank]), input('b', [rank, m])]
  const { value, grad } = valueAndGrad(([x, a, b]: readonly [Tensor, Tensor, Tensor]) => {
    const updated = w.add(a.matmul(b).mul(1.5).reshape(kernel)).reshape([n, m])
    return x.matmul(updated).square().sum()
  })([x, a, b])
  const order = topologicalOrder(optimize([value, ...grad].map(({ node }) => node)))
  const isLarge = ({ shape, kind }: Node): boolean =>
    shape.reduce((size, d) => size * d, 1) === n * m && kind !== 'input' && kind !== 'transpose'
  return order.filter(isLarge).map(({ kind }) => kind)
}

test('neither the weight with its update nor its gradient is made', () => {
  expect(largeKinds({})).toEqual([])
  expect(largeKinds({ batch: [2, 3] })).toEqual([])
  // A projection of attention: (features, heads, dimension); only its own shape changes.
  expect(largeKinds({ kernel: [32, 4, 6] }).filter((kind) => kind !== 'reshape')).toEqual([])
  expect(largeKinds({ kernel: [8, 4, 24] }).filter((kind) => kind !== 'reshape')).toEqual([])
})

test('a rank that saves nothing leaves the sum as it is', () => {
  expect(largeKinds({ rank: 3 })).toEqual([])
  // 4 · (32 + 24) is more than a quarter of 32 · 24.
  expect(largeKinds({ rank: 4 })).toContain('add')
})

test('several updates, each with a switch, are as small', () => {
  const [x, w, on] = [input('x', [4, 32]), input('w', [32, 24]), input('on', [])]
  const factors = ['a', 'b'].flatMap((name) => [input(`${name}1`, [32, 2]), input(`${name}2`, [2, 24])])
  const { value, grad } = valueAndGrad(
    ([x, a, b, c, d]: readonly [Tensor, Tensor, Tensor, Tensor, Tensor]) => {
      const updated = w.add(a.matmul(b).mul(on.mul(2))).add(c.matmul(d).mul(on))
      return x.matmul(updated).square().sum()
    },
  )([x, ...factors] as [Tensor, Tensor, Tensor, Tensor, Tensor])
  const order = topologicalOrder(optimize([value, ...grad].map(({ node }) => node)))
  const large = order.filter(({ shape }) => shape.join() === '32,24' || shape.join() === '24,32')
  expect(large.map(({ kind }) => kind)).toEqual(['input', 'transpose'])
})

test('an update whose inputs are not those of the base is as small', () => {
  const [x, y, a, b] = [input('x', [4, 32]), input('y', [4, 32]), input('a', [32, 2]), input('b', [2, 24])]
  const { value, grad } = valueAndGrad(([y, a, b]: readonly [Tensor, Tensor, Tensor]) =>
    x
      .matmul(input('w', [32, 24]))
      .add(y.matmul(a.matmul(b).mul(1.5)))
      .square()
      .sum(),
  )([y, a, b])
  const order = topologicalOrder(optimize([value, ...grad].map(({ node }) => node)))
  const large = order.filter(({ shape }) => shape.join() === '32,24' || shape.join() === '24,32')
  expect(large.map(({ kind }) => kind)).toEqual(['input'])
})

test('other sums and products stay', () => {
  const [x, w, a, b] = [input('x', [4, 32]), input('w', [32, 24]), input('a', [32, 2]), input('b', [2, 24])]
  const kinds = (y: Tensor) =>
    topologicalOrder(optimize([y.node]))
      .map(({ kind }) => kind)
      .filter((kind) => kind !== 'input')
  // Factors that are computed themselves, a convolution's use, a product of three matrices.
  expect(kinds(x.matmul(w.add(a.tanh().matmul(b))))).toEqual(['tanh', 'matmul', 'add', 'matmul'])
  expect(kinds(w.add(a.matmul(b)).tanh())).toEqual(['matmul', 'add', 'tanh'])
  expect(kinds(x.matmul(a).matmul(b))).toEqual(['matmul', 'matmul'])
})
