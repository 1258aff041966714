import { describe, expect, test } from 'vitest'
import { compile, grad, StateError, type Tensor, tensor, Variable, valueAndGrad } from '../index.ts'
import type { Definition } from './variable.ts'

/** A variable that is the product of two others, and how often it has been computed. */
function product() {
  const [a, b] = [new Variable(tensor([1, 2]), { name: 'a' }), new Variable(tensor([3, 4]), { name: 'b' })]
  const whole = new Variable(tensor([0, 0]), { name: 'whole' })
  const made = { times: 0 }
  const definition: Definition = {
    base: a,
    sources: [a, b],
    trained: [a, b],
    compute: (): Tensor => {
      made.times++
      return a.value.mul(b.value)
    },
  }
  whole.define(definition)
  return { a, b, whole, made, definition }
}

describe('a variable that is computed from others', () => {
  test('has the value of the moment', async () => {
    const { a, whole, definition } = product()
    expect(whole.definition).toBe(definition)
    expect(await whole.value.toArray()).toEqual([3, 8])
    a.assign(tensor([10, 10]))
    expect(await whole.value.toArray()).toEqual([30, 40])
    expect(String(whole.preview)).toContain("'whole'")
  })

  test('is computed anew only when a source has another value, in each trace', async () => {
    const { a, b, whole, made } = product()
    const twice = compile(() => {
      const first = whole.value.add(whole.value)
      a.assign(b.value)
      return [first, whole.value.add(whole.value)] as const
    })
    const [first, second] = await twice()
    expect([await first.toArray(), await second.toArray()]).toEqual([
      [6, 16],
      [18, 32],
    ])
    expect(made.times).toBe(2)
  })

  test('hands gradients to its sources, which scopes see being read', async () => {
    const { a, b, whole } = product()
    const { grads } = valueAndGrad(() => whole.value.square().sum(), [a, b])
    // d Σ (a·b)² / da = 2·a·b²
    expect(await grads[0].toArray()).toEqual([18, 64])
    expect(await grads[1].toArray()).toEqual([6, 32])
    const through = grad((x: Tensor) => x.mul(whole.value).sum())
    expect(await through(tensor([1, 1])).toArray()).toEqual([3, 8])
  })

  test('is none to assign or to learn', () => {
    const { whole } = product()
    expect(() => whole.assign(tensor([1, 1]))).toThrow(StateError)
    expect(() => valueAndGrad(() => whole.value.sum(), [whole])).toThrow(
      /'whole', which adapters compute from 'a', 'b'/,
    )
  })

  test('makes compiled functions of before and after trace anew', async () => {
    const { a, whole, definition } = product()
    let traces = 0
    const doubled = compile(() => {
      traces++
      return whole.value.mul(2)
    })
    const other = compile(() => new Variable(tensor([5])).value.mul(1))
    await other()
    expect(await (await doubled()).toArray()).toEqual([6, 16])
    whole.undefine(tensor([7, 7]))
    expect(await (await doubled()).toArray()).toEqual([14, 14])
    whole.define(definition)
    a.assign(tensor([0, 1]))
    expect(await (await doubled()).toArray()).toEqual([0, 8])
    await doubled()
    expect(traces).toBe(3)
  })
})
