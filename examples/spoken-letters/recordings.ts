/**
 * `spoken-letters/`: the parts of `examples/spoken-letters.ts`: recordings by voices, what a network hears of them, and the nearest
 * recording to compare with. It knows typegrad as any program does.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { audio, type MonoSound, readSound, resample, toMono } from '@typegrad/data'
import { debianPackage } from '../../tools/debian-package.ts'

const run = promisify(execFile)

/** Telephones have 8,000 samples a second, and so have all recordings here. */
export const samplingRate = 8000

const ofTelephone = (sound: MonoSound): MonoSound => ({
  data: resample(sound.data, sound.samplingRate, samplingRate),
  samplingRate,
})

/** A word as a voice says it, with {@link samplingRate}. */
export interface Recording {
  readonly word: string
  readonly voice: string
  readonly sound: MonoSound
}

/** What there is to learn from, and what of the same kind is held out. */
export interface Recordings {
  readonly heard: readonly Recording[]
  readonly held: readonly Recording[]
}

export const letters: readonly string[] = [...'abcdefghijklmnopqrstuvwxyz']
export const digits: readonly string[] = [...'0123456789']

/** espeak-ng's ways to speak English, and its variants of a voice, of which no two are one but for their name. */
const accents = [
  'en-us',
  'en-gb',
  'en-gb-scotland',
  'en-gb-x-rp',
  'en-gb-x-gbclan',
  'en-gb-x-gbcwmd',
  'en-us-nyc',
  'en-029',
]
const variants =
  `m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 klatt klatt2 klatt4 klatt6 Alex Alicia Andrea Andy Annie Denis Diogo Gene Henrique Hugo
   Jacky Lee Marco Mario Michael Mike Nguyen adam anika announcer antonio aunty belinda benjamin boris caleb david ed edward grandma
   grandpa gustave iven john kaukovalta linda marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro shelby
   steph travis victor zac`.split(/\s+/)

/** Every so many of the variants are held out: all that they say is heard in no training. */
const every = 4

/** The folder of a package, unpacked. @throws Error with a sentence where it cannot be fetched. */
async function unpacked(name: string): Promise<string> {
  const found = await debianPackage(name)
  if ('missing' in found) throw new Error(`${found.missing}. The recordings take Debian, and its archive.`)
  return found.folder
}

/** How espeak-ng is started from unpacked packages: nothing is installed. */
async function speaker(): Promise<(args: readonly string[]) => Promise<unknown>> {
  const folders: string[] = []
  for (const name of ['espeak-ng', 'espeak-ng-data', 'libespeak-ng1', 'libpcaudio0', 'libsonic0'])
    folders.push(await unpacked(name))
  const [program = '', data = '', ...libraries] = folders
  const [machine = ''] = (await readdir(join(data, 'usr/lib'))).filter((name) => name.includes('linux'))
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: libraries.map((folder) => join(folder, 'usr/lib', machine)).join(':'),
  }
  return (args) =>
    run(join(program, 'usr/bin/espeak-ng'), [`--path=${join(data, 'usr/lib', machine)}`, ...args], { env })
}

/**
 * Letters and digits as espeak-ng (GPL-3) says them, twice by each variant: in two accents, at two speeds and pitches. The first call
 * fetches 5 MB from Debian's archive.
 *
 * @param most how many variants at most.
 */
export async function synthesised(most: number): Promise<Recordings> {
  const say = await speaker()
  const words = [...letters, ...digits]
  const folder = await mkdtemp(join(tmpdir(), 'typegrad-spoken-letters-'))
  try {
    const text = join(folder, 'words.ssml')
    // A capital letter is its name: "A" is no article.
    const spaced = words.map((word) => `${word.toUpperCase()}.<break time="1s"/>`)
    await writeFile(text, `<speak>${spaced.join('\n')}</speak>`)
    const file = join(folder, 'said.wav')
    const [heard, held]: [Recording[], Recording[]] = [[], []]
    for (const [v, voice] of variants.slice(0, most).entries())
      for (const take of [0, 1]) {
        const accent = accents[(v + 3 * take) % accents.length]
        const manner = ['-s', speeds[(v + 2 * take) % 4] as string, '-p', pitches[(v + take) % 3] as string]
        await say(['-m', '-v', `${accent}+${voice}`, ...manner, '-f', text, '-w', file])
        const said = wordsIn(ofTelephone(toMono(await readSound(file))))
        if (said.length !== words.length)
          throw new Error(`espeak-ng's ${voice}: expected ${words.length} words, received ${said.length}.`)
        const part = v % every === 1 ? held : heard
        part.push(...said.map((sound, i) => ({ word: words[i] as string, voice, sound })))
      }
    return { heard, held }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const speeds = ['130', '150', '170', '190']
const pitches = ['35', '50', '65']

/** What stands between pauses of half a second. Shorter silences are parts of words: before the k of "six". */
function wordsIn({ data, samplingRate }: MonoSound): MonoSound[] {
  const stretches: [start: number, end: number][] = []
  for (const [start, end] of audio.split({ data, samplingRate }, { frameLength: 200, hopLength: 50 })) {
    const last = stretches.at(-1)
    if (last !== undefined && start - last[1] < samplingRate / 2) last[1] = end
    else stretches.push([start, end])
  }
  return stretches.map(([start, end]) => ({ data: data.slice(start, end), samplingRate }))
}

/**
 * Letters and digits as people say them in English: an American and a British voice of KLettres (GPL-2+), and Allison Smith of
 * Asterisk's core sounds (CC-BY-SA-3.0), recorded at 8 kHz. The first call fetches 58 MB from Debian's archive.
 */
export async function spoken(): Promise<readonly Recording[]> {
  const alphabets = join(await unpacked('klettres-data'), 'usr/share/klettres')
  const sounds = join(
    await unpacked('asterisk-core-sounds-en-wav'),
    'usr/share/asterisk/sounds/en_US_f_Allison',
  )
  const american = (letter: string): string => join(alphabets, 'en/alpha', `${letter.toUpperCase()}.ogg`)
  const british = (letter: string): string => join(alphabets, 'en_GB/alpha', `${letter}.ogg`)
  return [
    ...(await read('KLettres, American', letters, american)),
    ...(await read('KLettres, British', letters, british)),
    ...(await read('Asterisk', letters, (letter) => join(sounds, 'letters', `${letter}.wav`))),
    ...(await read('Asterisk', digits, (digit) => join(sounds, 'digits', `${digit}.wav`))),
  ]
}

async function read(
  voice: string,
  words: readonly string[],
  pathOf: (word: string) => string,
): Promise<Recording[]> {
  const recordings: Recording[] = []
  for (const word of words)
    recordings.push({ word, voice, sound: ofTelephone(toMono(await readSound(pathOf(word)))) })
  return recordings
}

/** Recordings in a folder, `voice/word.wav`; the last quarter of the voices is held out. */
export async function recordingsIn(folder: string): Promise<Recordings> {
  const voices = (await readdir(folder)).sort()
  const first = voices.length - Math.ceil(voices.length / 4)
  const [heard, held]: [Recording[], Recording[]] = [[], []]
  for (const [v, voice] of voices.entries()) {
    const files = (await readdir(join(folder, voice))).sort()
    const part = v < first ? heard : held
    for (const file of files)
      part.push(...(await read(voice, [file.replace(/\.\w+$/, '')], () => join(folder, voice, file))))
  }
  return { heard, held }
}
