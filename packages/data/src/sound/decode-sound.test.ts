import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioDatasetFromDirectory } from './audio-dataset-from-directory.ts'
import { decodeSound } from './decode-sound.ts'
import { readSound } from './read-sound.ts'
import { resample } from './resample.ts'

// What libsndfile and SciPy give: tools/golden/make_sound_files.py.
const golden = fileURLToPath(new URL('../../golden/sounds', import.meta.url))
const bytesOf = (file: string): Uint8Array => readFileSync(join(golden, file))
interface Golden {
  readonly sounds: readonly { file: string; samplingRate: number; shape: [number, number]; samples: string }[]
  readonly left: string
  readonly resampled: readonly { from: number; to: number; length: number; samples: string }[]
}
const { sounds, left, resampled }: Golden = JSON.parse(readFileSync(join(golden, 'sounds.json'), 'utf8'))
const unpacked = (text: string): Float32Array => {
  const bytes = inflateSync(Buffer.from(text, 'base64'))
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
}
const farthest = (found: Float32Array, wanted: Float32Array): number =>
  wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] as number))), 0)

/** Decoders that compute in floats end in other last bits; files of whole numbers are equal. */
const tolerances: Readonly<Record<string, number>> = {
  '16.flac': 1e-7,
  '24.flac': 1e-7,
  'stereo.mp3': 1e-6,
  'stereo.ogg': 1e-6,
  'mono.opus': 1e-4,
}

describe('sounds are read as libsndfile reads them', () => {
  test.each(sounds.map((each) => [each.file, each] as const))(
    '%s',
    async (file, { samplingRate, shape, samples }) => {
      const found = await decodeSound(file, bytesOf(file))
      expect([found.samplingRate, found.channels.length, found.channels[0]?.length]).toEqual([
        samplingRate,
        ...shape,
      ])
      const whole = Float32Array.from(found.channels.flatMap((channel) => Array.from(channel)))
      expect(farthest(whole, unpacked(samples))).toBeLessThanOrEqual(tolerances[file] ?? 0)
    },
  )
})

test.each(resampled)('the rate $from becomes $to as in SciPy', ({ from, to, length, samples }) => {
  const found = resample(unpacked(left), from, to)
  expect(found.length).toBe(length)
  expect(farthest(found, unpacked(samples))).toBeLessThan(2e-7)
})

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'typegrad-sounds-'))
  for (const [to, from] of [
    ['a/1.wav', 'u8.wav'],
    ['a/2.flac', '24.flac'],
    ['b/1.wav', '32.wav'],
  ] as const) {
    mkdirSync(join(folder, to, '..'), { recursive: true })
    copyFileSync(join(golden, from), join(folder, to))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('folders of sounds become batches', async () => {
  const options = { shuffle: false, samplingRate: 8000 } as const
  const [[x, y] = []] = await (await audioDatasetFromDirectory(folder, options)).toArray()
  expect([x?.shape, await y?.toArray()]).toEqual([
    [3, 1200, 1],
    [0, 0, 1],
  ])
  const half = resample((await readSound(join(folder, 'b/1.wav'))).channels[0] as Float32Array, 16_000, 8000)
  expect(Array.from((await x?.data()) as Float32Array).slice(2400)).toEqual(Array.from(half))
  const cut = await audioDatasetFromDirectory(folder, {
    ...options,
    outputSequenceLength: 1300,
    labels: null,
  })
  expect((await cut.toArray())[0]?.shape).toEqual([3, 1300, 1])
  const ragged = await audioDatasetFromDirectory(folder, { shuffle: false, ragged: true })
  expect((await ragged.toArray())[0]?.[0].map(({ shape }) => shape)).toEqual([
    [2400, 1],
    [2400, 1],
    [2400, 1],
  ])
})

describe('what cannot be is refused', () => {
  test.each(['16.wav', '16.flac', 'mono.opus'])('a cut file: %s', async (file) => {
    const bytes = bytesOf(file)
    for (const share of [0.9, 0.5])
      await expect(decodeSound(file, bytes.subarray(0, bytes.length * share))).rejects.toThrow(
        `${file}: expected a`,
      )
  })

  test('sounds of no length, texts, other bytes, other numbers', async () => {
    const empty = bytesOf('16.wav').slice(0, 44)
    new DataView(empty.buffer).setUint32(40, 0, true)
    await expect(decodeSound('x.wav', empty)).rejects.toThrow(
      'x.wav: expected a sound of at least one sample, received none',
    )
    await expect(decodeSound('x.wav', new Uint8Array())).rejects.toThrow('received an empty file')
    await expect(readSound(new File(['hello, world'], 'x.mp3'))).rejects.toThrow(
      'x.mp3: expected a sound: WAV, FLAC, MP3, Ogg Vorbis or Ogg Opus, received text that begins with "hello, world"',
    )
    const odd = bytesOf('16.wav').slice()
    new DataView(odd.buffer).setUint16(34, 12, true)
    await expect(decodeSound('x.wav', odd)).rejects.toThrow('received format 1 with 12 bits')
    await expect(readSound(bytesOf('16.wav').slice(0, 30))).rejects.toThrow('a sound: expected a WAV file')
  })

  test('options, and unlike channels of a batch', async () => {
    await expect(
      audioDatasetFromDirectory(folder, { ragged: true, outputSequenceLength: 1 }),
    ).rejects.toThrow('expected one of ragged and outputSequenceLength, received both')
    await expect(audioDatasetFromDirectory(folder, { samplingrate: 1 } as object)).rejects.toThrow(
      'samplingRate',
    )
    expect(() => resample(new Float32Array(1), 0.5, 1)).toThrow('positive whole numbers')
    writeFileSync(join(folder, 'b/2.wav'), bytesOf('16.wav'))
    const set = await audioDatasetFromDirectory(folder, { shuffle: false })
    await expect(set.toArray()).rejects.toThrow(
      /b\/2\.wav: expected 1 channels, as .* has, received 2\. .*mono: true/,
    )
  })
})
