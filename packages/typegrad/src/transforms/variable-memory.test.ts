import { describe, expect, it, vi } from 'vitest'
import { compile, defaultEngine, ones, Tensor, tensor, Variable, zeros } from '../index.ts'
import { currentContext } from './engine-context.ts'
import { VariableMemory } from './variable-memory.ts'

const variable = (value: number | number[], name: string) => new Variable(tensor(value), { name })
const values = (...variables: Variable[]) => Promise.all(variables.map((v) => v.value.toArray()))

/**
 * Every case runs several steps, with the same in plain numbers as the truth: once without a look in
 * between (memory is written in place, or two take turns) and once with a look after each step (every
 * step writes to new memory).
 */
const programs: Readonly<
  Record<string, { step: (a: Variable, b: Variable) => Tensor | undefined; truth: Truth }>
> = {
  'an update in place': {
    step: (a) => void a.assign(a.value.mul(2).add(1)),
    truth: ([a, b]) => [a * 2 + 1, b],
  },
  'an update through a product, which must not be in place': {
    step: (a) =>
      void a.assign(
        a.value
          .reshape([1, 2])
          .matmul(
            tensor([
              [0, 1],
              [1, 1],
            ]),
          )
          .reshape([2]),
      ),
    truth: ([a, b], i, all) => [i === 0 ? (all[1]?.[0] ?? 0) : (all[0]?.[0] ?? 0) + a, b],
  },
  'two variables that swap': {
    step: (a, b) => {
      const [x, y] = [a.value, b.value]
      a.assign(y)
      b.assign(x)
      return undefined
    },
    truth: ([a, b]) => [b, a],
  },
  'a reader of the old value besides the update': {
    step: (a, b) => {
      const old = a.value
      a.assign(old.add(1))
      b.assign(b.value.add(old))
      return undefined
    },
    truth: ([a, b]) => [a + 1, b + a],
  },
  'a reader of the new value': {
    step: (a, b) => {
      a.assign(a.value.add(1))
      b.assign(b.value.add(a.value))
      return undefined
    },
    truth: ([a, b]) => [a + 1, b + a + 1],
  },
  'each from the old value of the other': {
    step: (a, b) => {
      const [x, y] = [a.value, b.value]
      a.assign(x.add(y))
      b.assign(y.sub(x))
      return undefined
    },
    truth: ([a, b]) => [a + b, b - a],
  },
  'the old value flipped, which is read while the new one is written': {
    step: (a) => void a.assign(a.value.add(a.value.flip())),
    truth: ([a, b], i, all) => [a + (all[1 - i]?.[0] ?? 0), b],
  },
  'one new value for both': {
    step: (a, b) => {
      const next = a.value.mul(b.value)
      a.assign(next)
      b.assign(next)
      return undefined
    },
    truth: ([a, b]) => [a * b, a * b],
  },
  'the new value returned as well': {
    step: (a) => {
      a.assign(a.value.mul(3))
      return a.value
    },
    truth: ([a, b]) => [a * 3, b],
  },
  'the old value returned': {
    step: (a) => {
      const old = a.value
      a.assign(old.mul(3))
      return old
    },
    truth: ([a, b]) => [a * 3, b],
  },
  'a second assignment in the same step': {
    step: (a) => {
      a.assign(a.value.add(1))
      a.assign(a.value.mul(-2))
      return undefined
    },
    truth: ([a, b]) => [(a + 1) * -2, b],
  },
  'an assignment of what was never read': {
    step: (a, b) => void a.assign(b.value.add(5)),
    truth: ([, b]) => [b + 5, b],
  },
  'a constant': { step: (a) => void a.assign(zeros([2])), truth: ([, b]) => [0, b] },
  'the same value again': { step: (a) => void a.assign(a.value), truth: ([a, b]) => [a, b] },
}

type Pair = readonly [a: number, b: number]
/** Element `i` of both variables after a step, from that element (and all elements) before it. */
type Truth = (pair: Pair, i: number, all: readonly Pair[]) => Pair

describe('variables over several steps', () => {
  for (const [name, { step, truth }] of Object.entries(programs)) {
    it.each([false, true])(`${name} (looked at in between: %s)`, async (looking) => {
      const [a, b] = [variable([1, 2], 'a'), variable([3, 5], 'b')]
      const compiled = compile(() => step(a, b))
      let expected: Pair[] = [
        [1, 3],
        [2, 5],
      ]
      for (let i = 0; i < 4; i++) {
        const before = expected
        expected = before.map((pair, k) => truth(pair, k, before))
        const result = await compiled()
        const shown = name.startsWith('the old') ? before : expected
        if (result instanceof Tensor && !name.includes('flipped'))
          expect(await result.toArray()).toEqual(shown.map(([x]) => x))
        if (looking)
          expect(await values(a, b)).toEqual([expected.map(([x]) => x), expected.map(([, y]) => y)])
      }
      expect(await values(a, b)).toEqual([expected.map(([x]) => x), expected.map(([, y]) => y)])
    })
  }
})

describe('tensors that are held', () => {
  it('keep their value while the variable goes on', async () => {
    const w = variable([1, 2], 'w')
    const step = compile(() => {
      w.assign(w.value.mul(2))
      return w.value.add(100)
    })
    const held = [w.value]
    const pending = [w.value.add(0.5)]
    const results: Tensor[] = []
    for (let i = 0; i < 3; i++) {
      results.push(await step())
      held.push(w.value)
      pending.push(w.value.add(0.5))
    }
    await step()
    await step()
    expect(await Promise.all(held.map((t) => t.toArray()))).toEqual([
      [1, 2],
      [2, 4],
      [4, 8],
      [8, 16],
    ])
    expect(await Promise.all(pending.map((t) => t.toArray()))).toEqual([
      [1.5, 2.5],
      [2.5, 4.5],
      [4.5, 8.5],
      [8.5, 16.5],
    ])
    expect(await Promise.all(results.map((t) => t.toArray()))).toEqual([
      [102, 104],
      [104, 108],
      [108, 116],
    ])
    expect(await w.value.toArray()).toEqual([32, 64])
  })

  it('keep the data that a variable started from', async () => {
    const start = new Float32Array([1, 2])
    const initial = tensor(start)
    const w = new Variable(initial)
    const step = compile(() => w.assign(w.value.add(1)))
    for (let i = 0; i < 3; i++) await step()
    expect(await initial.toArray()).toEqual([1, 2])
    expect(await w.value.toArray()).toEqual([4, 5])
  })

  it('share one variable among compiled functions', async () => {
    const w = variable([1], 'w')
    const double = compile(() => w.assign(w.value.mul(2)))
    const increment = compile(() => w.assign(w.value.add(1)))
    for (let i = 0; i < 3; i++) {
      await double()
      await increment()
    }
    expect(await w.value.toArray()).toEqual([15])
    w.assign(tensor([100]))
    await double()
    expect(await w.value.toArray()).toEqual([200])
  })

  it('does not let an eager loop of assignments grow', async () => {
    const w = variable([0], 'w')
    for (let i = 0; i < 50; i++) {
      w.assign(w.value.add(1))
      if (i % 10 === 9) await tensor([1]).add(1).data()
    }
    // Computed along with the rest: at most the last ten additions were ever pending.
    expect(w.node.kind).toBe('data')
    expect(await w.value.toArray()).toEqual([50])
  })
})

describe('memory', () => {
  /** Memory that the engine is asked for while `body` runs, by shape. */
  async function allocations(body: () => Promise<unknown>): Promise<string[]> {
    const engine = await defaultEngine()
    const allocate = vi.spyOn(engine, 'allocate')
    await body()
    const shapes = allocate.mock.calls.map(([, shape]) => shape.join())
    allocate.mockRestore()
    return shapes
  }

  it('copies a value that another tensor may hold, once, and updates the copy in place', async () => {
    const given = await ones([7, 11]).mul(3).evaluate()
    const w = new Variable(zeros([7, 11]))
    w.assign(given)
    const double = compile(() => w.assign(w.value.mul(2)))
    const shapes = await allocations(async () => {
      for (let i = 0; i < 3; i++) await double()
    })
    expect(shapes.filter((shape) => shape === '7,11')).toHaveLength(1)
    expect((await w.value.data())[76]).toBe(24)
    expect((await given.data())[76]).toBe(3)
  })

  it('leaves a value as it was for a reader between two updates', async () => {
    const w = new Variable(await ones([7, 12]).evaluate())
    const double = compile(() => w.assign(w.value.mul(2)))
    await double()
    const seen = w.value
    await double()
    expect([(await seen.data())[0], (await w.value.data())[0]]).toEqual([2, 4])
  })

  it('copies what a run that is under way will have written', async () => {
    const w = new Variable(await ones([512, 512]).evaluate())
    const slow = compile(() =>
      w.assign(
        w.value
          .matmul(w.value)
          .matmul(w.value)
          .mul(2 ** -18),
      ),
    )
    const add = compile(() => w.assign(w.value.add(1)))
    await slow()
    const running = slow()
    // From here on another tensor may hold it.
    const seen = w.value
    await Promise.all([running, add()])
    expect([(await seen.data())[0], (await w.value.data())[0]]).toEqual([1, 2])
  })

  it('has a value of its own before the first call, so that what was given can be collected', async () => {
    const on = await currentContext()
    const given = await ones([7, 13]).evaluate()
    const w = new Variable(given)
    const memory = new VariableMemory(on, w)
    const before = memory.storage
    await memory.reserve(true)
    expect(w.shared).toBe(false)
    expect(memory.storage).not.toBe(before)
    expect(memory.next(true)).toBe(memory.storage)
  })

  it('takes turns in two storages where an update may not be in place', async () => {
    const on = await currentContext()
    const w = new Variable(await ones([7, 14]).evaluate())
    const memory = new VariableMemory(on, w)
    await memory.reserve(false)
    memory.next(false)
    const seen: unknown[] = []
    for (let i = 0; i < 4; i++) seen.push(memory.next(false))
    expect(new Set(seen).size).toBe(2)
    expect([seen[0] === seen[2], seen[1] === seen[3], seen[0] === seen[1]]).toEqual([true, true, false])
  })
})
