import { expect, test } from 'vitest'
import {
  adapt,
  adapters,
  cubicSparsity,
  layers,
  mergeAdapters,
  ops,
  pruneWeights,
  random,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
} from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { readGolden } from '../../testing/golden.ts'

const numbersOf = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)
const zerosIn = (values: readonly number[]): number => values.filter((value) => value === 0).length

function twoLayers() {
  setRandomSeed(8)
  return sequential([
    layers.dense({ units: 8, inputShape: [12], name: 'first', kernelInitializer: 'zeros' }),
    layers.dense({ units: 4, name: 'second' }),
  ])
}
const weightOf = (model: ReturnType<typeof twoLayers>, path: string) =>
  model.weightPaths.get(path) as Variable

test('fake quantisation and its gradient are those of PyTorch', async () => {
  /** Of tools/golden/make_fake_quantize.py. */
  const golden = readGolden<{
    readonly x: number[][]
    readonly cotangent: number[][]
    readonly cases: readonly {
      readonly low: number
      readonly high: number
      readonly scale: number[]
      readonly zero: number[]
      readonly y: number[][]
      readonly gradient: number[][]
    }[]
  }>('fake-quantize.json')
  const optionsOf = ({ scale, zero, low, high }: (typeof golden.cases)[number]) => ({
    scale: tensor(scale),
    zero: tensor(zero),
    low,
    high,
  })
  const rounded = valueAndGrad((x: Tensor, one: (typeof golden.cases)[number]) =>
    ops.fakeQuantize(x, optionsOf(one)).mul(tensor(golden.cotangent)).sum(),
  )
  for (const one of golden.cases) {
    const y = ops.fakeQuantize(tensor(golden.x), optionsOf(one))
    expectClose(await numbersOf(y), one.y.flat())
    expectClose(await numbersOf(rounded(tensor(golden.x), one).grad), one.gradient.flat())
  }
  expect(() => ops.fakeQuantize([1], { scale: 1, low: 3, high: 3 })).toThrow(/low 3 and high 3/)
})

test('a weight is trained as it is rounded, and merged so', async () => {
  const model = twoLayers()
  weightOf(model, 'first/kernel').assign(random.normal([12, 8]))
  adapt(model, '**/kernel', adapters.fakeQuantized({ bits: 7 }))
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const x = random.normal([8, 12])
  const before = await numbersOf(weightOf(model, 'first/kernel').value)
  await model.trainOnBatch(x, random.normal([8, 4]))
  expect(await numbersOf(weightOf(model, 'first/kernel').value)).not.toEqual(before)
  mergeAdapters(model)
  const values = await numbersOf(weightOf(model, 'second/kernel').value)
  // 63 numbers on each side of 0, by the largest of each column.
  for (let column = 0; column < 4; column++) {
    const own = values.filter((_, i) => i % 4 === column)
    const step = Math.max(...own.map(Math.abs)) / 63
    for (const value of own) expect(value / step - Math.round(value / step)).toBeCloseTo(0, 3)
  }
  expect(() => adapters.fakeQuantized({ bits: 9 })).toThrow(/2 to 8, received 9/)
})

test('the smallest of each weight, of all, or of each group go, and stay away', async () => {
  const model = twoLayers()
  const first = weightOf(model, 'first/kernel')
  first.assign(random.normal([12, 8]).mul(10))
  const values = await numbersOf(weightOf(model, 'second/kernel').value)
  const local = await pruneWeights(model, { sparsity: 0.25 })
  expect(local.map(({ zeros, size }) => [zeros, size])).toEqual([
    [24, 96],
    [8, 32],
  ])
  const [second] = (model.layers[1] as layers.Dense).weightsAsRead as [Variable]
  const left = await numbersOf(second.value.abs())
  const limit = [...values].map(Math.abs).sort((a, b) => a - b)[8] as number
  expect(left).toEqual(values.map(Math.abs).map((value) => (value < limit ? 0 : value)))
  // All of the second one's are smaller than nearly all of the first one's.
  const global = await pruneWeights(model, { sparsity: 0.4, scope: 'global' })
  expect((global[0]?.zeros as number) + (global[1]?.zeros as number)).toBe(Math.round(0.4 * 128))
  expect(global[1]?.zeros).toBeGreaterThan(20)
  model.compile({ optimizer: 'adam', loss: 'mse' })
  await model.trainOnBatch(random.normal([8, 12]), random.normal([8, 4]))
  mergeAdapters(model)
  const kept = await numbersOf(weightOf(model, 'first/kernel').value)
  expect(zerosIn(kept)).toBe(global[0]?.zeros)
  await pruneWeights(model, { pattern: [1, 4], filter: 'second/kernel' })
  mergeAdapters(model)
  const grouped = await numbersOf(weightOf(model, 'second/kernel').value)
  for (let start = 0; start < 8; start += 4)
    for (let column = 0; column < 4; column++)
      expect(
        zerosIn([0, 1, 2, 3].map((i) => grouped[(start + i) * 4 + column] as number)),
      ).toBeGreaterThanOrEqual(3)
  await expect(pruneWeights(model, { sparsity: 1 })).rejects.toThrow(/received .*"sparsity":1/)
  await expect(pruneWeights(model, { pattern: [4, 4] })).rejects.toThrow(/not all/)
  await expect(pruneWeights(model, { pattern: [2, 5] })).rejects.toThrow(/groups of 5.*first.kernel/)
  expect([0, 0.5, 1, 2].map((t) => cubicSparsity(t, { final: 0.8 }))).toEqual([
    0,
    expect.closeTo(0.7),
    0.8,
    0.8,
  ])
})

test('movement: scores learn by the gradient times the weight, and choose what is read', async () => {
  const model = twoLayers()
  adapt(model, 'second/kernel', adapters.movementPruned({ sparsity: 0.75 }))
  const [base, scores] = ['second/kernel', 'second/kernel/movement_pruned/scores'].map((path) =>
    weightOf(model, path),
  ) as [Variable, Variable]
  scores.assign(random.normal([8, 4]))
  const x = random.normal([5, 8])
  const second = model.layers[1] as layers.Dense
  const read = await numbersOf(second.weightsAsRead[0]?.value as Tensor)
  expect(zerosIn(read)).toBe(24)
  const { grads } = valueAndGrad(() => second.apply(x).square().sum(), [base, scores])
  // L = Σ (x · W M)², so ∂L/∂(W M) = 2 xᵀ · x · W M.
  const whole = x
    .transpose()
    .matmul(x)
    .matmul(tensor(read).reshape([8, 4]))
    .mul(2)
  expectClose(await numbersOf(grads[1]), await numbersOf(whole.mul(base.value)), { scaled: 1e-5 })
  const mask = tensor(read.map((value) => Number(value !== 0))).reshape([8, 4])
  expectClose(await numbersOf(grads[0]), await numbersOf(whole.mul(mask)), { scaled: 1e-5 })
  expect(() => adapters.movementPruned({ sparsity: 1 })).toThrow(/something has to stay/)
})
