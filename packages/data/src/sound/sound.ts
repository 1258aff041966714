/**
 * `sound/`: files of sounds as samples, their rates, what is heard in them, and data sets of them. It knows `labelled/`.
 */

/** A sound: samples from −1 to 1 for each channel, all of one length. */
export interface SoundFile {
  readonly channels: readonly Float32Array[]
  /** Samples a second. */
  readonly samplingRate: number
}

/** A sound of one channel, as `@typegrad/transformers` takes it. */
export interface MonoSound {
  readonly data: Float32Array
  /** Samples a second. */
  readonly samplingRate: number
}

/** The mean of the channels. */
export function toMono({ channels, samplingRate }: SoundFile): MonoSound {
  const [first = new Float32Array(0)] = channels
  if (channels.length === 1) return { data: first, samplingRate }
  const data = new Float32Array(first.length)
  for (let i = 0; i < data.length; i++) {
    let sum = 0
    for (const channel of channels) sum += channel[i] as number
    data[i] = sum / channels.length
  }
  return { data, samplingRate }
}
