import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { MonoSound } from '../sound.ts'
import { checkSound } from './features.ts'

export interface PreEmphasisOptions {
  /** How much of the sample before is taken away, a. Default 0.97. */
  readonly coefficient?: number
  /** What is added to the first sample, which has none before it. Default 2·x(0) − x(1), as librosa has it. */
  readonly zi?: number
}

const preEmphasisChecks = optionsOf<PreEmphasisOptions>()({
  coefficient: checks.finite,
  zi: checks.finite,
})

/**
 * A sound whose high frequencies are raised, y(n) = x(n) − a·x(n−1), as `librosa.effects.preemphasis`.
 *
 * @throws ArgumentError, DataError for what is no sound, has no length or no finite samples; ArgumentError for a single sample without
 * `zi`.
 * @example
 * audio.preEmphasis({ data: Float32Array.of(1, 1, 1), samplingRate: 8000 }, { coefficient: 0.5, zi: 0 }).data // [1, 0.5, 0.5]
 */
export function preEmphasis(sound: MonoSound, options: PreEmphasisOptions = {}): MonoSound {
  const where = 'audio.preEmphasis'
  checkOptions(where, options, preEmphasisChecks)
  checkSound(where, sound)
  const { data, samplingRate } = sound
  const { coefficient = 0.97, zi } = options
  if (zi === undefined && data.length < 2)
    throw new ArgumentError({
      where,
      expected: 'a sound of at least two samples, from which the one before is guessed',
      received: 'a single one',
      fix: 'Say what is added to the first sample: zi: 0.',
    })
  const [first, second] = data as unknown as readonly [number, number]
  const emphasized = data.map((value, n) =>
    n === 0 ? value + (zi ?? 2 * first - second) : value - coefficient * (data[n - 1] as number),
  )
  return { data: emphasized, samplingRate }
}
