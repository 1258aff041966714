import { ArgumentError } from 'typegrad/core'

/** Sound of one channel: samples from −1 to 1. */
export interface Sound {
  readonly data: Float32Array
  /** Samples a second. */
  readonly samplingRate: number
}

/**
 * The samples of one or several sounds; samples alone are taken to be of the wanted rate.
 *
 * @param rate samples a second that the network was trained with.
 * @throws ArgumentError for what is no sound, is empty or of another rate.
 */
export function samplesOf(
  where: string,
  sounds: Sound | Float32Array | readonly (Sound | Float32Array)[],
  rate: number,
): readonly Float32Array[] {
  const all = sounds instanceof Float32Array || 'data' in sounds ? [sounds] : sounds
  if (all.length === 0) throw new ArgumentError({ where, expected: 'a sound', received: 'none' })
  return all.map((sound, i) => {
    const { data, samplingRate } = sound instanceof Float32Array ? { data: sound, samplingRate: rate } : sound
    if (!(data instanceof Float32Array) || data.length === 0) {
      throw new ArgumentError({
        where: `${where}: sounds[${i}]`,
        expected: 'a Float32Array of samples, or { data, samplingRate }',
        received: data instanceof Float32Array ? 'no samples' : typeof data,
      })
    }
    if (samplingRate !== rate) {
      throw new ArgumentError({
        where: `${where}: sounds[${i}]`,
        expected: `${rate} samples a second`,
        received: String(samplingRate),
        fix: `Resample it first: in browsers an OfflineAudioContext with a rate of ${rate} does so as it decodes.`,
      })
    }
    return data
  })
}
