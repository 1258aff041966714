import { readBytes } from '../labelled/read-bytes.ts'
import { decodeSound } from './decode-sound.ts'
import type { SoundFile } from './sound.ts'

/**
 * A sound as samples from −1 to 1: WAV (8, 16, 24, 32 bits, floats), FLAC, MP3, Ogg Vorbis and Ogg Opus, in Node and in browsers
 * alike.
 *
 * @param file a path (in Node), a `File` or `Blob`, or bytes.
 * @throws FormatError, by the file's name, for what is no sound, is cut or damaged, or has no samples.
 * @example
 * const { channels, samplingRate } = await readSound('letters/a.wav')
 */
export async function readSound(file: string | Blob | Uint8Array): Promise<SoundFile> {
  if (typeof file === 'string') return decodeSound(file, await readBytes({ path: file }))
  const name = (file as { readonly name?: unknown }).name
  const path = typeof name === 'string' ? name : 'a sound'
  return decodeSound(path, file instanceof Blob ? await readBytes({ path, open: async () => file }) : file)
}
