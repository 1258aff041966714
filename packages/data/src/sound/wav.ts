import { FormatError } from 'typegrad/core'
import type { SoundFile } from './sound.ts'

/** How samples are numbers: WAVE's format tags. */
const integers = 1
const floats = 3
const extensible = 0xfffe

/** A sample at a byte, from −1 to 1. Eight bits have no sign. */
type Sample = (view: DataView, at: number) => number

const samples: Readonly<Record<string, Sample>> = {
  [`${integers} 8`]: (view, at) => (view.getUint8(at) - 128) / 128,
  [`${integers} 16`]: (view, at) => view.getInt16(at, true) / 2 ** 15,
  [`${integers} 24`]: (view, at) =>
    (view.getUint8(at) | (view.getUint8(at + 1) << 8) | (view.getInt8(at + 2) << 16)) / 2 ** 23,
  [`${integers} 32`]: (view, at) => view.getInt32(at, true) / 2 ** 31,
  [`${floats} 32`]: (view, at) => view.getFloat32(at, true),
  [`${floats} 64`]: (view, at) => view.getFloat64(at, true),
}

interface Format {
  readonly sample: Sample
  readonly channels: number
  readonly samplingRate: number
  /** Bytes of a sample of all channels. */
  readonly stride: number
}

function formatOf(path: string, view: DataView, at: number, size: number): Format {
  const tag = view.getUint16(at, true)
  const channels = view.getUint16(at + 2, true)
  const samplingRate = view.getUint32(at + 4, true)
  const stride = view.getUint16(at + 12, true)
  const bits = view.getUint16(at + 14, true)
  // The extension's GUID begins with the tag that would otherwise stand in its place.
  const kind = tag === extensible && size >= 26 ? view.getUint16(at + 24, true) : tag
  const sample = samples[`${kind} ${bits}`]
  if (sample !== undefined && channels > 0 && samplingRate > 0 && stride === (channels * bits) / 8)
    return { sample, channels, samplingRate, stride }
  throw new FormatError({
    where: path,
    expected: 'whole numbers of 8, 16, 24 or 32 bits, or floats of 32 or 64',
    received: `format ${kind} with ${bits} bits, ${channels} channels at ${samplingRate} Hz, ${stride} bytes a sample`,
  })
}

/**
 * The samples of a WAV file: whole numbers of 8, 16, 24 and 32 bits and floats of 32 and 64, also in the extensible format.
 *
 * Source: Multimedia Programming Interface and Data Specifications 1.0 (1991); WAVEFORMATEXTENSIBLE,
 * https://learn.microsoft.com/windows/win32/api/mmreg/ns-mmreg-waveformatextensible
 *
 * @throws FormatError for other formats, and for a file that is cut.
 */
export function decodeWav(path: string, bytes: Uint8Array): SoundFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let format: Format | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = String.fromCharCode(...bytes.subarray(at, at + 4))
    const size = view.getUint32(at + 4, true)
    const start = at + 8
    const isStream = name === 'data' && size === 0xffffffff
    // What is written as it is recorded may not know its length.
    const end = isStream ? bytes.length : start + size
    if (end > bytes.length)
      throw new FormatError({
        where: path,
        expected: `a WAV file with ${end} bytes`,
        received: `its first ${bytes.length}`,
      })
    if (name === 'fmt ' && size >= 16) format = formatOf(path, view, start, size)
    if (name === 'data' && format !== undefined) return soundOf(format, view, start, end)
    // Parts begin at even places.
    at = end + (size % 2)
  }
  throw new FormatError({
    where: path,
    expected: 'a WAV file with its parts "fmt " and "data"',
    received: `${bytes.length} bytes without ${format === undefined ? '"fmt "' : '"data"'}`,
  })
}

function soundOf(
  { sample, channels, samplingRate, stride }: Format,
  view: DataView,
  start: number,
  end: number,
) {
  const length = Math.floor((end - start) / stride)
  const width = stride / channels
  const data = Array.from({ length: channels }, (_, channel) => {
    const own = new Float32Array(length)
    for (let i = 0, at = start + channel * width; i < length; i++, at += stride) own[i] = sample(view, at)
    return own
  })
  return { channels: data, samplingRate }
}
