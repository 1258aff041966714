import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SoundFeatures } from '@typegrad/data'
import { hostRandom } from 'typegrad/core'
import { expect, test } from 'vitest'
import { numbers, output } from './program.ts'
import { bandCount, hear } from './spoken-letters/heard.ts'
import { nearestWords, warpedDistance } from './spoken-letters/nearest.ts'
import { picture, steps } from './spoken-letters/pictures.ts'

const rate = 8000
const below = hostRandom(3)
const random = (): number => below(2 ** 30) / 2 ** 30

/** A "word" of two glides of formants, by a voice of its own pitch, speed and throat, with silence about it. */
function said(
  word: number,
  voice: { readonly pitch: number; readonly speed: number; readonly throat: number },
) {
  const length = Math.round(rate * 0.4 * voice.speed)
  const data = new Float32Array(length + 1600)
  const from = [400, 900, 1500][word % 3] as number
  const to = [1800, 500][Math.floor(word / 3)] as number
  let [phase, formant] = [0, 0]
  for (let i = 0; i < length; i++) {
    phase += (2 * Math.PI * voice.pitch) / rate
    formant += (2 * Math.PI * (from + ((to - from) * i) / length) * voice.throat) / rate
    data[800 + i] = 0.4 * Math.sin(formant) * (0.6 + 0.4 * Math.sin(phase)) + 0.01 * (random() - 0.5)
  }
  return { data, samplingRate: rate }
}

const voiceOf = () => ({
  pitch: 90 + 120 * random(),
  speed: 0.8 + 0.4 * random(),
  throat: 0.93 + 0.14 * random(),
})

/** WAV of 16 bits. */
function wavOf({ data }: { readonly data: Float32Array }): Uint8Array {
  const bytes = Buffer.alloc(44 + 2 * data.length)
  bytes.write('RIFF', 0)
  bytes.writeUInt32LE(36 + 2 * data.length, 4)
  bytes.write('WAVEfmt ', 8)
  for (const [at, value] of [
    [16, 16],
    [24, rate],
    [28, 2 * rate],
  ] as const)
    bytes.writeUInt32LE(value, at)
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    bytes.writeUInt16LE(value, at)
  bytes.write('data', 36)
  bytes.writeUInt32LE(2 * data.length, 40)
  for (const [i, sample] of data.entries()) bytes.writeInt16LE(Math.round(32767 * sample), 44 + 2 * i)
  return bytes
}

test('a picture is the word as it is, and changed at random of the same kind', () => {
  const words: SoundFeatures = {
    data: Float32Array.from({ length: 30 * bandCount }, (_, i) => -Math.floor(i / bandCount)),
    shape: [30, bandCount],
  }
  const out = new Float32Array(steps * bandCount)
  picture(words, out)
  // −t decibels at step t, of mean −40 and deviation 20; silence behind.
  for (const step of [0, 7, 29]) expect(out[step * bandCount + 5]).toBeCloseTo((40 - step) / 20, 5)
  expect(out[30 * bandCount]).toBeCloseTo(-1, 5)
  const changed = new Float32Array(out.length)
  picture(words, changed, random)
  expect(changed).not.toEqual(out)
  expect(changed.every((value) => value >= -1 && value < 3)).toBe(true)
})

test('warping finds the same word at another speed', () => {
  const row = (...values: number[]) => values.map((value) => Float64Array.of(value))
  expect(warpedDistance(row(1, 5, 2, 0), row(1, 1, 5, 5, 2, 2, 0, 0))).toBe(0)
  expect(warpedDistance(row(0, 0, 0), row(1, 1, 1))).toBe(0.5)
  const heard = [0, 1, 2, 3, 4, 5].map((word) =>
    hear({ word: String(word), voice: 'a', sound: said(word, voiceOf()) }),
  )
  expect(heard[0]?.bands.shape[1]).toBe(bandCount)
  const other = [0, 1, 2, 3, 4, 5].map((word) =>
    hear({ word: String(word), voice: 'b', sound: said(word, voiceOf()) }),
  )
  const found = nearestWords(heard, other)
  expect(found.filter((word, i) => word === String(i)).length).toBeGreaterThanOrEqual(4)
})

test('on a small budget words of voices that were never heard are recognised', {
  timeout: 240_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-spoken-'))
  for (let v = 0; v < 16; v++) {
    const voice = voiceOf()
    await mkdir(join(folder, 'voices', `voice-${v}`), { recursive: true })
    for (let word = 0; word < 6; word++)
      await writeFile(join(folder, 'voices', `voice-${v}`, `${word}.wav`), wavOf(said(word, voice)))
  }
  const budget = ['--epochs', '16', '--batch', '16', '--templates', '4']
  const text = await output(
    'spoken-letters.ts',
    ...['--data', join(folder, 'voices'), '--output', folder],
    ...budget,
  )
  await rm(folder, { recursive: true })
  expect(text).toContain('6 words: 72 recordings of 12 voices to learn from, 24 of 4 held-out voices')
  const [right, of, nearest] = numbers(text, /^held-out voices +(\d+) of (\d+) \([\d.]+\s%\) +(\d+) of/m)
  expect(of, text).toBe(24)
  expect(right, text).toBeGreaterThanOrEqual(20)
  expect(nearest, text).toBeGreaterThanOrEqual(12)
})
