import { describe, expect, it } from 'vitest'
import type { Engine } from '../engine/engine.ts'
import { defaultEngine } from '../engine/select.ts'
import {
  compile,
  createEngine,
  evaluateAll,
  ones,
  ops,
  setEngine,
  tensor,
  Variable,
  zeros,
} from '../index.ts'
import { apply } from '../ops/apply.ts'

/** Runs `body` on an engine that counts the models it loads. */
async function counting(body: () => Promise<void>): Promise<number> {
  const engine = await defaultEngine()
  let loads = 0
  const counted = new Proxy(engine, {
    get(target, key: keyof Engine) {
      if (key === 'load') loads++
      const member = target[key]
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  setEngine(counted)
  try {
    await body()
  } finally {
    setEngine(engine)
  }
  return loads
}

describe('lazy evaluation', () => {
  it('runs nothing before a value is asked for, and forgets how a value was made afterwards', async () => {
    const x = tensor([1, 2]).mul(2).add(1)
    expect(x.toString()).toBe('Tensor(float32 [2], pending)')
    expect(await x.toArray()).toEqual([3, 5])
    expect(x.toString()).toBe('Tensor(float32 [2])')
    expect(x.node.inputs).toEqual([])
  })

  it('computes several tensors in one run, with what they share', async () => {
    const base = tensor([1, 2]).exp()
    const results = [base.mul(2), base.add(1), base, base.mul(2)]
    expect(await counting(() => evaluateAll(results))).toBe(1)
    const e = [Math.E, Math.E ** 2].map((v) => expect.closeTo(v, 5))
    expect(await base.toArray()).toEqual(e)
  })

  it('compiles a loop of the same operations once', async () => {
    const loads = await counting(async () => {
      let x = tensor([1, 2])
      for (let i = 0; i < 10; i++) {
        x = x.mul(0.5).add(tensor([i, i]))
        await x.evaluate()
      }
    })
    expect(loads).toBe(1)
  })

  it('takes a loop that scales by other numbers for one program', async () => {
    const x = tensor([1, 2])
    const loads = await counting(async () => {
      for (const by of [1, 2, -0, 1e9])
        expect(await x.mul(by).add(by).toArray()).toEqual([by + by, 2 * by + by])
    })
    expect(loads).toBe(1)
  })

  it('makes no program of parts of what is known', async () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    const loads = await counting(async () => {
      for (const row of [0, 1])
        expect(await ops.at(x, row).toArray()).toEqual([3 * row + 1, 3 * row + 2, 3 * row + 3])
      expect(await ops.concat([x, x.reshape([2, 3])], 1).toArray()).toEqual([
        [1, 2, 3, 1, 2, 3],
        [4, 5, 6, 4, 5, 6],
      ])
    })
    expect(loads).toBe(0)
  })

  it('copies what it moves: a variable that is written afterwards leaves it alone', async () => {
    const variable = new Variable(tensor([[1, 2]]))
    await compile(() => variable.assign(variable.value.mul(3)))()
    const before = variable.value.reshape([2])
    await before.evaluate()
    await compile(() => variable.assign(variable.value.mul(3)))()
    expect(await before.toArray()).toEqual([3, 6])
  })

  it('joins many tensors without a program of many inputs', async () => {
    const known = Array.from({ length: 200 }, (_, i) => tensor([i, i + 0.5]))
    const all = ops.stack(known).sum(0)
    let loads = await counting(async () => {
      expect(await all.toArray()).toEqual([19900, 20000])
    })
    expect(loads).toBe(1)
    const a = tensor([1, 2])
    const pending = Array.from({ length: 1200 }, (_, i) => a.mul(i))
    loads = await counting(async () => {
      const rows = await ops.stack(pending, 1).toArray()
      expect(rows).toEqual([pending.map((_, i) => i), pending.map((_, i) => 2 * i)])
    })
    expect(loads).toBe(1)
  })

  it('starts from what is known when a pending tensor was computed in between', async () => {
    const x = tensor([1, 2]).mul(3)
    const later = x.add(1)
    await x.evaluate()
    const loads = await counting(async () => {
      expect(await later.toArray()).toEqual([4, 7])
      // An addition alone: the same model as this one.
      expect(await tensor([0, 0]).add(1).toArray()).toEqual([1, 1])
    })
    expect(loads).toBe(1)
  })

  it('tells graphs apart that differ in a parameter only', async () => {
    const x = tensor([1])
    const padded = (value: number) => x.pad([[1, 0]], { value }).toArray()
    expect(await padded(Number.POSITIVE_INFINITY)).toEqual([Number.POSITIVE_INFINITY, 1])
    expect(await padded(Number.NEGATIVE_INFINITY)).toEqual([Number.NEGATIVE_INFINITY, 1])
    expect(await padded(Number.NaN)).toEqual([Number.NaN, 1])
    expect(await ones([1]).div(0).toArray()).toEqual([Number.POSITIVE_INFINITY])
    expect(await ones([1]).div(-0).toArray()).toEqual([Number.NEGATIVE_INFINITY])
    expect(await x.sum(0).toArray()).toBe(1)
    expect(await x.sum(0, { keepDims: true }).toArray()).toEqual([1])
  })

  it('gives its reader a copy', async () => {
    const x = tensor([1, 2])
    const data = await x.data()
    data[0] = 100
    expect(await x.toArray()).toEqual([1, 2])
    const y = x.add(1)
    ;(await y.data())[0] = 100
    expect(await y.toArray()).toEqual([2, 3])
  })

  it('gives values that are views of others memory of their own', async () => {
    const x = tensor([1, 2, 3, 4])
    const [same, reshaped] = [x.stopGradient(), x.reshape([2, 2])]
    await evaluateAll([same, reshaped])
    expect(await reshaped.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(await same.add(1).toArray()).toEqual([2, 3, 4, 5])
  })

  it('computes tensors without elements', async () => {
    expect(await zeros([0, 3]).add(1).toArray()).toEqual([])
    expect(await zeros([2, 0]).add(1).toArray()).toEqual([[], []])
    expect(await zeros([0]).sum().item()).toBe(0)
    expect(
      await zeros([0, 3])
        .matmul(ones([3, 2]))
        .toArray(),
    ).toEqual([])
    expect(
      await zeros([2, 0])
        .matmul(ones([0, 2]))
        .toArray(),
    ).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('says what is wrong, at the tensor that is wrong', async () => {
    await expect(zeros([2]).item()).rejects.toThrow(
      'item: expected a tensor of one element, received shape [2]. Use toArray() or data(), or reduce it first.',
    )
    expect(() => apply('add', [zeros([2]), zeros([2], { dtype: 'int32' })], {})).toThrow(/float32 and int32/)
  })

  it('starts an engine with options', async () => {
    const engine = await createEngine({ threads: 1 })
    expect(engine.device).toBe('cpu')
  })
})
