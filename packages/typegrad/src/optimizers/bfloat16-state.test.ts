import { expect, test } from 'vitest'
import { byteSize } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import { compile, optimizers, setRandomSeed, type Tensor, tensor, Variable } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'
import { atRandom } from './half-state.ts'

interface Step {
  readonly weight: GoldenTensor
  /** Bits of bfloat16. */
  readonly momentum: GoldenTensor
  readonly velocity: GoldenTensor
}

const golden = readGolden<{
  readonly initial: GoldenTensor
  readonly gradients: readonly GoldenTensor[]
  readonly cases: readonly { readonly config: optimizers.AdamWOptions; readonly steps: readonly Step[] }[]
}>('bfloat16-state.json')

/** The bits of a bfloat16 variable's elements. */
const bitsOf = async ({ value }: Variable): Promise<number[]> => Array.from(await value.data(), Number)

test.each(golden.cases)(
  'AdamW with means in bfloat16 against PyTorch: $config',
  async ({ config, steps }) => {
    const weight = new Variable(fromGolden(golden.initial), { name: 'w' })
    const optimizer = optimizers.adamw({ ...config, stateDType: 'bfloat16' })
    const step = compile((gradient: Tensor) => optimizer.apply([gradient], [weight]))
    let same = 0
    for (const [i, expected] of steps.entries()) {
      await step(fromGolden(golden.gradients[i] as GoldenTensor))
      expectClose(Array.from(await weight.value.data(), Number), goldenValues(expected.weight), {
        scaled: 2e-6,
      })
      for (const name of ['momentum', 'velocity'] as const) {
        const kept = optimizer.slotsOf(weight)[name] as Variable
        expect(kept.dtype).toBe('bfloat16')
        const bits = await bitsOf(kept)
        const wanted = goldenValues(expected[name])
        // The last digit of float32 may decide to which side a number in the middle of two is rounded.
        for (const [k, value] of bits.entries())
          expect(Math.abs(value - (wanted[k] as number))).toBeLessThanOrEqual(1)
        same += bits.filter((value, k) => value === wanted[k]).length
      }
    }
    expect(same / (2 * steps.length * 64)).toBeGreaterThan(0.995)
    const state = optimizer.variables.slice(2)
    const bytes = state.reduce((sum, { shape, dtype }) => sum + sizeOf(shape) * byteSize[dtype], 0)
    expect(bytes).toBe(2 * 64 * 2)
  },
)

test('a mean that changes by less than a digit is rounded at random, and so follows what it should', async () => {
  setRandomSeed(3)
  // After one large gradient, zeros: the mean square falls by 0.001 of itself in each step.
  const weight = new Variable(tensor(Array(256).fill(1)) as Tensor)
  const optimizer = optimizers.adam({ stateDType: 'bfloat16' })
  const step = compile((gradient: Tensor) => optimizer.apply([gradient], [weight]))
  await step(tensor(Array(256).fill(10)) as Tensor)
  const velocity = optimizer.slotsOf(weight).velocity as Variable
  const mean = async () => Number(await velocity.value.cast('float32').mean().item())
  const first = await mean()
  for (let i = 0; i < 60; i++) await step(tensor(Array(256).fill(0)) as Tensor)
  // To the nearest nothing would have changed; each of 256 numbers wanders by about √60 digits · √(0.13 · 0.87).
  expect(Math.abs((await mean()) / first - 0.999 ** 60)).toBeLessThan(0.006)
})

test('numbers rounded at random are one of the two around, right on average', async () => {
  setRandomSeed(5)
  const values = [1 + 0.3 / 128, -1 - 0.75 / 128, 1e-30, 3.25 * 2 ** -133, 0, 2 - 0.1 / 128]
  const copies = 4000
  const wide = tensor(values).expandDims(0).broadcastTo([copies, values.length])
  const data = await atRandom(wide, 'bfloat16').cast('float32').data()
  const ulps = [2 ** -7, 2 ** -7, 2 ** -107, 2 ** -133, 0, 2 ** -7]
  for (const [i, value] of values.entries()) {
    const kept = Array.from({ length: copies }, (_, row) => Number(data[row * values.length + i]))
    const ulp = ulps[i] as number
    for (const one of new Set(kept)) expect(Math.abs(one - value)).toBeLessThanOrEqual(ulp)
    const mean = kept.reduce((a, b) => a + b) / copies
    // Four standard deviations of a mean of so many.
    expect(Math.abs(mean - value)).toBeLessThanOrEqual((4 * 0.5 * ulp) / Math.sqrt(copies))
  }
})
