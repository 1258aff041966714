import { readFileSync } from 'node:fs'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import type { MonoSound } from '../sound.ts'
import { audio, type MelSpectrogramOptions, type MfccOptions, type SoundFeatures } from './index.ts'

// What librosa makes of the same sounds: tools/golden/make_sound_features.py.
interface GoldenCase {
  readonly function: keyof typeof audio
  readonly length: number
  readonly seed: number
  readonly options: Readonly<Record<string, unknown>>
  readonly shape: readonly number[]
  /** Every so manieth value of each result. */
  readonly results: readonly {
    readonly name: string
    readonly step: number
    readonly values: readonly number[]
  }[]
}
const { cases }: { cases: readonly GoldenCase[] } = JSON.parse(
  readFileSync(new URL('../../../golden/sound-features.json', import.meta.url), 'utf8'),
)

const samplingRate = 8000

/** The script's sound: noise, a tone, and pauses. */
function soundOf(length: number, seed: number): MonoSound {
  let state = seed
  const data = Float32Array.from({ length }, (_, n) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    const tone = 0.5 * Math.sin((2 * Math.PI * (200 + seed) * n) / samplingRate)
    const isPause = n % 1000 > 400 && n % 1000 < 700
    return (0.2 * (state / 2 ** 31 - 1) + tone) * (isPause ? 1e-4 : 1)
  })
  return { data, samplingRate }
}

/** The sound with silence about it. */
function quietSoundOf(length: number, seed: number): MonoSound {
  const data = new Float32Array(700 + length + 500)
  data.set(soundOf(length, seed).data, 700)
  return { data, samplingRate }
}

type Results = Readonly<Record<string, ArrayLike<number>>>
interface Found {
  readonly results: Results
  readonly shape: readonly number[]
}
const found = ({ data, shape }: SoundFeatures): Found => ({ results: { data }, shape })
const row = (data: ArrayLike<number>): Found => ({ results: { data }, shape: [data.length] })

/** How each function is called with the options of a case, which may hold those of what it is given. */
const calls: Readonly<Record<keyof typeof audio, (one: GoldenCase, sound: MonoSound) => Found>> = {
  stft: ({ options }, sound) => {
    const { re, im, shape } = audio.stft(sound, options)
    return { results: { re, im }, shape }
  },
  spectrogram: ({ options }, sound) => found(audio.spectrogram(sound, options)),
  melSpectrogram: ({ options }, sound) => found(audio.melSpectrogram(sound, options)),
  powerToDb: ({ options: { mel, ...options } }, sound) =>
    found(audio.powerToDb(audio.melSpectrogram(sound, mel as MelSpectrogramOptions), options)),
  amplitudeToDb: ({ options: { mel, ...options } }, sound) =>
    found(audio.amplitudeToDb(audio.melSpectrogram(sound, mel as MelSpectrogramOptions), options)),
  mfcc: ({ options }, sound) => found(audio.mfcc(sound, options)),
  delta: ({ options: { mfcc, ...options } }, sound) =>
    found(audio.delta(audio.mfcc(sound, mfcc as MfccOptions), options)),
  rms: ({ options }, sound) => row(audio.rms(sound, options)),
  zeroCrossingRate: ({ options }, sound) => row(audio.zeroCrossingRate(sound, options)),
  trim: ({ options, length, seed }) => {
    const { start, end, data } = audio.trim(quietSoundOf(length, seed), options)
    expect(data.length).toBe(end - start)
    return row([start, end])
  },
  split: ({ options, length, seed }) => {
    const stretches = audio.split(quietSoundOf(length, seed), options)
    return { results: { data: stretches.flat() }, shape: [stretches.length, 2] }
  },
  preEmphasis: ({ options }, sound) => row(audio.preEmphasis(sound, options).data),
}

/** JSON has no infinity. */
const revived = (options: GoldenCase['options']): GoldenCase['options'] =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      value === 'Infinity' ? Number.POSITIVE_INFINITY : isRecord(value) ? revived(value) : value,
    ]),
  )
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

describe.each(Object.keys(calls) as (keyof typeof audio)[])('audio.%s gives what librosa gives', (name) => {
  const own = cases.filter((one) => one.function === name)
  test(`for ${own.length} choices of options`, () => {
    expect(own.length).toBeGreaterThan(15)
    for (const one of own) {
      const what = `${one.seed} ${JSON.stringify(one.options)}`
      const { results, shape } = calls[name](
        { ...one, options: revived(one.options) },
        soundOf(one.length, one.seed),
      )
      expect(shape, what).toEqual(one.shape)
      for (const { name: part, step, values } of one.results) {
        const kept = Array.from(results[part] ?? []).filter((_, i) => i % step === 0)
        // Features are kept in float32; librosa was told to compute in float64.
        expectClose(kept, values, { scaled: 1e-6 }, what)
      }
    }
  })
})

describe('what cannot be is refused', () => {
  const sound = soundOf(300, 1)
  const without = (data: Float32Array): MonoSound => ({ data, samplingRate })
  const ofSounds = Object.entries(audio).filter(([name]) => !/ToDb|delta/.test(name)) as [
    string,
    (sound: MonoSound, options?: object) => unknown,
  ][]

  test.each(ofSounds)('audio.%s: what is no sound, has no length, or is not finite', (name, run) => {
    expect(() => run(without(new Float32Array(0)))).toThrow(
      `audio.${name}: expected a sound of at least one sample, received one of no length`,
    )
    const broken = sound.data.slice()
    broken[7] = Number.NaN
    expect(() => run(without(broken))).toThrow(
      `audio.${name}: sample 7: expected a finite number, received NaN`,
    )
    broken[7] = Number.NEGATIVE_INFINITY
    expect(() => run(without(broken))).toThrow('received -Infinity')
    for (const other of [null, [1, 2], new Float32Array(3), { data: [1, 2], samplingRate: 1 }])
      expect(() => run(other as never)).toThrow(`audio.${name}: expected a sound { data: Float32Array`)
    expect(() => run({ data: sound.data, samplingRate: 0 })).toThrow('samplingRate of 0')
  })

  test('options that there are not, by their nearest', () => {
    for (const [name, run] of Object.entries(audio) as [
      string,
      (given: unknown, options: object) => unknown,
    ][])
      expect(() => run(sound, { notAnOption: 1 }), name).toThrow(/expected .*option.*"notAnOption"/s)
    expect(() => audio.mfcc(sound, { nMfc: 3 } as object)).toThrow('Did you mean nMfcc?')
  })

  test('frames that are longer than the sound, unless silence stands about it', () => {
    expect(() => audio.stft(sound, { center: false })).toThrow(
      "audio.stft: expected a sound of at least 2048 samples, for frames of 2048 that are not padded, received 300. Give it shorter frames; with center: true and padMode: 'constant' silence stands about short sounds.",
    )
    expect(() => audio.mfcc(sound, { padMode: 'reflect' })).toThrow(
      "at least 1025 samples, for frames of 2048 and padMode 'reflect'",
    )
    expect(() => audio.rms(sound, { frameLength: 602, padMode: 'symmetric' })).toThrow('at least 301 samples')
    expect(audio.stft(sound, { nFft: 598, padMode: 'reflect' }).shape).toEqual([3, 300])
    const { re } = audio.stft(without(Float32Array.of(1)), { nFft: 4 })
    expect(re.subarray(0, 3)).toEqual(Float32Array.of(1, -1, 1))
  })

  test('options that do not go together', () => {
    expect(() => audio.stft(sound, { nFft: 100, winLength: 101 })).toThrow('a winLength of at most nFft, 100')
    expect(() => audio.stft(sound, { nFft: 100, window: [1, 2] })).toThrow(
      'a window of winLength, 100 values',
    )
    expect(() => audio.stft(sound, { window: 'han2' })).toThrow('hann')
    expect(() => audio.stft(sound, { window: [Number.NaN] })).toThrow(
      "a window's name or an array of numbers",
    )
    expect(() => audio.melSpectrogram(sound, { fMax: 4001 })).toThrow(
      'fMax at most half the sampling rate, 4000, received 0 and 4001',
    )
    expect(() => audio.melSpectrogram(sound, { fMin: 4000 })).toThrow('fMin below fMax')
    expect(() => audio.mfcc(sound, { nMfcc: 41, nMels: 40 })).toThrow('an nMfcc of at most nMels, 40')
    expect(() => audio.mfcc(sound, { nMfcc: 1, nMels: 1, dctType: 1 })).toThrow('at least 2 for dctType 1')
    expect(() => audio.delta(audio.mfcc(sound))).toThrow('a width of at most 1, the steps')
    expect(() => audio.delta(audio.mfcc(sound), { width: 3, order: 3 })).toThrow(
      'an order below the width of 3',
    )
    expect(() => audio.preEmphasis(without(Float32Array.of(1)))).toThrow('zi: 0')
  })

  test('what are no features', () => {
    const data = Float32Array.of(1, Number.NaN)
    expect(() => audio.powerToDb({ data, shape: [2, 1] })).toThrow('step 1: expected numbers, received NaN')
    expect(() => audio.powerToDb({ data, shape: [1, 1] })).toThrow('data of 2 numbers and the shape [1,1]')
    expect(() => audio.amplitudeToDb({ data: new Float32Array(0), shape: [0, 3] })).toThrow(
      'at least one step',
    )
  })
})

test('where all is equally silent nothing is cut off, and below a fixed loudness all is', () => {
  const silence = { data: new Float32Array(5000), samplingRate }
  expect(audio.trim(silence)).toMatchObject({ start: 0, end: 5000 })
  expect(audio.trim(silence, { ref: 1 })).toEqual({
    data: new Float32Array(0),
    samplingRate,
    start: 0,
    end: 0,
  })
  expect(audio.split(silence, { ref: 1 })).toEqual([])
})
