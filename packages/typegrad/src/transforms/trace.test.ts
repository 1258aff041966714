import { expect, it } from 'vitest'
import { asWork, complete } from '../base/work.ts'
import { type Tensor, tensor, Variable, zeros } from '../index.ts'
import { traceFunctionWork } from './trace.ts'

const traced = (fn: (...args: never) => unknown, ...args: readonly unknown[]) =>
  complete(traceFunctionWork((...given: never) => asWork(() => fn(...given)), args))

it('has a placeholder for each tensor among the arguments and for each variable that is read', () => {
  const [w, b] = [new Variable(zeros([2, 3]), { name: 'w' }), new Variable(zeros([3]), { name: 'w' })]
  const trace = traced(
    ({ x, by }: { x: Tensor; by: number }) => [x.matmul(w.value).add(b.value).mul(by), w.value] as const,
    { x: tensor([[1, 2]]), by: 2 },
  )
  expect(trace.arguments.map(({ kind, shape }) => [kind, shape])).toEqual([['input', [1, 2]]])
  expect([...trace.variables.keys()]).toEqual([w, b])
  expect([...trace.names.values()]).toEqual(['argument_0', 'w', 'w_1'])
  expect(trace.outputNames).toEqual(['result_0', 'result_1'])
  expect(trace.results[1]).toBe(trace.variables.get(w))
  expect(trace.updates).toEqual([])
})

it('notes the last value that a variable was given, and reads it from then on', () => {
  const count = new Variable(tensor(0), { name: 'count' })
  const trace = traced(() => {
    count.assign(count.value.add(1))
    count.assign(count.value.add(2))
    return count.value
  })
  const [update] = trace.updates
  expect(update?.variable).toBe(count)
  expect(update?.after.inputs[0]?.inputs[0]).toBe(trace.variables.get(count))
  expect(trace.outputs).toEqual([update?.after, update?.after])
  expect(trace.outputNames).toEqual(['result_0', 'count_next'])
  expect(trace.revisions).toEqual(new Map([[count, 0]]))
})

it('has no placeholder for a variable that is only assigned', () => {
  const w = new Variable(tensor(0))
  const trace = traced((x: Tensor) => w.assign(x), tensor(3))
  expect(trace.variables.size).toBe(0)
  expect(trace.updates[0]?.after).toBe(trace.arguments[0])
})

it('leaves the scope when the function throws', () => {
  const w = new Variable(tensor(0))
  const fail = () => {
    w.assign(tensor(1))
    throw new Error('stop')
  }
  expect(() => traced(fail)).toThrow('stop')
  expect(w.value.node.kind).not.toBe('input')
})

it('refuses asynchronous functions', () => {
  expect(() => traced(async (x: Tensor) => x.mul(2), tensor([1]))).toThrow(
    expect.objectContaining({
      code: 'trace',
      message: expect.stringMatching(/^compile: expected a synchronous/),
    }),
  )
})

it.each(['item', 'data', 'toArray', 'evaluate'] as const)('refuses to look at a value by %s', (look) => {
  expect(() => traced((x: Tensor) => void x.mul(2)[look](), tensor(1))).toThrow(
    expect.objectContaining({
      code: 'trace',
      message: expect.stringMatching(/^traced function: .* look at a value/),
    }),
  )
})
