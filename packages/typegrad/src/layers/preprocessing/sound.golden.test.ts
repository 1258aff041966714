import { expect, test } from 'vitest'
import type { Tensor } from '../../index.ts'
import { expectClose } from '../../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../../testing/golden.ts'
import { testLayer } from '../../testing/test-layer.ts'
import { melSpectrogram, stftSpectrogram } from './index.ts'

interface Case {
  readonly layer: 'STFTSpectrogram' | 'MelSpectrogram'
  readonly config: Readonly<Record<string, unknown>>
  readonly input: GoldenTensor
  readonly output: GoldenTensor
}

const factories = { STFTSpectrogram: stftSpectrogram, MelSpectrogram: melSpectrogram }
const { cases } = readGolden<{ cases: readonly Case[] }>('preprocessing-sound.json')

test.each(cases.map((one, i) => [`${i} ${one.layer} ${JSON.stringify(one.config)}`, one] as const))(
  '%s',
  async (_, one) => {
    const output: Tensor = factories[one.layer](one.config).apply(fromGolden(one.input))
    expect(output.shape).toEqual(one.output.shape)
    const [actual, expected] = [Array.from(await output.data(), Number), goldenValues(one.output)]
    // Angles of −π and π are one.
    const apart =
      one.config.mode === 'angle'
        ? actual.map((a, i) => (Math.abs(a - (expected[i] as number)) > 6 ? -a : a))
        : actual
    expectClose(apart, expected, { scaled: 2e-5 })
  },
)

// Convolutions are computed in float32: its rounding over the step.
const single = { step: 1e-2, tolerance: 1e-3 }

test('as layers', async () => {
  await testLayer((options) => stftSpectrogram({ mode: 'psd', frameLength: 4, frameStep: 2, ...options }), {
    inputShape: [2, 10, 1],
    expectedOutputShape: [2, 4, 3],
    gradient: single,
    expectedWeights: [
      ['real_kernel', [4, 1, 3]],
      ['imag_kernel', [4, 1, 3]],
    ],
  })
  await testLayer(
    (options) =>
      melSpectrogram({
        fftLength: 8,
        sequenceStride: 4,
        numMelBins: 3,
        samplingRate: 100,
        powerToDb: false,
        ...options,
      }),
    { inputShape: [2, 20], expectedOutputShape: [2, 3, 6], gradient: single },
  )
})

test('refuse lengths that do not go together', () => {
  expect(() => stftSpectrogram({ frameLength: 8, frameStep: 9 })).toThrow(/frameStep of at most/)
  expect(() => stftSpectrogram({ frameLength: 8, fftLength: 4 })).toThrow(/fftLength of at least/)
  expect(() => melSpectrogram({ fftLength: 8, sequenceLength: 9 })).toThrow(
    /sequenceLength of at most fftLength/,
  )
  expect(() => melSpectrogram({ fftLength: 64 }).computeOutputShape([null, 20])).toThrow(
    /more than 32 samples/,
  )
})
