import { expect, test } from 'vitest'
import { complete } from '../base/work.ts'
import { type Tensor, tensor, zeros } from '../index.ts'
import { type ConstantUse, ConstantValues, constantUses } from './constant-values.ts'
import { lowerWithKernels } from './lower.ts'

const x = zeros([3, 4])
const [w, v] = [zeros([4, 5]), zeros([5, 4])]

/** What constants decide in the model of a graph in which x alone is an input. */
function found(y: Tensor, identities: ReadonlyMap<Tensor, string>) {
  const added = new Map([...identities.keys()].map(({ node }, i) => [node, `c${i}`]))
  const { model, kernels } = lowerWithKernels({ inputs: [x.node], outputs: [y.node], added })
  const constants = new Map([...identities.values()].map((identity, i) => [`c${i}`, identity]))
  const values = complete(ConstantValues.finding(model, constants, kernels))
  return { values, uses: constantUses(model, values, kernels) }
}

test('the second operand of a product is packed, the first and what is added are not', () => {
  const bias = tensor([1, 2, 3, 4, 5])
  const identities = new Map<Tensor, string>([
    [w, 'w'],
    [bias, 'bias'],
  ])
  const { uses } = found(x.matmul(w).add(bias), identities)
  expect(uses).toEqual([
    { name: 'c0', isPacked: true, packedDType: 'float32', isSharable: true, isOfKernel: false },
    { name: 'c1', isPacked: false, packedDType: 'float32', isSharable: true, isOfKernel: false },
  ])
  const left = found(v.matmul(x.transpose()), new Map([[v, 'v']]))
  expect(left.uses.map(({ isPacked }) => isPacked)).toEqual([false])
})

test('what is computed of constants alone is known by how, and of which', () => {
  const identities = new Map<Tensor, string>([
    [w, 'w 1'],
    [v, 'v 1'],
  ])
  const recipe = (y: Tensor, by: ReadonlyMap<Tensor, string>): [string | undefined, string[], boolean] => {
    const { values, uses } = found(y, by)
    const [operand] = uses.filter(({ isPacked }) => isPacked) as [ConstantUse]
    const sources = [...values.sourcesOf(operand.name)].sort()
    return [values.recipeOf(operand.name), sources, values.isComputed(operand.name)]
  }
  const made = recipe(x.matmul(w.add(v.transpose()).mul(2)), identities)
  expect(made.slice(1)).toEqual([['c0', 'c1'], true])
  expect(made[0]).toContain('w 1')
  // The same work elsewhere, whatever is done with it; other numbers, another order, another version.
  expect(recipe(x.matmul(w.add(v.transpose()).mul(2)).exp(), identities)[0]).toBe(made[0])
  expect(recipe(x.matmul(w.add(v.transpose()).mul(3)), identities)[0]).not.toBe(made[0])
  expect(recipe(x.matmul(v.transpose().sub(w).mul(2)), identities)[0]).not.toBe(made[0])
  const later = new Map<Tensor, string>([...identities, [w, 'w 2']])
  expect(recipe(x.matmul(w.add(v.transpose()).mul(2)), later)[0]).not.toBe(made[0])
})

test('a recipe of a value that is used twice at each of many steps stays short', () => {
  let y = w
  for (let i = 0; i < 60; i++) y = y.add(y.mul(y))
  const { values, uses } = found(x.matmul(y), new Map([[w, 'w']]))
  const [operand] = uses.filter(({ isPacked }) => isPacked) as [ConstantUse]
  expect(values.recipeOf(operand.name)?.length).toBeLessThan(10_000)
})
