import { describe, expect, test } from 'vitest'
import { makeNode, type Node, topologicalOrder } from '../graph/node.ts'
import { ops, Tensor, valueAndGrad } from '../index.ts'
import { optimize } from './optimize.ts'

const input = (shape: readonly number[]): Tensor =>
  new Tensor(makeNode('input', [], { name: 'x', dtype: 'float32', shape }))

/** How many columns are summed for each row in the gradients, of keys (…, 16, 8) and values as wide as `dim`. */
function summed(attention: (scores: Tensor, v: Tensor) => Tensor, dim = 8): number[] {
  const [q, k, v] = [input([2, 12, 8]), input([2, 16, 8]), input([2, 16, dim])]
  const weights = input([2, 12, dim])
  const { value, grad } = valueAndGrad(([a, b, c]: readonly [Tensor, Tensor, Tensor]) => {
    const scores = a.matmul(b.transpose([0, 2, 1]))
    return attention(scores, c).mul(weights).sum()
  })([q, k, v])
  const outputs = [value, ...grad].map(({ node }) => node)
  return topologicalOrder(optimize(outputs)).flatMap((node) => {
    const [elements] = node.inputs
    const isOfRows = node.kind === 'reduceSum' && node.params.keepDims
    return isOfRows && (elements as Node).kind === 'mul' ? [(elements as Node).shape.at(-1) as number] : []
  })
}

describe("row sums in a softmax's gradient", () => {
  test('are over the columns of what the weights were multiplied with', () => {
    expect(summed((scores, v) => ops.softmax(scores).matmul(v))).toEqual([8])
    expect(
      summed((scores, v) => ops.softmax(scores).matmul(v.transpose([0, 2, 1]).transpose([0, 2, 1]))),
    ).toEqual([8])
  })

  test('stay where there is no such product, or a wider one', () => {
    expect(summed((scores, v) => ops.softmax(scores).square().matmul(v))).toEqual([16])
    expect(summed((scores, v) => ops.softmax(scores).matmul(v), 24)).toEqual([16])
  })
})
