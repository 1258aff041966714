import { FormatError } from 'typegrad/core'
import type { SoundFile } from './sound.ts'

/** The packets of an Ogg stream (RFC 3533), and the number of samples that its last page says it ends at. */
function packetsOf(
  path: string,
  bytes: Uint8Array,
): { readonly packets: Uint8Array[]; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const packets: Uint8Array[] = []
  let begun: Uint8Array[] = []
  let end = 0
  let isLast = false
  const cut = (at: number): FormatError =>
    new FormatError({
      where: path,
      expected: 'a whole Ogg file',
      received: `one that is damaged or cut at byte ${at}`,
    })
  for (let at = 0; at < bytes.length && !isLast; ) {
    if (at + 27 > bytes.length || view.getUint32(at) !== 0x4f676753) throw cut(at)
    const granule = view.getBigInt64(at + 6, true)
    if (granule >= 0n) end = Number(granule)
    isLast = ((bytes[at + 5] as number) & 4) !== 0
    const segments = bytes.subarray(at + 27, at + 27 + (bytes[at + 26] as number))
    let from = at + 27 + segments.length
    for (const length of segments) {
      if (from + length > bytes.length) throw cut(at)
      begun.push(bytes.subarray(from, from + length))
      from += length
      // A segment that is not full ends its packet.
      if (length === 255) continue
      packets.push(joined(begun))
      begun = []
    }
    at = from
  }
  if (!isLast) throw cut(bytes.length)
  return { packets, end }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * The samples of Ogg Opus, which are 48,000 a second: without those before the start that a decoder needs to settle, and up to the
 * end that the last page says (RFC 7845).
 *
 * @throws FormatError for a file that is damaged or cut.
 */
export async function decodeOpus(path: string, bytes: Uint8Array): Promise<SoundFile> {
  const { packets, end } = packetsOf(path, bytes)
  const [head, , ...frames] = packets
  if (head === undefined || head.length < 19)
    throw new FormatError({ where: path, expected: "Opus's header", received: `${head?.length ?? 0} bytes` })
  const channels = head[9] as number
  const preSkip = (head[10] as number) | ((head[11] as number) << 8)
  const isMapped = head[18] !== 0
  const { OpusDecoder } = await import('opus-decoder')
  const decoder = new OpusDecoder({
    channels,
    preSkip,
    ...(isMapped && {
      streamCount: head[19] as number,
      coupledStreamCount: head[20] as number,
      channelMappingTable: Array.from(head.subarray(21, 21 + channels)),
    }),
  })
  await decoder.ready
  try {
    const { channelData, errors } = decoder.decodeFrames(frames)
    if (errors[0] !== undefined)
      throw new FormatError({
        where: path,
        expected: 'a whole Opus file',
        received: `a damaged one (${errors[0].message})`,
      })
    const length = Math.max(0, Math.min(channelData[0]?.length ?? 0, end - preSkip))
    return { channels: channelData.map((channel) => channel.slice(0, length)), samplingRate: 48_000 }
  } finally {
    decoder.free()
  }
}
