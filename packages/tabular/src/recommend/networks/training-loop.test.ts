import { type Tensor, tensor, Variable } from 'typegrad/core'
import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { type LoopOptions, shuffledRows, trainingLoop } from './training-loop.ts'

const rows = Float64Array.from({ length: 12 }, (_, row) => row)

/** Trains a number towards the mean of rows; what is watched follows from a list, and the number after each pass is noted. */
async function train(
  watched: readonly number[],
  options: Partial<Pick<LoopOptions, 'epochs' | 'patience' | 'deadline' | 'stop'>> = {},
) {
  const weight = new Variable(tensor([0]) as Tensor)
  const after: number[] = []
  const best = await trainingLoop({
    weights: [weight],
    batches: {
      rows: rows.length,
      batch: 4,
      inputs: (of) => [tensor(Float32Array.from(of, (row) => rows[row] as number)) as Tensor],
    },
    loss: ([batch]) =>
      weight.value
        .sub(batch as Tensor)
        .square()
        .mean(),
    learningRate: 0.1,
    epochs: 20,
    watch: async () => {
      after.push(Number((await weight.value.data())[0]))
      return watched[after.length - 1] ?? 9
    },
    patience: 3,
    seed: 1,
    deadline: Number.POSITIVE_INFINITY,
    signal: undefined,
    stop: undefined,
    ...options,
  })
  return { best, after, weight: Number((await weight.value.data())[0]) }
}

test('weights are those of the best pass, and passes end when it gets no better', async () => {
  const { best, after, weight } = await train([5, 3, 4, 2, 6, 7, 8])
  expect([best, after.length]).toEqual([4, 7])
  // Adam moves by about its rate a step, and a pass has three.
  expectClose(after, [0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.1], { scaled: 0.05 })
  expect(weight).toBe(after[3])
  expect((await train([5, 3, 4, 2, 6], { epochs: 3 })).best).toBe(2)
})

test('a deadline ends it within a pass: with the best so far, or with nothing', async () => {
  expect(await train([], { deadline: performance.now() - 1 })).toEqual({ best: 0, after: [], weight: 0 })
  // Over while the second pass is watched: of the third no step is made, and the best is the first.
  const stop = new AbortController()
  const watched = [5, 6, 4, 3]
  Object.defineProperty(watched, 1, {
    get: () => {
      stop.abort()
      return 6
    },
  })
  const { best, after, weight } = await train(watched, { stop: stop.signal })
  expect([best, after.length]).toEqual([1, 2])
  expect(weight).toBe(after[0])
})

test('of passes that nothing is watched in, all or none count', async () => {
  const weight = new Variable(tensor([0]) as Tensor)
  const one = tensor([1]) as Tensor
  const passes = async (epochs: number, stop: AbortSignal | undefined, onStep = (): Tensor => one) =>
    await trainingLoop({
      weights: [weight],
      batches: { rows: 4, batch: 2, inputs: () => [onStep()] },
      loss: ([batch]) =>
        weight.value
          .sub(batch as Tensor)
          .square()
          .mean(),
      learningRate: 0.1,
      epochs,
      patience: 3,
      seed: 1,
      deadline: Number.POSITIVE_INFINITY,
      signal: undefined,
      stop,
    })
  expect(await passes(3, undefined)).toBe(3)
  const stop = new AbortController()
  let steps = 0
  const found = await passes(3, stop.signal, () => {
    steps += 1
    if (steps === 5) stop.abort()
    return one
  })
  expect([found, steps]).toEqual([0, 5])
})

test('each row comes once before any comes again', () => {
  const draw = shuffledRows(10, 7)
  const drawn = [...draw(7), ...draw(7), ...draw(6)]
  for (const pass of [drawn.slice(0, 10), drawn.slice(10)])
    expect(pass.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(shuffledRows(10, 7)(5)).toEqual(shuffledRows(10, 7)(5))
  expect(shuffledRows(10, 8)(10)).not.toEqual(shuffledRows(10, 7)(10))
})
