import { describe, expect, it } from 'vitest'
import { ops, type Tensor, tensor, Variable, zeros } from '../index.ts'

const values = (tensors: readonly Tensor[]) => Promise.all(tensors.map((t) => t.toArray()))

/** Running sums: carries the total, gives out every one. */
const running = (x: Tensor, reverse = false) =>
  ops.scan({
    initial: [zeros(x.shape.slice(1))],
    sequences: [x],
    reverse,
    step: ([total], [row]) => {
      const next = total.add(row)
      return { carries: [next], outputs: [next] }
    },
  })

describe('scan', () => {
  it('carries on from step to step and stacks what the steps give out', async () => {
    const { carries, outputs } = running(
      tensor([
        [1, 10],
        [2, 20],
        [3, 30],
      ]),
    )
    expect(await values(carries)).toEqual([[6, 60]])
    expect(await values(outputs)).toEqual([
      [
        [1, 10],
        [3, 30],
        [6, 60],
      ],
    ])
  })

  it('goes backwards, with outputs at their slices’ places', async () => {
    const { carries, outputs } = running(tensor([1, 2, 3]), true)
    expect(await values(carries)).toEqual([6])
    expect(await values(outputs)).toEqual([[6, 5, 3]])
  })

  it('runs a number of steps where there are no sequences', async () => {
    const { carries, outputs } = ops.scan({
      initial: [tensor(1), tensor(0, { dtype: 'int32' })],
      length: 5,
      step: ([x, i]) => ({ carries: [x.mul(2), i.add(1)], outputs: [i] }),
    })
    expect(await values([...carries, ...outputs])).toEqual([32, 5, [0, 1, 2, 3, 4]])
    expect(outputs[0]?.dtype).toBe('int32')
  })

  it('takes several sequences of several dtypes', async () => {
    const { outputs } = ops.scan({
      initial: [],
      sequences: [
        tensor([1, 2]),
        tensor([true, false], { dtype: 'bool' }),
        tensor([[5], [6]], { dtype: 'int32' }),
      ],
      step: (_, [x, flag, i]) => ({ carries: [], outputs: [x.mul(flag), i] }),
    })
    expect(await values(outputs)).toEqual([
      [1, 0],
      [[5], [6]],
    ])
  })

  it('exchanges carries without mixing them up', async () => {
    const { carries } = ops.scan({
      initial: [tensor(1), tensor(2)],
      length: 3,
      step: ([a, b]) => ({ carries: [b, a] }),
    })
    expect(await values(carries)).toEqual([2, 1])
  })

  it('computes Fibonacci in a loop in a loop', async () => {
    const { outputs } = ops.scan({
      initial: [tensor(0), tensor(1)],
      length: 3,
      step: (pair) => {
        const inner = ops.scan({
          initial: pair,
          length: 2,
          step: ([a, b]) => ({ carries: [b, a.add(b)], outputs: [a] }),
        })
        return { carries: inner.carries, outputs: inner.outputs }
      },
    })
    expect(await values(outputs)).toEqual([
      [
        [0, 1],
        [1, 2],
        [3, 5],
      ],
    ])
  })

  it('runs a single step, and steps over what is captured', async () => {
    const w = new Variable(tensor([2]))
    const offset = tensor([1]).mul(100)
    const { carries } = ops.scan({
      initial: [tensor([1])],
      length: 1,
      step: ([c]) => ({ carries: [c.mul(w.value).add(offset)] }),
    })
    expect(await values(carries)).toEqual([[102]])
  })

  it('is a thousand steps long as readily as three', async () => {
    const { carries } = running(tensor(new Float32Array(1000).fill(1)))
    expect(await values(carries)).toEqual([1000])
  })
})

describe('mistakes in loops', () => {
  const x = tensor([1, 2, 3])
  it.each([
    [
      'a carry that changes its shape',
      () => ops.scan({ initial: [tensor(0)], sequences: [x], step: () => ({ carries: [zeros([2])] }) }),
      'scan: expected carry 0 to stay float32 [], received float32 [2] after a step.',
    ],
    [
      'a carry that changes its dtype',
      () =>
        ops.scan({
          initial: [tensor(0)],
          sequences: [x],
          step: ([c]) => ({ carries: [c.cast('int32')] }),
        }),
      'scan: expected carry 0 to stay float32 [], received int32 [] after a step.',
    ],
    [
      'a carry that is lost',
      () => ops.scan({ initial: [tensor(0)] as Tensor[], sequences: [x], step: () => ({ carries: [] }) }),
      'scan: expected 1 carries from a step, received 0.',
    ],
    [
      'no length',
      () => ops.scan({ initial: [tensor(0)], step: ([c]) => ({ carries: [c] }) }),
      'scan: expected sequences of one length, or a length, received neither.',
    ],
    [
      'sequences of two lengths',
      () => ops.scan({ initial: [], sequences: [x, zeros([4])], step: () => ({ carries: [] }) }),
      'scan: expected sequences of one length, or a length, received shapes [3], [4].',
    ],
    [
      'an assignment',
      () => {
        const v = new Variable(tensor(0), { name: 'total' })
        return ops.scan({
          initial: [],
          sequences: [x],
          step: (_, [s]) => {
            v.assign(s)
            return { carries: [] }
          },
        })
      },
      'scan: expected a step that hands its state on as carries, received an assignment to variable total. Make it a carry and assign the final one after the loop.',
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(message)
  })
})
