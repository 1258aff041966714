import type { Medium } from '../annotations/task.ts'

/** Bytes at a place in a file; a dot stands for any. */
interface Signature {
  readonly medium: Medium
  readonly type: string
  readonly at: number
  readonly bytes: string
}

/** https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern and the section after it; FLAC's from RFC 9639. */
const signatures: readonly Signature[] = [
  { medium: 'image', type: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { medium: 'image', type: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { medium: 'image', type: 'image/gif', at: 0, bytes: 'GIF8' },
  { medium: 'image', type: 'image/webp', at: 8, bytes: 'WEBPVP' },
  { medium: 'image', type: 'image/bmp', at: 0, bytes: 'BM' },
  { medium: 'image', type: 'image/avif', at: 4, bytes: 'ftypavi' },
  { medium: 'sound', type: 'audio/wav', at: 8, bytes: 'WAVE' },
  { medium: 'sound', type: 'audio/mpeg', at: 0, bytes: 'ID3' },
  { medium: 'sound', type: 'audio/ogg', at: 0, bytes: 'OggS' },
  { medium: 'sound', type: 'audio/flac', at: 0, bytes: 'fLaC' },
  { medium: 'sound', type: 'audio/mp4', at: 4, bytes: 'ftypM4' },
  { medium: 'sound', type: 'audio/mp4', at: 4, bytes: 'ftypmp4' },
  { medium: 'sound', type: 'audio/mp4', at: 4, bytes: 'ftypiso' },
  { medium: 'sound', type: 'audio/webm', at: 0, bytes: '\x1a\x45\xdf\xa3' },
]

/** How many of a file's first bytes tell its type. */
export const headLength = 16

/** What a file is by its first bytes; undefined for what a browser neither shows nor plays, or could run (HTML, SVG). */
export function mediaTypeOf(
  head: Uint8Array,
): { readonly medium: Medium; readonly type: string } | undefined {
  const known = signatures.find(({ at, bytes }) =>
    [...bytes].every((letter, i) => head[at + i] === letter.charCodeAt(0)),
  )
  if (known !== undefined) return known
  // A frame of MPEG audio without a tag before it: eleven bits of 1, and a layer that there is.
  const [first = 0, second = 0] = head
  const isFrame = first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) !== 0
  return isFrame ? { medium: 'sound', type: 'audio/mpeg' } : undefined
}
