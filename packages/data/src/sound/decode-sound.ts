import { FormatError } from 'typegrad/core'
import { decodeOpus } from './opus.ts'
import type { SoundFile } from './sound.ts'
import { decodeWav } from './wav.ts'

/** What a decoder in WebAssembly gives. */
export interface Decoded {
  readonly channelData: readonly Float32Array[]
  readonly sampleRate: number
  readonly errors: readonly { readonly message: string }[]
}

interface WasmDecoder {
  readonly ready: Promise<void>
  free(): void
}

/** Runs a decoder on a file, and lets its memory go. @throws FormatError for what it says is damaged. */
export async function decodedBy<D extends WasmDecoder>(
  path: string,
  format: string,
  decoder: D,
  decode: (decoder: D) => Decoded | Promise<Decoded>,
): Promise<SoundFile> {
  const damaged = (message: string, cause?: unknown): FormatError =>
    new FormatError(
      { where: path, expected: `a whole ${format} file`, received: `a damaged one (${message})` },
      { cause },
    )
  await decoder.ready
  try {
    const { channelData, sampleRate, errors } = await decode(decoder)
    if (errors[0] !== undefined) throw damaged(errors[0].message)
    // A decoder's memory is used again.
    return { channels: channelData.map((channel) => channel.slice()), samplingRate: sampleRate }
  } catch (error) {
    throw error instanceof FormatError ? error : damaged((error as Error).message, error)
  } finally {
    decoder.free()
  }
}

async function decodeMp3(path: string, bytes: Uint8Array): Promise<SoundFile> {
  const { MPEGDecoder } = await import('mpg123-decoder')
  return decodedBy(path, 'MP3', new MPEGDecoder(), (decoder) => decoder.decode(bytes))
}

async function decodeFlac(path: string, bytes: Uint8Array): Promise<SoundFile> {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac')
  let bits = 16
  const sound = await decodedBy(path, 'FLAC', new FLACDecoder(), async (decoder) => {
    const decoded = await decoder.decodeFile(bytes)
    bits = decoded.bitDepth
    return decoded
  })
  // The decoder divides by the highest number that there is; elsewhere −1 is what all are parts of.
  const highest = 2 ** (bits - 1) - 1
  const part = highest / (highest + 1)
  for (const channel of sound.channels)
    for (let i = 0; i < channel.length; i++) channel[i] = (channel[i] as number) * part
  return sound
}

async function decodeOgg(path: string, bytes: Uint8Array): Promise<SoundFile> {
  const start = latin(bytes.subarray(0, 64))
  if (start.includes('OpusHead')) return decodeOpus(path, bytes)
  if (start.includes('\x7fFLAC')) return decodeFlac(path, bytes)
  if (!start.includes('\x01vorbis'))
    throw new FormatError({
      where: path,
      expected: 'Ogg with Vorbis, Opus or FLAC',
      received: 'Ogg with something else',
    })
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis')
  return decodedBy(path, 'Ogg Vorbis', new OggVorbisDecoder(), (decoder) => decoder.decodeFile(bytes))
}

const latin = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

type Decoder = (path: string, bytes: Uint8Array) => SoundFile | Promise<SoundFile>

/** What files begin with. */
const decoders: readonly (readonly [RegExp, Decoder])[] = [
  [/^RIFF[\s\S]{4}WAVE/, decodeWav],
  [/^fLaC/, decodeFlac],
  [/^OggS/, decodeOgg],
  // A tag, or the eleven set bits of a frame of layer 3.
  [/^(ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa\xfb])/, decodeMp3],
]

/**
 * The samples of a sound by what its bytes say that it is.
 *
 * @throws FormatError for what is no sound, is cut, or has no samples.
 */
export async function decodeSound(path: string, bytes: Uint8Array): Promise<SoundFile> {
  const start = latin(bytes.subarray(0, 16))
  const found = decoders.find(([beginning]) => beginning.test(start))
  if (found === undefined) {
    const isText = /^[\t\n\r\x20-\x7e\x80-\xff]*$/.test(start)
    throw new FormatError({
      where: path,
      expected: 'a sound: WAV, FLAC, MP3, Ogg Vorbis or Ogg Opus',
      received:
        bytes.length === 0
          ? 'an empty file'
          : isText
            ? `text that begins with ${JSON.stringify(start)}`
            : 'other bytes',
    })
  }
  const sound = await found[1](path, bytes)
  if ((sound.channels[0]?.length ?? 0) > 0) return sound
  throw new FormatError({ where: path, expected: 'a sound of at least one sample', received: 'none' })
}
