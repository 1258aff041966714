import { audio, type SoundFeatures } from '@typegrad/data'
import { type Recording, samplingRate } from './recordings.ts'

/** A recording as numbers: decibels of mel bands for the network, MFCC to compare recordings by. */
export interface Heard {
  readonly word: string
  readonly voice: string
  /** (steps of 10 ms, bands) */
  readonly bands: SoundFeatures
  /** (steps of 20 ms, 13) */
  readonly coefficients: SoundFeatures
}

export const bandCount = 32

/** What is heard in a recording, without the silence about the word. */
export function hear({ word, voice, sound }: Recording): Heard {
  const { start, end } = audio.trim(sound, { topDb: 35, frameLength: 400, hopLength: 80 })
  const said = audio.preEmphasis({ data: sound.data.slice(start, end), samplingRate }, { zi: 0 })
  const frames = { nFft: 256, winLength: 200, hopLength: 80, fMin: 80, nMels: bandCount } as const
  return {
    word,
    voice,
    bands: audio.powerToDb(audio.melSpectrogram(said, frames), { ref: 'max', topDb: 60 }),
    coefficients: audio.mfcc(said, { ...frames, nMfcc: 13, hopLength: 160 }),
  }
}
