/**
 * `gguf/`: llama.cpp's files: blocks of few bits a number, and models in its names. It knows `checkpoint/`, `models/` and
 * typegrad's doors.
 *
 * The formats: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md and ggml-quants.
 */

/** How numbers are kept in a file: so many in so many bytes. */
export interface BlockFormat {
  readonly name: string
  readonly numbers: number
  readonly bytes: number
  /** Reads one block. */
  readonly read: (block: DataView, into: Float32Array, at: number) => void
}

/** The value of a float16 of these bits. */
export function halfOf(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023]
  const sign = bits >> 15 === 0 ? 1 : -1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const half = (block: DataView, at: number): number => halfOf(block.getUint16(at, true))

/** Scale and minimum of one of the 8 parts of a Q4_K block: 6 bits each, in 12 bytes from `at` on. */
function scaleAndMin(block: DataView, at: number, part: number): readonly [number, number] {
  const byte = (i: number) => block.getUint8(at + i)
  if (part < 4) return [byte(part) & 63, byte(part + 4) & 63]
  return [
    (byte(part + 4) & 15) | ((byte(part - 4) >> 6) << 4),
    (byte(part + 4) >> 4) | ((byte(part) >> 6) << 4),
  ]
}

const floats: Readonly<Record<string, BlockFormat>> = {
  F32: {
    name: 'F32',
    numbers: 1,
    bytes: 4,
    read: (block, into, at) => {
      into[at] = block.getFloat32(0, true)
    },
  },
  F16: {
    name: 'F16',
    numbers: 1,
    bytes: 2,
    read: (block, into, at) => {
      into[at] = half(block, 0)
    },
  },
  BF16: {
    name: 'BF16',
    numbers: 1,
    bytes: 2,
    read: (block, into, at) => {
      new DataView(into.buffer, into.byteOffset).setUint32(4 * at, block.getUint16(0, true) << 16, true)
    },
  },
}

/** The formats that are read, by their names in llama.cpp. */
export const blockFormats: Readonly<Record<string, BlockFormat>> = {
  ...floats,
  /** 32 numbers (q − 8) · d: the lower halves of 16 bytes, then the upper ones. */
  Q4_0: {
    name: 'Q4_0',
    numbers: 32,
    bytes: 18,
    read: (block, into, at) => {
      const d = half(block, 0)
      for (let i = 0; i < 16; i++) {
        const byte = block.getUint8(2 + i)
        into[at + i] = ((byte & 15) - 8) * d
        into[at + 16 + i] = ((byte >> 4) - 8) * d
      }
    },
  },
  /** 32 numbers q · d. */
  Q8_0: {
    name: 'Q8_0',
    numbers: 32,
    bytes: 34,
    read: (block, into, at) => {
      const d = half(block, 0)
      for (let i = 0; i < 32; i++) into[at + i] = block.getInt8(2 + i) * d
    },
  },
  /** 256 numbers in 8 parts of 32, d · scale · q − dmin · min, with 6 bits for each scale and minimum. */
  Q4_K: {
    name: 'Q4_K',
    numbers: 256,
    bytes: 144,
    read: (block, into, at) => {
      const [d, dmin] = [half(block, 0), half(block, 2)]
      for (let part = 0; part < 8; part++) {
        const [scale, min] = scaleAndMin(block, 4, part)
        const [step, low] = [Math.fround(d * scale), Math.fround(dmin * min)]
        // Two parts share 32 bytes: the lower halves are the first's.
        const [bytes, shift] = [16 + 32 * (part >> 1), part % 2 === 0 ? 0 : 4]
        for (let i = 0; i < 32; i++)
          into[at + 32 * part + i] = step * ((block.getUint8(bytes + i) >> shift) & 15) - low
      }
    },
  },
  /** 256 numbers d · scale · (q − 32), of 6 bits: 4 lower and 2 upper ones; a scale for each 16. */
  Q6_K: {
    name: 'Q6_K',
    numbers: 256,
    bytes: 210,
    read: (block, into, at) => {
      const d = half(block, 208)
      for (let i = 0; i < 256; i++) {
        const [side, rest] = [i >> 7, i & 127]
        const [quarter, place] = [rest >> 5, rest & 31]
        const lower = block.getUint8(64 * side + 32 * (quarter % 2) + place) >> (quarter < 2 ? 0 : 4)
        const upper = block.getUint8(128 + 32 * side + place) >> (2 * quarter)
        const scale = block.getInt8(192 + 8 * side + 2 * quarter + (place >> 4))
        into[at + i] = Math.fround(d * scale) * (((lower & 15) | ((upper & 3) << 4)) - 32)
      }
    },
  },
}

/** The numbers of whole blocks. */
export function readBlocks(format: BlockFormat, bytes: Uint8Array): Float32Array {
  const count = bytes.length / format.bytes
  const into = new Float32Array(count * format.numbers)
  for (let i = 0; i < count; i++) {
    const block = new DataView(bytes.buffer, bytes.byteOffset + i * format.bytes, format.bytes)
    format.read(block, into, i * format.numbers)
  }
  return into
}

/** Rows of Q4_0 or Q8_0 in the form of `ops.quantize`: the same numbers and scales in another order of bytes. */
export interface KeptBlocks {
  readonly bits: 4 | 8
  readonly blockSize: 32
  /** Bytes of all blocks. */
  readonly packed: Uint8Array<ArrayBuffer>
  readonly scales: Float32Array
}

const keptBits: Readonly<Record<string, 4 | 8>> = { Q4_0: 4, Q8_0: 8 }

/** Whether typegrad's products can read blocks of this format: then `keptBlocks` gives them. */
export const isKept = (format: string): boolean => Object.hasOwn(keptBits, format)

/** The blocks as typegrad's products read them; undefined for formats that have no such form. */
export function keptBlocks(format: BlockFormat, bytes: Uint8Array): KeptBlocks | undefined {
  const bits = keptBits[format.name]
  if (bits === undefined) return undefined
  const count = bytes.length / format.bytes
  const scales = new Float32Array(count)
  const packed = new Uint8Array(count * 4 * bits)
  for (let b = 0; b < count; b++) {
    const from = b * format.bytes
    scales[b] = halfOf((bytes[from] as number) | ((bytes[from + 1] as number) << 8))
    const to = b * 4 * bits
    // A signed byte becomes one whose zero is 128.
    if (bits === 8) for (let i = 0; i < 32; i++) packed[to + i] = (bytes[from + 2 + i] as number) ^ 128
    else
      for (let i = 0; i < 16; i++) {
        // Neighbours share a byte here, numbers 16 apart there.
        const shift = i < 8 ? 0 : 4
        const first = ((bytes[from + 2 + ((2 * i) % 16)] as number) >> shift) & 15
        const second = ((bytes[from + 2 + ((2 * i + 1) % 16)] as number) >> shift) & 15
        packed[to + i] = first | (second << 4)
      }
  }
  return { bits, blockSize: 32, packed, scales }
}
