/**
 * `sound/features/`: what is heard in a sound, as numbers for each step of time: spectra, mel bands, MFCC, energy, silence. All of it
 * is computed in JavaScript's memory, in float64, and equals librosa's. It knows `sound.ts`, and `denoising/` for slopes.
 */
import { ArgumentError, DataError } from 'typegrad/core'
import type { MonoSound } from '../sound.ts'

/** Features of a sound: a row of them for each step of time. `tensor(data, { shape })` is what layers take. */
export interface SoundFeatures {
  readonly data: Float32Array
  readonly shape: readonly [steps: number, features: number]
}

/**
 * Refuses what is no sound of one channel.
 *
 * @throws ArgumentError; DataError for a sound of no length, and for samples that are no finite numbers.
 */
export function checkSound(where: string, sound: MonoSound): void {
  const { data, samplingRate } = (sound ?? {}) as Partial<MonoSound>
  if (!(data instanceof Float32Array) || typeof samplingRate !== 'number' || !(samplingRate > 0))
    throw new ArgumentError({
      where,
      expected: 'a sound { data: Float32Array, samplingRate } of one channel',
      received:
        sound === null || typeof sound !== 'object'
          ? String(sound)
          : `data that is ${data?.constructor.name ?? 'missing'} and a samplingRate of ${samplingRate}`,
      fix: 'toMono(await readSound(path)) is one.',
    })
  if (data.length === 0)
    throw new DataError({ where, expected: 'a sound of at least one sample', received: 'one of no length' })
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue
    throw new DataError({
      where: `${where}: sample ${i}`,
      expected: 'a finite number',
      received: String(data[i]),
    })
  }
}

/** Refuses what are no features. @throws ArgumentError, and DataError for NaN. */
export function checkFeatures(where: string, features: SoundFeatures): void {
  const { data, shape } = (features ?? {}) as Partial<SoundFeatures>
  if (!(data instanceof Float32Array) || !Array.isArray(shape) || data.length !== shape[0] * shape[1])
    throw new ArgumentError({
      where,
      expected: 'features { data: Float32Array, shape: [steps, features] }',
      received: `data of ${data?.length ?? 'no'} numbers and the shape ${JSON.stringify(shape)}`,
    })
  const wrong = data.findIndex((value) => Number.isNaN(value))
  if (data.length > 0 && wrong < 0) return
  throw new DataError({
    where: wrong < 0 ? where : `${where}: step ${Math.floor(wrong / shape[1])}`,
    expected: wrong < 0 ? 'at least one step' : 'numbers',
    received: wrong < 0 ? 'none' : 'NaN',
  })
}
