import { expect, test } from 'vitest'
import { complete } from '../base/work.ts'
import { gptq, ops, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { readGolden } from '../testing/golden.ts'
import { inverseFactor } from './factor.ts'

/** Of tools/golden/make_gptq.py. */
interface GoldenCase {
  readonly seed: number
  readonly columns: number
  readonly rows: number
  readonly bits: 4 | 8
  readonly blockSize: 16 | 32 | 128
  readonly isSymmetric: boolean
  readonly actOrder: boolean
  readonly damping: number
  readonly numbers: number[]
  readonly scales: number[]
  readonly zeros: number[]
  readonly cost: number
  readonly nearest: number
}
const { cases } = readGolden<{ readonly cases: readonly GoldenCase[] }>('gptq.json')

/** Park and Miller's generator, from −1 to 1. */
function numbersOf(seed: number, count: number): Float64Array {
  let state = seed
  return Float64Array.from({ length: count }, () => {
    state = (state * 16807) % 2147483647
    return (2 * state) / 2147483647 - 1
  })
}

/** Σ x · xᵀ of inputs that go together, as the script makes them. */
function hessianOf(seed: number, samples: number, width: number): Float64Array {
  const noise = numbersOf(seed, samples * width)
  const h = new Float64Array(width * width)
  for (let s = 0; s < samples; s++) {
    const x = new Float64Array(width)
    for (let i = 0; i < width; i++)
      x[i] = (i === 0 ? 0 : 0.8 * (x[i - 1] as number)) + (noise[s * width + i] as number)
    for (let i = 0; i < width; i++) x[i] = (x[i] as number) * (1 + (i % 7))
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++)
        h[i * width + j] = (h[i * width + j] as number) + (x[i] as number) * (x[j] as number)
  }
  return h
}

/** Σ ‖x · δ‖² as a share of Σ ‖x · w‖²; both (inputs, outputs). */
async function costOf(w: Tensor, rounded: Tensor, hessian: Float64Array): Promise<number> {
  const inputs = w.shape[0] as number
  const h = tensor(Float32Array.from(hessian)).reshape([inputs, inputs])
  const energy = (m: Tensor) => h.matmul(m).mul(m).sum()
  return await energy(w.sub(rounded)).div(energy(w)).item()
}

test.each(cases)(
  '$bits bits, blocks of $blockSize, symmetric: $isSymmetric, by activations: $actOrder: as in Python',
  async (golden) => {
    const { seed, columns, rows, blockSize, bits, isSymmetric, actOrder, damping } = golden
    const kernel = tensor(Float32Array.from(numbersOf(seed + 100, columns * rows))).reshape([columns, rows])
    const hessian = hessianOf(seed, 2 * columns, columns)
    const kept = await gptq(kernel, hessian, { bits, blockSize, isSymmetric, actOrder, damping })
    expectClose((await kept.scales.data()) as Float32Array, golden.scales, { scaled: 1e-6 })
    const rounded = ops.dequantize(kept, { bits, blockSize, columns })
    const expected = golden.numbers.map((number, i) => {
      const block =
        Math.floor(i / columns) * Math.ceil(columns / blockSize) + Math.floor((i % columns) / blockSize)
      return (number - (golden.zeros[block] as number)) * (golden.scales[block] as number)
    })
    expectClose((await rounded.data()) as Float32Array, expected, { scaled: 1e-5 })
    const nearest = ops.dequantize(ops.quantize(kernel.transpose(), { bits, blockSize, isSymmetric }), {
      ...{ bits, blockSize, columns },
    })
    expect(await costOf(kernel, rounded.transpose(), hessian)).toBeCloseTo(golden.cost, 5)
    expect(await costOf(kernel, nearest.transpose(), hessian)).toBeCloseTo(golden.nearest, 5)
    expect(golden.cost).toBeLessThan(0.4 * golden.nearest)
  },
)

test('the factor of an inverse', async () => {
  const size = 19
  const h = hessianOf(3, 40, size)
  const u = complete(inverseFactor(h.slice(), size))
  // H · Uᵀ · U = 1
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      let sum = 0
      for (let k = 0; k < size; k++)
        for (let l = 0; l < size; l++)
          sum += (h[i * size + k] as number) * (u[l * size + k] as number) * (u[l * size + j] as number)
      expect(sum).toBeCloseTo(i === j ? 1 : 0, 9)
      if (j < i) expect(u[i * size + j]).toBe(0)
    }
})

test('inputs that never come are rounded to the nearest', async () => {
  const kernel = tensor(Float32Array.from(numbersOf(5, 64 * 3))).reshape([64, 3])
  const hessian = new Float64Array(64 * 64)
  hessian[0] = 1
  const kept = await gptq(kernel, hessian, { bits: 4 })
  const nearest = ops.quantize(kernel.transpose(), { bits: 4 })
  expect(await kept.packed.data()).toEqual(await nearest.packed.data())
  expect(await kept.scales.data()).toEqual(await nearest.scales.data())
})

test('what cannot be inverted, is not finite or of another size is refused', async () => {
  const kernel = tensor([[1], [2]])
  const options = { bits: 4, damping: 0 } as const
  await expect(gptq(kernel, Float64Array.of(1, 1, 1, 1), options)).rejects.toThrow(
    /positive definite.*damping/s,
  )
  await expect(gptq(kernel, Float64Array.of(1, Number.NaN, 1, 1), options)).rejects.toThrow(/received NaN/)
  await expect(gptq(kernel, new Float64Array(4), options)).rejects.toThrow(/received zeros/)
  await expect(gptq(kernel, new Float64Array(9), options)).rejects.toThrow(/received \[2, 1\] and 9 numbers/)
})
