const rotated = (value: number, by: number): number => (value << by) | (value >>> (32 - by))

/** Bob Jenkins's lookup3 (hashlittle, http://burtleburtle.net/bob/c/lookup3.c), with which HDF5 checks structures. */
export function lookup3(bytes: Uint8Array, initial = 0): number {
  let length = bytes.length
  let a = (0xdeadbeef + length + initial) | 0
  let b = a
  let c = a
  let at = 0
  /** The next 4 bytes; what is behind the end counts as 0. */
  const word = (i: number): number =>
    (bytes[at + i] ?? 0) |
    ((bytes[at + i + 1] ?? 0) << 8) |
    ((bytes[at + i + 2] ?? 0) << 16) |
    ((bytes[at + i + 3] ?? 0) << 24)
  while (length > 12) {
    a = (a + word(0)) | 0
    b = (b + word(4)) | 0
    c = (c + word(8)) | 0
    a = (a - c) ^ rotated(c, 4)
    c = (c + b) | 0
    b = (b - a) ^ rotated(a, 6)
    a = (a + c) | 0
    c = (c - b) ^ rotated(b, 8)
    b = (b + a) | 0
    a = (a - c) ^ rotated(c, 16)
    c = (c + b) | 0
    b = (b - a) ^ rotated(a, 19)
    a = (a + c) | 0
    c = (c - b) ^ rotated(b, 4)
    b = (b + a) | 0
    at += 12
    length -= 12
  }
  if (length === 0) return c >>> 0
  a = (a + word(0)) | 0
  b = (b + word(4)) | 0
  c = (c + word(8)) | 0
  c = ((c ^ b) - rotated(b, 14)) | 0
  a = ((a ^ c) - rotated(c, 11)) | 0
  b = ((b ^ a) - rotated(a, 25)) | 0
  c = ((c ^ b) - rotated(b, 16)) | 0
  a = ((a ^ c) - rotated(c, 4)) | 0
  b = ((b ^ a) - rotated(a, 14)) | 0
  c = ((c ^ b) - rotated(b, 24)) | 0
  return c >>> 0
}
