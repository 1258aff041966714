import { expect, it } from 'vitest'
import { asWork } from '../base/work.ts'
import { compile, type Tensor, tensor, Variable } from '../index.ts'
import { currentContext } from './engine-context.ts'
import { makePlan } from './plan.ts'

const planOf = async (fn: (...args: Tensor[]) => unknown, ...args: Tensor[]) =>
  makePlan(
    await currentContext(),
    (...given: never) => asWork(() => fn(...(given as Tensor[]))),
    args,
    undefined,
  )

it('binds arguments, variables and captured tensors, whatever their order in the model', async () => {
  const [w, captured] = [new Variable(tensor([10, 20])), tensor([100, 200])]
  const plan = await planOf(
    (x, y) => ({ first: [y.sub(x).mul(w.value)], second: captured.sub(x) }),
    tensor([1, 2]),
    tensor([3, 4]),
  )
  const { running, results } = plan.begin([tensor([5, 6]), tensor([7, 9])])
  await running
  const { first, second } = results as { first: [Tensor]; second: Tensor }
  expect(await first[0].toArray()).toEqual([20, 60])
  expect(await second.toArray()).toEqual([95, 194])
})

it('waits for what is pending, and for nothing else', async () => {
  const w = new Variable(tensor([1]))
  const plan = await planOf((x) => x.mul(w.value), tensor([1]))
  expect(plan.awaited([tensor([2])])).toBeUndefined()
  const pending = tensor([2]).add(1)
  await plan.awaited([pending])
  expect(pending.node.kind).toBe('data')
  w.assign(w.value.add(5))
  await plan.awaited([pending])
  expect(w.node.kind).toBe('data')
})

it('is stale once a variable that it reads is computed from others', async () => {
  const [w, base] = [new Variable(tensor([1])), new Variable(tensor([3]))]
  const plan = await planOf((x) => x.mul(w.value), tensor([1]))
  expect(plan.isStale).toBe(false)
  w.define({ sources: [base], base, trained: [base], compute: () => base.value.mul(2) })
  expect(plan.isStale).toBe(true)
  w.undefine(tensor([4]))
  expect(plan.isStale).toBe(true)
})

it('refuses a tensor that leaked from another trace', async () => {
  let leaked: Tensor | undefined
  await compile((x: Tensor) => {
    leaked = x.mul(2)
    return leaked
  })(tensor([1]))
  const adding = planOf((x) => x.add(leaked as Tensor), tensor([1]))
  await expect(adding).rejects.toMatchObject({
    code: 'trace',
    message: expect.stringMatching(/^compile: .*from another trace/),
  })
})
