import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { MonoSound } from '../sound.ts'
import { amplitudeDecibels, refCheck } from './decibels.ts'
import { loudness } from './loudness.ts'

export interface SilenceOptions {
  /** How many decibels below `ref` a frame is silent. Default 60. */
  readonly topDb?: number
  /** The loudness that has 0 decibels: a number, or that of the loudest frame. Default `'max'`. */
  readonly ref?: number | 'max'
  /** Samples of a frame. Default 2048. */
  readonly frameLength?: number
  /** Samples from one frame to the next. Default 512. */
  readonly hopLength?: number
}

const silenceChecks = optionsOf<SilenceOptions>()({
  topDb: checks.finite,
  ref: refCheck,
  frameLength: checks.wholeFrom(2),
  hopLength: checks.count,
})

/** A sound without the silence about it, and where it stood: from sample `start` on, before `end`. */
export interface TrimmedSound extends MonoSound {
  readonly start: number
  readonly end: number
}

/** Runs of frames that are heard, as samples [start, end). */
function heard(
  where: string,
  sound: MonoSound,
  options: SilenceOptions,
): readonly (readonly [number, number])[] {
  checkOptions(where, options, silenceChecks)
  const { topDb = 60, ref = 'max', frameLength = 2048, hopLength = 512 } = options
  const decibels = amplitudeDecibels(loudness(where, sound, { frameLength, hopLength }), { ref, topDb: null })
  const runs: (readonly [number, number])[] = []
  const place = (frame: number): number => Math.min(sound.data.length, frame * hopLength)
  for (let frame = 0; frame < decibels.length; frame++) {
    if ((decibels[frame] as number) <= -topDb) continue
    const start = frame
    while (frame < decibels.length && (decibels[frame] as number) > -topDb) frame++
    runs.push([place(start), place(frame)])
  }
  return runs
}

/**
 * A sound without the silence before and behind it, as `librosa.effects.trim`. Where all is equally silent, nothing is cut off;
 * where all is below a `ref` that is a number, no sample is left.
 *
 * @throws as `audio.stft`.
 * @example
 * const { data, start, end } = audio.trim(toMono(await readSound('letters/a.wav')), { topDb: 30 })
 */
export function trim(sound: MonoSound, options: SilenceOptions = {}): TrimmedSound {
  const runs = heard('audio.trim', sound, options)
  const [start, end] = [runs[0]?.[0] ?? 0, runs.at(-1)?.[1] ?? 0]
  return { data: sound.data.slice(start, end), samplingRate: sound.samplingRate, start, end }
}

/**
 * The stretches of a sound between silences, as `librosa.effects.split`: samples from `start` on, before `end`.
 *
 * @throws as `audio.stft`.
 * @example
 * for (const [start, end] of audio.split(sound, { topDb: 30 })) words.push(sound.data.subarray(start, end))
 */
export function split(
  sound: MonoSound,
  options: SilenceOptions = {},
): readonly (readonly [start: number, end: number])[] {
  return heard('audio.split', sound, options)
}
