import { describe, expect, it } from 'vitest'
import {
  checkpoint,
  compile,
  grad,
  ops,
  random,
  setRandomSeed,
  type Tensor,
  tensor,
  Variable,
  valueAndGrad,
} from '../index.ts'
import { checkGradients, spread } from '../testing/numeric-gradient.ts'

const block = (x: Tensor, w: Tensor): Tensor => x.matmul(w).tanh().matmul(w).sin()

describe('checkpoint', () => {
  it('has the gradients of the plain function, to second order', async () => {
    await checkGradients(
      (x, w) => checkpoint(block)(checkpoint(block)(x, w), w),
      [spread([2, 2]), spread([2, 2])],
    )
  })

  it('can stand in a checkpoint, and read tensors that it is not given', () =>
    checkGradients(
      (x, w) => {
        const y = w.mul(x)
        return checkpoint((a: Tensor) => checkpoint(block)(a.mul(2), w).mul(a).add(y.mul(3)).add(x))(x)
      },
      [spread([2, 2]), spread([2, 2])],
    ))

  it('computes again instead of keeping', () => {
    const count = (text: string) => text.split('\n').filter((line) => line.includes(' = tanh(')).length
    const w = spread([2, 2])
    const plain = compile((x: Tensor) => grad((t: Tensor) => ops.sum(block(t, w)))(x))
    const checkpointed = compile((x: Tensor) => grad((t: Tensor) => ops.sum(checkpoint(block)(t, w)))(x))
    expect(count(plain.explain(spread([2, 2])))).toBe(1)
    // The gradient alone needs only the repetition; the value, where it is read, the first pass.
    const both = compile((x: Tensor) => {
      const value = checkpoint(block)(x, w)
      return [value, grad((t: Tensor) => ops.sum(checkpoint(block)(t, w)))(x)]
    })
    expect(count(checkpointed.explain(spread([2, 2])))).toBeLessThanOrEqual(2)
    expect(count(both.explain(spread([2, 2])))).toBe(2)
  })

  it('reads variables, and has gradients in them', async () => {
    const w = new Variable(spread([2, 2]) as Tensor, { name: 'w' })
    const x = spread([2, 2])
    const loss = (wrap: typeof checkpoint) => () => ops.sum(wrap((t: Tensor) => block(t, w.value))(x))
    const plain = valueAndGrad(loss(((fn: unknown) => fn) as typeof checkpoint), [w])
    const checkpointed = valueAndGrad(loss(checkpoint), [w])
    expect(await checkpointed.grads[0]?.data()).toEqual(await plain.grads[0]?.data())
    const compiled = compile(() => valueAndGrad(loss(checkpoint), [w]).grads[0] as Tensor)
    expect(await (await compiled()).data()).toEqual(await plain.grads[0]?.data())
  })

  it('makes its assignments once', async () => {
    const count = new Variable(tensor(0) as Tensor)
    const step = compile((x: Tensor) =>
      grad((t: Tensor) =>
        ops.sum(
          checkpoint((a: Tensor) => {
            count.assign(count.value.add(1))
            return a.mul(a)
          })(t),
        ),
      )(x),
    )
    expect(await (await step(tensor([3]))).toArray()).toEqual([6])
    expect(await count.value.item()).toBe(1)
  })

  /** x where a random mask says so: the gradient is the mask, so it shows which one the repetition drew. */
  const dropout = (x: Tensor): Tensor => ops.where(random.bernoulli(x.shape), x, 0)

  it.each(['eager', 'compiled'])('draws the same random numbers again, %s', async (how) => {
    setRandomSeed(5)
    const x = tensor(new Float32Array(200).fill(1))
    const both = (t: Tensor) => {
      // Other draws before, between and after, outside of checkpoints and in one inside of another.
      const before = dropout(t)
      let kept: Tensor | undefined
      const slope = grad((u: Tensor) => {
        const a = checkpoint((v: Tensor) => dropout(checkpoint((z: Tensor) => dropout(dropout(z)))(v)))(u)
        kept = dropout(a)
        return ops.sum(kept)
      })(t)
      return [before, kept as Tensor, slope, dropout(t)] as const
    }
    const run = how === 'eager' ? both : compile(both)
    for (let i = 0; i < 2; i++) {
      const [before, kept, slope, after] = await run(x)
      expect(await slope.data()).toEqual(await kept.data())
      expect(await before.data()).not.toEqual(await after.data())
      expect(await ops.sum(kept).item()).toBeGreaterThan(0)
    }
  })

  it('refuses a function that returns no tensor', () => {
    const two = ((x: Tensor) => [x, x]) as unknown as (x: Tensor) => Tensor
    expect(() => checkpoint(two)(tensor(1))).toThrow(
      /checkpoint: expected a function that returns one tensor/,
    )
  })
})
