import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { Frames, type PadMode } from 'typegrad/signals'
import type { MonoSound } from '../sound.ts'
import { checkSound } from './features.ts'
import { checkLength, padModeCheck } from './stft.ts'

/** How a sound is cut into frames. */
export interface FramingOptions {
  /** Samples of a frame. Default 2048. */
  readonly frameLength?: number
  /** Samples from one frame to the next. Default 512. */
  readonly hopLength?: number
  /** Whether frames have their middle at multiples of the hop; otherwise they begin there, and end within the sound. Default true. */
  readonly center?: boolean
}

const framingChecks = optionsOf<FramingOptions>()({
  frameLength: checks.wholeFrom(2),
  hopLength: checks.count,
  center: checks.boolean,
})

export interface RmsOptions extends FramingOptions {
  /** With `center` what stands before and behind the sound. Default `'constant'`: silence. */
  readonly padMode?: PadMode
}

const rmsChecks = optionsOf<RmsOptions>()({ padMode: padModeCheck, ...framingChecks })

export interface ZeroCrossingOptions extends FramingOptions {
  /** Samples no farther from 0 than this are 0. Default 1e-10. */
  readonly threshold?: number
  /** Whether 0 counts as positive, and not as a sign of its own. Default true. */
  readonly zeroPos?: boolean
}

const zeroCrossingChecks = optionsOf<ZeroCrossingOptions>()({
  threshold: checks.notNegative,
  zeroPos: checks.boolean,
  ...framingChecks,
})

/** A number for each frame of a sound. */
function ofFrames(
  where: string,
  sound: MonoSound,
  { frameLength = 2048, hopLength = 512, center = true, padMode = 'constant' }: RmsOptions,
  numberOf: (frame: Float64Array) => number,
): Float64Array {
  checkSound(where, sound)
  const padding = center ? padMode : null
  checkLength(where, sound.data.length, frameLength, padding)
  const frames = new Frames({ length: frameLength, hop: hopLength, padding })
  const own = new Float64Array(frameLength)
  return Float64Array.from({ length: frames.count(sound.data.length) }, (_, frame) => {
    frames.read(sound.data, frame, own)
    return numberOf(own)
  })
}

function rootMeanSquare(frame: Float64Array): number {
  let sum = 0
  for (let i = 0; i < frame.length; i++) sum += (frame[i] as number) ** 2
  return Math.sqrt(sum / frame.length)
}

/** Loudness frame by frame, by options that were checked; see {@link rms}. */
export const loudness = (where: string, sound: MonoSound, options: RmsOptions): Float64Array =>
  ofFrames(where, sound, options, rootMeanSquare)

/**
 * How loud each frame of a sound is: the root of its mean square, as `librosa.feature.rms`.
 *
 * @throws as `audio.stft`.
 * @example
 * audio.rms({ data: Float32Array.of(1, -1, 1, -1), samplingRate: 8000 }, { frameLength: 4, hopLength: 4, center: false }) // [1]
 */
export function rms(sound: MonoSound, options: RmsOptions = {}): Float32Array {
  checkOptions('audio.rms', options, rmsChecks)
  return Float32Array.from(loudness('audio.rms', sound, options))
}

/**
 * How often each frame of a sound changes its sign, as a share of its samples, as `librosa.feature.zero_crossing_rate`: high in
 * an s, low in a vowel. What stands about the sound is its first and last sample.
 *
 * @throws as `audio.stft`.
 * @example
 * audio.zeroCrossingRate({ data: Float32Array.of(1, -1, 1, -1), samplingRate: 8000 }, { frameLength: 4, hopLength: 4, center: false }) // [0.75]
 */
export function zeroCrossingRate(sound: MonoSound, options: ZeroCrossingOptions = {}): Float32Array {
  const where = 'audio.zeroCrossingRate'
  checkOptions(where, options, zeroCrossingChecks)
  const { threshold = 1e-10, zeroPos = true, ...framing } = options
  const signOf = (value: number): number =>
    Math.abs(value) <= threshold ? (zeroPos ? 1 : 0) : Math.sign(value)
  const rates = ofFrames(where, sound, { ...framing, padMode: 'edge' }, (frame) => {
    let crossings = 0
    let before = signOf(frame[0] as number)
    for (let i = 1; i < frame.length; i++) {
      const sign = signOf(frame[i] as number)
      if (sign !== before) crossings += 1
      before = sign
    }
    return crossings / frame.length
  })
  return Float32Array.from(rates)
}
