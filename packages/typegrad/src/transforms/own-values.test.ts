import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import {
  compile,
  createEngine,
  evaluateAll,
  full,
  ones,
  random,
  setEngine,
  type Tensor,
  tensor,
  Variable,
  zeros,
} from '../index.ts'
import { evaluateWith } from '../tensor/tensor.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const adding = (...variables: Variable[]) =>
  compile(() => {
    for (const variable of variables) variable.assign(variable.value.add(1))
  })
/** The elements themselves, where the engine writes them. */
const memoryOf = ({ node }: { readonly node: Tensor['node'] }) =>
  (node.kind === 'data' ? node.params.source.host : null) as Float32Array

describe('a first value that is pending', () => {
  it("becomes the variable's own memory, which its first update is written over", async () => {
    for (const initial of [zeros([3]), full([3], 2), random.uniform([3])]) {
      const v = new Variable(initial)
      await evaluateWith([], [v])
      const [memory, before] = [memoryOf(v), Array.from(memoryOf(v))]
      await adding(v)()
      expect(memoryOf(v)).toBe(memory)
      expect(await v.value.toArray()).toEqual(before.map((x) => Math.fround(x + 1)))
    }
  })

  it('stays the same for code that holds it as a tensor', async () => {
    for (const initial of [zeros([3]), random.uniform([3])]) {
      const v = new Variable(initial)
      const [before, more] = [v.value, initial.add(10)]
      const step = adding(v)
      await step()
      await step()
      const [first, now] = [await initial.toArray(), await v.value.toArray()]
      expect(now).toEqual((first as number[]).map((x) => Math.fround(Math.fround(x + 1) + 1)))
      expect(await before.toArray()).toEqual(first)
      expect(await more.toArray()).toEqual((first as number[]).map((x) => Math.fround(x + 10)))
    }
  })

  it('is shared where it has been computed, or it is an argument or made of memory', async () => {
    const [known, given, derived] = [zeros([2]), ones([2]), tensor([1, 2, 3]).mul(3)] as [
      Tensor,
      Tensor,
      Tensor,
    ]
    await known.evaluate()
    const [v, w, x] = [new Variable(known), new Variable(given), new Variable(derived)] as const
    const step = compile((argument: Tensor) => {
      v.assign(v.value.add(argument))
      w.assign(w.value.add(argument))
      x.assign(x.value.add(1))
    })
    await step(given)
    await step(given)
    expect(await known.toArray()).toEqual([0, 0])
    expect(await given.toArray()).toEqual([1, 1])
    expect(await derived.toArray()).toEqual([3, 6, 9])
    expect(await v.value.toArray()).toEqual([2, 2])
    expect(await w.value.toArray()).toEqual([3, 3])
    expect(await x.value.toArray()).toEqual([5, 8, 11])
  })

  it('is not one memory for two variables', async () => {
    for (const initial of [zeros([2]), random.uniform([2])]) {
      const [v, w] = [new Variable(initial), new Variable(initial)]
      const step = compile(() => {
        v.assign(v.value.add(1))
        w.assign(w.value.mul(2))
      })
      await step()
      await step()
      const first = (await initial.toArray()) as number[]
      expect(await v.value.toArray()).toEqual(first.map((x) => Math.fround(Math.fround(x + 1) + 1)))
      expect(await w.value.toArray()).toEqual(first.map((x) => Math.fround(4 * x)))
    }
  })

  it('of one kind only is made without the engine', async () => {
    const engine = await createEngine()
    const refusing = new Proxy(engine, {
      get(target, key: keyof typeof engine) {
        if (key === 'load') throw new Error('nothing to load')
        const member = target[key]
        return typeof member === 'function' ? member.bind(target) : member
      },
    })
    setEngine(refusing)
    try {
      const all = [
        zeros([2, 2]),
        full([2], -0),
        full([3], 7, { dtype: 'int64' }),
        full([2], 1.5, { dtype: 'float16' }),
        full([], Number.NaN),
        full([2], 1, { dtype: 'bool' }).reshape([1, 2]),
        zeros([0, 3]),
      ] as Tensor[]
      await evaluateAll(all)
      expect(await Promise.all(all.map((t) => t.toArray()))).toEqual([
        [
          [0, 0],
          [0, 0],
        ],
        [-0, -0],
        [7, 7, 7],
        [1.5, 1.5],
        Number.NaN,
        [[1, 1]],
        [],
      ])
    } finally {
      setEngine(engine)
    }
  })
})

it('programs that are kept for the next graph of their kind keep no values', async () => {
  const make = async (): Promise<WeakRef<object>> => {
    const t = random.uniform([100, 100])
    await t.evaluate()
    return new WeakRef(memoryOf(t).buffer)
  }
  const held = await make()
  for (let i = 0; i < 10 && held.deref() !== undefined; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    collect()
  }
  expect(held.deref()).toBeUndefined()
})
