import { expect, test } from 'vitest'
import {
  adapt,
  adapters,
  callbacks,
  constantSparsity,
  layers,
  mergeAdapters,
  polynomialSparsity,
  random,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
} from '../index.ts'
import { expectClose } from '../testing/closeness.ts'

const numbersOf = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)
const zerosIn = (values: readonly number[]): number => values.filter((value) => value === 0).length

function twoLayers() {
  setRandomSeed(8)
  return sequential([
    layers.dense({ units: 8, inputShape: [12], name: 'first' }),
    layers.dense({ units: 4, name: 'second' }),
  ])
}
const weightOf = (model: ReturnType<typeof twoLayers>, path: string) =>
  model.weightPaths.get(path) as Variable

test('schedules are the formulas of Zhu and Gupta', () => {
  const grows = polynomialSparsity({ final: 0.8, initial: 0.2, begin: 100, end: 300 })
  // 0.8 − 0.6 · (1 − t)³ at t = 0, ½ and 1.
  expect([99, 100, 200, 300, 900].map(grows)).toEqual([
    ...[undefined, expect.closeTo(0.2), expect.closeTo(0.725), 0.8, 0.8],
  ])
  expect(polynomialSparsity({ final: 0.5, end: 4, power: 1 })(1)).toBeCloseTo(0.125)
  const same = constantSparsity({ sparsity: 0.5, begin: 2, end: 4 })
  expect([1, 2, 4, 5].map(same)).toEqual([undefined, 0.5, 0.5, undefined])
  expect(() => polynomialSparsity({ final: 1, end: 4 })).toThrow(/something has to stay/)
  expect(() => constantSparsity({ sparsity: 0.5, begin: 4, end: 4 })).toThrow(/received 4 to 4/)
})

test('a training raises the share of zeros, by magnitude and by movement, and ends where it should', async () => {
  const model = twoLayers()
  adapt(model, 'first/kernel', adapters.pruned())
  adapt(model, 'second/kernel', adapters.movementPruned({ sparsity: 0 }))
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const [x, y] = [random.normal([20, 12]), random.normal([20, 4])]
  const schedule = polynomialSparsity({ final: 0.75, end: 9, power: 1 })
  const { history } = await model.fit(x, y, {
    ...{ epochs: 2, batchSize: 4, verbose: 0 },
    callbacks: [callbacks.pruning({ schedule, every: 2 })],
  })
  // At steps 0, 2 and 4; 6 and 8.
  expect(history.sparsity).toEqual([expect.closeTo(1 / 3), expect.closeTo(2 / 3)])
  mergeAdapters(model)
  expect(zerosIn(await numbersOf(weightOf(model, 'first/kernel').value))).toBe(72)
  expect(zerosIn(await numbersOf(weightOf(model, 'second/kernel').value))).toBe(24)
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  await expect(model.fit(x, y, { verbose: 0, callbacks: [callbacks.pruning({ schedule })] })).rejects.toThrow(
    /which has none.*adapters.pruned/s,
  )
})

test('by a threshold: scores learn by the gradient times the weight, and by the penalty', async () => {
  const model = twoLayers()
  adapt(model, 'second/kernel', adapters.softMovementPruned({ penalty: 3 }))
  const [base, scores] = ['second/kernel', 'second/kernel/soft_movement_pruned/scores'].map((path) =>
    weightOf(model, path),
  ) as [Variable, Variable]
  const before = await numbersOf(base.value)
  const given = await numbersOf(random.normal([8, 4]).mul(3))
  scores.assign(tensor(given).reshape([8, 4]))
  const sigmoid = (s: number) => 1 / (1 + Math.exp(-s))
  const second = model.layers[1] as layers.Dense
  const read = await numbersOf(second.weightsAsRead[0]?.value as Tensor)
  expectClose(
    read,
    before.map((w, i) => (sigmoid(given[i] as number) > 0.1 ? w : 0)),
  )
  expect(zerosIn(read)).toBeGreaterThan(2)
  // The loss of one step is ½ · mean((x · W M)²) · 2 + 3 · mean(σ(S)), and S moves against its gradient.
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const [x, y] = [random.normal([5, 12]), random.normal([5, 4])]
  const hidden = (model.layers[0] as layers.Dense).apply(x)
  const weight = tensor(read).reshape([8, 4])
  const { grad: upstream } = valueAndGrad((w: Tensor) => hidden.matmul(w).sub(y).square().mean())(weight)
  const expected = (await numbersOf(upstream)).map((g, i) => {
    const s = sigmoid(given[i] as number)
    return (given[i] as number) - 0.01 * (g * (before[i] as number) + (3 / 32) * s * (1 - s))
  })
  await model.trainOnBatch(x, y)
  expectClose(await numbersOf(scores.value), expected, { scaled: 1e-5 })
  expect(() => adapters.softMovementPruned({ penalty: 1, threshold: 0.5 })).toThrow(/below 0.5/)
})
