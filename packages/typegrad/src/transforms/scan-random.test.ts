import { createWebEngine } from '@typegrad/web'
import { afterAll, describe, expect, it } from 'vitest'
import {
  checkpoint,
  compile,
  createEngine,
  defaultEngine,
  grad,
  ops,
  random,
  setEngine,
  setRandomSeed,
  type Tensor,
  tensor,
  zeros,
} from '../index.ts'

afterAll(async () => setEngine(await defaultEngine()))

const steps = 5
const width = 40
const x = tensor(new Float32Array(steps * width).fill(1), { shape: [steps, width] }) as Tensor

/** x where a random mask says so: the gradient is the mask, so it shows what was drawn where it is computed again. */
const dropout = (t: Tensor): Tensor => ops.where(random.bernoulli(t.shape), t, 0) as Tensor

const overSteps = (fn: (t: Tensor) => Tensor, t: Tensor, reverse = false): Tensor =>
  ops.scan({
    initial: [],
    sequences: [t],
    reverse,
    step: (_, [slice]) => ({ carries: [], outputs: [fn(slice as Tensor)] }),
  }).outputs[0] as Tensor

const rows = async (t: Tensor): Promise<string[]> =>
  ((await t.toArray()) as readonly (readonly number[])[]).map(String)

/** Loops with dropout in them in all kinds of places; each maps (steps, width) to the same. */
const loops: Readonly<Record<string, (t: Tensor) => Tensor>> = {
  'a loop': (t) => overSteps(dropout, t),
  'a loop from the end': (t) => overSteps(dropout, t, true),
  'a loop that draws twice': (t) => overSteps((s) => dropout(dropout(s)), t),
  'a checkpoint in a loop': (t) => overSteps((s) => checkpoint(dropout)(s), t),
  'a loop in a checkpoint': (t) => checkpoint((s: Tensor) => overSteps(dropout, dropout(s)))(t),
  'both in each other': (t) =>
    checkpoint((s: Tensor) => overSteps((r) => dropout(checkpoint(dropout)(dropout(r))), s))(t),
  'a loop in a loop': (t) =>
    overSteps((s) => overSteps(dropout, s.reshape([4, width / 4]) as Tensor).reshape([width]) as Tensor, t),
  'a gradient in a checkpoint': (t) =>
    checkpoint((s: Tensor) => {
      // Its repetition draws no numbers of the outer one's, so what follows finds its own.
      const slope = grad((r: Tensor) => ops.sum(overSteps((q) => checkpoint(dropout)(q), r)))(s)
      return dropout(s).mul(slope.mul(0).add(1)) as Tensor
    })(t),
}

describe('what a loop draws', () => {
  it.each(Object.entries(loops))('is new in every step and the same in its gradient: %s', async (_, loop) => {
    for (const wrap of [(fn: (t: Tensor) => Tensor[]) => fn, (fn: (t: Tensor) => Tensor[]) => compile(fn)]) {
      setRandomSeed(11)
      const run = wrap((t) => {
        let kept: Tensor | undefined
        const slope = grad((s: Tensor) => {
          kept = loop(s)
          return ops.sum(kept)
        })(t)
        return [kept as Tensor, slope]
      })
      const seen = new Set<string>()
      for (let i = 0; i < 2; i++) {
        const [kept, slope] = (await run(x)) as [Tensor, Tensor]
        const drawn = await rows(kept)
        for (const row of drawn) seen.add(row)
        expect(await rows(slope)).toEqual(drawn)
      }
      // 2 runs of 5 steps, no two of which drew alike.
      expect(seen.size).toBe(2 * steps)
    }
  })

  it('is a function of the seed, and the same on both engines', async () => {
    const run = compile((t: Tensor) => overSteps(dropout, t))
    const results: string[][] = []
    for (const engine of [
      await createEngine(),
      await createWebEngine({ threads: 1 }),
      await createEngine(),
    ]) {
      setEngine(engine)
      setRandomSeed(3)
      results.push(await rows(await compile((t: Tensor) => overSteps(dropout, t))(x)))
    }
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
    setRandomSeed(4)
    expect(await rows(await run(x))).not.toEqual(results[0])
  })

  it('has the right share, also where the loop has a length alone', async () => {
    setRandomSeed(6)
    const { outputs, carries } = ops.scan({
      initial: [zeros([]) as Tensor],
      length: 200,
      step: ([total]) => {
        const draw = random.uniform([50]) as Tensor
        return { carries: [(total as Tensor).add(draw.mean()) as Tensor], outputs: [draw] }
      },
    })
    const draws = Array.from(await (outputs[0] as Tensor).data(), Number)
    const mean = draws.reduce((a, b) => a + b) / draws.length
    // 10,000 uniforms: a standard error of 0.003.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015)
    expect(new Set(draws).size).toBeGreaterThan(9_900)
    expect(await (carries[0] as Tensor).item()).toBeCloseTo(200 * mean, 2)
  })

  it('does not make the graph grow with the length', () => {
    const nodes = (length: number): number =>
      compile((t: Tensor) => grad((s: Tensor) => ops.sum(overSteps(dropout, s)))(t))
        .explain(zeros([length, 3]))
        .split('\n').length
    expect(nodes(300)).toBe(nodes(3))
  })
})
