import { describe, expect, it } from 'vitest'
import { grad, ones, ops, scalar, type Tensor, tensor, Variable, valueAndGrad, zeros } from '../index.ts'

/** The gradient of the sum of `fn` at some numbers. */
const slopes = (fn: (x: Tensor) => Tensor, at: number[]) =>
  grad((x: Tensor) => ops.sum(fn(x)))(tensor(at)).toArray()

describe('grad', () => {
  it('is a function of the same arguments, as often as one likes', async () => {
    const cube = (x: Tensor<[]>) => x.mul(x).mul(x)
    expect(await grad(cube)(scalar(2)).item()).toBe(12)
    expect(await grad(grad(cube))(scalar(2)).item()).toBe(12)
    expect(await grad(grad(grad(cube)))(scalar(2)).item()).toBe(6)
    expect(await grad(grad(grad(grad(cube))))(scalar(2)).item()).toBe(0)
  })

  it('keeps the structure of its first argument and leaves the others alone', async () => {
    const loss = ({ w, list }: { w: Tensor; list: Tensor[] }, x: Tensor) =>
      ops.sum(w.mul(x).add((list[0] as Tensor).square()))
    const { value, grad: g } = valueAndGrad(loss)(
      { w: tensor([1, 2]), list: [tensor([3, 4])] },
      tensor([5, 6]),
    )
    expect(await value.item()).toBe(5 + 9 + 12 + 16)
    expect(await g.w.toArray()).toEqual([5, 6])
    expect(await g.list[0]?.toArray()).toEqual([6, 8])
  })

  it('is zero where the value does not depend on the argument', async () => {
    expect(await grad((_: Tensor) => scalar(3))(tensor([1, 2])).toArray()).toEqual([0, 0])
    expect(await slopes((x) => x.stopGradient(), [1, 2])).toEqual([0, 0])
    expect(await slopes((x) => x.mul(x.stopGradient()), [2, 3])).toEqual([2, 3])
  })

  it('adds up what comes from several readers', async () => {
    expect(await slopes((x) => x.mul(x).add(x).add(x.mul(3)), [1, 2])).toEqual([6, 8])
  })

  it('leaves out what was computed from the argument before', async () => {
    const x = tensor([2])
    const before = x.mul(10)
    expect(await grad((t: Tensor) => ops.sum(t.mul(before)))(x).toArray()).toEqual([20])
  })

  it('of variables: reads inside of the function count, assignments are seen and kept', async () => {
    const [w, b] = [new Variable(tensor([1, 2])), new Variable(tensor([5, 5]))]
    const untouched = new Variable(tensor([7]))
    const x = tensor([3, 4])
    const { value, grads } = valueAndGrad(() => {
      b.assign(w.value.mul(x))
      return ops.sum(b.value.mul(w.value))
    }, [w, b, untouched])
    expect(await value.item()).toBe(3 + 16)
    expect(await grads[0]?.toArray()).toEqual([6, 16])
    expect(await grads[1]?.toArray()).toEqual([0, 0])
    expect(await grads[2]?.toArray()).toEqual([0])
    expect(await b.value.toArray()).toEqual([3, 8])
  })

  it('of variables, in a gradient of variables', async () => {
    const w = new Variable(tensor([2, 3]))
    const outer = valueAndGrad(() => {
      const inner = valueAndGrad(() => ops.sum(w.value.mul(w.value).mul(w.value)), [w])
      return ops.sum(inner.grads[0].square())
    }, [w])
    // d Σ (3w²)² / dw = 36 w³
    expect(await outer.grads[0]?.toArray()).toEqual([288, 972])
  })

  it('refuses values that are no single floating-point number', () => {
    expect(() => grad((x: Tensor) => x)(tensor([1, 2]))).toThrow(
      'grad: expected a function whose value is one floating-point number, received float32 [2]. Reduce it first, with mean() or sum().',
    )
    expect(() => grad((x: Tensor) => ops.sum(x.cast('int32')))(tensor([1]))).toThrow(/received int32/)
    expect(() => grad((async (x: Tensor) => x) as never)(tensor([1]) as never)).toThrow(/received a promise/)
  })
})

describe('where there is no derivative, by convention', () => {
  it('kinks: 0 for abs and relu', async () => {
    expect(await slopes((x) => x.abs(), [-1, 0, 1])).toEqual([-1, 0, 1])
    expect(await slopes((x) => x.relu(), [-1, 0, 1])).toEqual([0, 0, 1])
  })

  it('ties of two: all to the first, so that a bound that is reached still passes', async () => {
    expect(await slopes((x) => ops.maximum(x, ones([2])), [1, 2])).toEqual([1, 1])
    expect(await slopes((x) => ops.minimum(x, ones([2])), [1, 2])).toEqual([1, 0])
    expect(await slopes((x) => x.clip({ min: 0, max: 1 }), [-1, 0, 0.5, 1, 2])).toEqual([0, 1, 1, 1, 0])
  })

  it('ties of many: equal parts', async () => {
    expect(await slopes((x) => x.max(), [3, 1, 3, 3])).toEqual(
      [1, 0, 1, 1].map((v) => expect.closeTo(v / 3, 6)),
    )
    expect(await slopes((x) => x.min(), [0, 0])).toEqual([0.5, 0.5])
  })

  it('powers at 0', async () => {
    expect(await slopes((x) => x.pow(0), [0, 2])).toEqual([0, 0])
    expect(await slopes((x) => x.pow(1), [0, 2])).toEqual([1, 1])
    expect(await slopes((x) => x.pow(3), [0, -2])).toEqual([0, 12])
    expect(await slopes((x) => x.pow(tensor([0, 1, 2])), [0, 0, 0])).toEqual([0, 1, 0])
  })
})

it('the gradients of a product over nothing are as large as what it multiplied, and zeros', async () => {
  const [a, b] = grad(([x, y]: readonly Tensor[]) => ops.matmul(x as Tensor, y as Tensor).sum())([
    zeros([2, 3, 0]),
    zeros([0, 4]),
  ]) as [Tensor, Tensor]
  expect([a.shape, b.shape]).toEqual([
    [2, 3, 0],
    [0, 4],
  ])
  const [c, d] = grad(([x, y]: readonly Tensor[]) => ops.matmul(x as Tensor, y as Tensor).sum())([
    zeros([2, 0, 3]),
    zeros([3, 4]),
  ]) as [Tensor, Tensor]
  expect((await c.data()).length).toBe(0)
  expect([...(await d.data())]).toEqual(new Array(12).fill(0))
})
