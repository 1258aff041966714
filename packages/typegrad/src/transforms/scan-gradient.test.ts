import { describe, expect, it } from 'vitest'
import { compile, grad, ops, type Tensor, tensor, Variable, valueAndGrad, zeros } from '../index.ts'
import { checkGradients, spread } from '../testing/numeric-gradient.ts'

type Tensors = readonly Tensor[]
const first = ([t]: Tensors): Tensor => t as Tensor
const total = (...ts: Tensor[]): Tensor =>
  ts.map((t) => ops.sum(ops.mul(t, t).add(t))).reduce((a, b) => a.add(b))

/** h' = tanh(x·w + h·u); gives out every h and carries the last. */
const recurrent = (x: Tensor, h: Tensor, w: Tensor, u: Tensor, reverse = false) =>
  ops.scan({
    initial: [h],
    sequences: [x],
    reverse,
    step: ([carry], [slice]) => {
      const next = slice.matmul(w).add(carry.matmul(u)).tanh()
      return { carries: [next], outputs: [next] }
    },
  })

describe('gradients of loops equal central differences', () => {
  it.each([false, true])('of a recurrent layer in all that it reads (reverse: %s)', (reverse) =>
    checkGradients(
      (x, h, w, u) => {
        const { carries, outputs } = recurrent(x, h, w, u, reverse)
        return total(first(carries), first(outputs))
      },
      [spread([3, 2, 2]), spread([2, 2]), spread([2, 2], -1, 1, 3), spread([2, 2], -1, 1, 5)],
    ),
  )

  it('where only the last carry counts, or only the outputs', async () => {
    const inputs = [spread([3, 1, 2]), spread([1, 2]), spread([2, 2], -1, 1, 3), spread([2, 2], -1, 1, 5)]
    await checkGradients((x, h, w, u) => first(recurrent(x, h, w, u).carries), inputs, { order: 1 })
    await checkGradients((x, h, w, u) => first(recurrent(x, h, w, u).outputs), inputs, { order: 1 })
  })

  it('with several carries, sequences and outputs, some of them unused', () =>
    checkGradients(
      (a, b, xs, ys) => {
        const { carries, outputs } = ops.scan({
          initial: [a, b, a.mul(2)],
          sequences: [xs, ys],
          step: ([p, q, r], [x, y]) => ({
            carries: [q.mul(x), p.add(y), r],
            outputs: [p.mul(q), x.exp(), r.mul(y)],
          }),
        })
        return total(carries[1], outputs[0], outputs[2])
      },
      [spread([2]), spread([2], -1, 1, 3), spread([3, 2]), spread([3, 2], -1, 1, 5)],
    ))

  it('with a counter and a mask of integers carried along', () =>
    checkGradients(
      (h, xs) => {
        const lengths = tensor([1, 3], { dtype: 'int32' })
        const { carries } = ops.scan({
          initial: [h, zeros([], { dtype: 'int32' })],
          sequences: [xs],
          step: ([c, at], [x]) => ({
            carries: [ops.where(at.less(lengths), c.mul(x), c), at.add(1)],
          }),
        })
        expect(carries[1]?.dtype).toBe('int32')
        return first(carries)
      },
      [spread([2]), spread([4, 2])],
    ))

  it('without sequences, by a length: Newton’s square root', async () => {
    const root = (x: Tensor) =>
      first(
        ops.scan({
          initial: [x],
          length: 6,
          step: ([y]) => ({ carries: [y.add(x.div(y)).mul(0.5)] }),
        }).carries,
      )
    await checkGradients(root, [spread([3], 0.5, 3)])
    expect(await grad((x: Tensor) => ops.sum(root(x)))(tensor([4], { dtype: 'float64' })).toArray()).toEqual([
      expect.closeTo(0.25, 8),
    ])
  })

  it('of a loop in a loop, with a value captured across both', () =>
    checkGradients(
      (xs, w) => {
        const { outputs } = ops.scan({
          initial: [w.mul(0)],
          sequences: [xs],
          step: ([c], [row]) => {
            const inner = ops.scan({
              initial: [c],
              sequences: [row],
              step: ([d], [x]) => ({ carries: [d.add(ops.mul(x, w)).sin()] }),
            })
            return { carries: inner.carries, outputs: [ops.mul(first(inner.carries), c)] }
          },
        })
        return first(outputs)
      },
      [spread([2, 3, 2]), spread([2])],
    ))

  it('with operations on captured values only, and with a gradient inside of the step', () =>
    checkGradients(
      (h, w) => {
        const energy = (t: Tensor) => ops.sum(t.mul(t).mul(w))
        return first(
          ops.scan({
            initial: [h],
            length: 3,
            step: ([c]) => ({
              carries: [c.sub(grad(energy)(c).mul(0.1)).add(w.exp().sum())],
            }),
          }).carries,
        )
      },
      [spread([2]), spread([2], -1, 1, 3)],
    ))
})

describe('loops and variables', () => {
  it('reads variables and has gradients in them, in a compiled step', async () => {
    const u = new Variable(tensor([[0.5]], { dtype: 'float64' }))
    const loss = (x: Tensor) =>
      ops.sum(
        first(
          recurrent(x, zeros([1, 1], { dtype: 'float64' }), tensor([[1]], { dtype: 'float64' }), u.value)
            .carries,
        ),
      )
    const step = compile((x: Tensor) => {
      const { grads } = valueAndGrad(() => loss(x), [u])
      return first(grads)
    })
    const x = tensor([[[0.3]], [[-0.2]]], { dtype: 'float64' })
    // d tanh(x₂ + u·tanh(x₁))/du = (1 − h₂²)·h₁
    const h1 = Math.tanh(0.3)
    const h2 = Math.tanh(-0.2 + 0.5 * h1)
    expect(await (await step(x)).item()).toBeCloseTo((1 - h2 * h2) * h1, 10)
    expect(await first(valueAndGrad(() => loss(x), [u]).grads).item()).toBeCloseTo((1 - h2 * h2) * h1, 10)
  })

  it('keeps the graph as large for a thousand steps as for three', () => {
    const nodes = (length: number) => {
      const lines = compile((x: Tensor) =>
        grad((t: Tensor) =>
          ops.sum(
            first(
              recurrent(t, zeros([1, 2]), spread([2, 2]).cast('float32'), spread([2, 2]).cast('float32'))
                .carries,
            ),
          ),
        )(x),
      ).explain(zeros([length, 1, 2]))
      return lines.split('\n').length
    }
    expect(nodes(1000)).toBe(nodes(3))
  })

  it('has a gradient through a cast inside', async () => {
    const { outputs } = ops.scan({
      initial: [tensor(1)],
      sequences: [tensor([1, 2])],
      step: ([c], [x]) => ({ carries: [c], outputs: [ops.cast(x, 'int32')] }),
    })
    expect(first(outputs).dtype).toBe('int32')
    expect(await first(outputs).toArray()).toEqual([1, 2])
  })
})
