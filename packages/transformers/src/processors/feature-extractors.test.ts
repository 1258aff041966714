import { readFileSync } from 'node:fs'
import type { Tensor } from 'typegrad'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import type { RawConfig } from '../base/config.ts'
import { hashedNumbers } from '../testing/golden.ts'
import { processorOf } from './processor.ts'
import { Wav2Vec2FeatureExtractor } from './wav2vec2-feature-extractor.ts'
import { WhisperFeatureExtractor } from './whisper-feature-extractor.ts'

interface GoldenCase {
  readonly config: RawConfig
  readonly sounds: readonly { readonly name: string; readonly length: number }[]
  /** Every so manieth value is in the file. */
  readonly every: number
  readonly outputs: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >
}

const cases = JSON.parse(
  readFileSync(new URL('../../golden/sounds.json', import.meta.url), 'utf8'),
) as readonly GoldenCase[]

/** Noise that fades to silence, on a tone. */
function sound(name: string, length: number): Float32Array {
  const noise = hashedNumbers(name, length)
  return Float32Array.from(noise, (value, n) => {
    const tone = Math.sin((2 * Math.PI * 440 * n) / 16_000)
    return 0.4 * value * Math.max(0, 1 - (2 * n) / length) + 0.3 * tone
  })
}

describe('gives what Python’s extractors give', () => {
  test.each(cases.map((one) => [JSON.stringify(one.config), one] as const))('%s', async (_, one) => {
    const extractor = processorOf(one.config)
    if (!(extractor instanceof WhisperFeatureExtractor || extractor instanceof Wav2Vec2FeatureExtractor))
      throw new Error('an extractor of sounds')
    const made: Readonly<Record<string, Tensor>> = {
      ...(await extractor.process(one.sounds.map(({ name, length }) => sound(name, length)))),
    }
    for (const [name, { shape, values }] of Object.entries(one.outputs)) {
      expect(made[name]?.shape, name).toEqual(shape)
      const data = (await made[name]?.data()) as Float32Array
      const kept = Float32Array.from(data.filter((_, i) => i % one.every === 0))
      expectClose(kept, Float32Array.from(values), { scaled: 1e-5 }, name)
    }
  })
})

test('all samples count for networks that were trained without a mask', async () => {
  const extractor = new Wav2Vec2FeatureExtractor({ return_attention_mask: false })
  const { attention_mask: mask } = await extractor.process([sound('a', 5), sound('b', 3)])
  expect(await mask.toArray()).toEqual([
    [1, 1, 1, 1, 1],
    [1, 1, 1, 1, 1],
  ])
})

describe('refuses', () => {
  const extractor = new WhisperFeatureExtractor({ chunk_length: 1 })

  test('another sampling rate, saying what to do', async () => {
    const fast = { data: new Float32Array(10), samplingRate: 44_100 }
    await expect(extractor.process([new Float32Array(10), fast])).rejects.toThrow(
      /sounds\[1\].*16000 samples a second.*44100.*Resample/s,
    )
  })

  test('a sound without samples, and none at all', async () => {
    await expect(extractor.process(new Float32Array(0))).rejects.toThrow(/no samples/)
    await expect(extractor.process([])).rejects.toThrow(/none/)
  })

  test('what is not done', () => {
    expect(() => new WhisperFeatureExtractor({ dither: 0.1 })).toThrow(/dither/)
    expect(() => new Wav2Vec2FeatureExtractor({ padding_side: 'left' })).toThrow(/padding_side/)
    expect(() => processorOf({ feature_extractor_type: 'OtherFeatureExtractor' })).toThrow(
      /WhisperFeatureExtractor.*OtherFeatureExtractor/s,
    )
  })
})
