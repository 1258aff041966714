import { byteSize, type DType, type TypedArray, typedArray } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import { bytesOf, formatShape, type Shape, sizeOf } from '../base/shape.ts'

export interface IdxFile {
  readonly dtype: DType
  readonly shape: Shape
  readonly data: TypedArray
}

/** The type codes of the format that typegrad has a dtype for. */
const dtypeOfCode = new Map<number, DType>([
  [0x08, 'uint8'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
])

/**
 * Reads an IDX file, the format of the MNIST digits (http://yann.lecun.com/exdb/mnist/).
 *
 * ```
 * 4 bytes          the magic number: 0, 0, the type's code, the number of dimensions
 * 4 bytes each     the sizes of the dimensions, big-endian
 * the rest         the elements, row-major, big-endian
 * ```
 *
 * Bytes come as a view of `bytes`; wider elements are copied, since their bytes have to be turned around.
 *
 * @param file What errors call the file.
 * @throws FormatError if `bytes` are not exactly one IDX file.
 * @example
 * const { shape, data } = parseIdx(await readFile('train-images-idx3-ubyte'))  // shape [60000, 28, 28]
 */
export function parseIdx(bytes: Uint8Array, file = 'IDX file'): IdxFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { dtype, rank } = readMagic(bytes, file)
  const start = 4 + 4 * rank
  if (bytes.length < start) {
    throw new FormatError({
      where: `${file}, sizes`,
      expected: `${start} bytes of header for ${rank} dimensions`,
      received: `a file of ${bytes.length} bytes`,
      fix: truncated,
    })
  }
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i))
  const expected = bytesOf({ dtype, shape })
  if (bytes.length - start !== expected) {
    throw new FormatError({
      where: `${file}, elements`,
      expected: `${expected} bytes for ${dtype} of shape ${formatShape(shape)}`,
      received: String(bytes.length - start),
      ...(bytes.length - start < expected && { fix: truncated }),
    })
  }
  return { dtype, shape, data: readElements(bytes.subarray(start), dtype, sizeOf(shape)) }
}

const truncated = 'The file is truncated: fetch it again.'

function readMagic(bytes: Uint8Array, file: string): { dtype: DType; rank: number } {
  const [zero, alsoZero, code, rank] = bytes
  const where = `${file}, magic number`
  if (code === undefined || rank === undefined) {
    throw new FormatError({
      where,
      expected: '4 bytes',
      received: `a file of ${bytes.length}`,
      fix: truncated,
    })
  }
  if (zero !== 0 || alsoZero !== 0) {
    const gzipped = zero === 0x1f && alsoZero === 0x8b
    throw new FormatError({
      where,
      expected: 'the bytes 0 and 0 first',
      received: `${zero} and ${alsoZero}`,
      fix: gzipped ? 'The file is compressed with gzip: decompress it first.' : 'This is not an IDX file.',
    })
  }
  const dtype = dtypeOfCode.get(code)
  if (dtype === undefined) {
    throw new FormatError({
      where,
      expected: `a type code of ${[...dtypeOfCode].map(([known, name]) => `${known} (${name})`).join(', ')}`,
      received: String(code),
    })
  }
  return { dtype, rank }
}

/** The elements with their bytes turned around, from big-endian to the machine's little-endian. */
function readElements(bytes: Uint8Array, dtype: DType, length: number): TypedArray {
  const size = byteSize[dtype]
  if (size === 1) return new Uint8Array(bytes.buffer, bytes.byteOffset, length) // never a Node Buffer
  const turned = new Uint8Array(bytes)
  for (let i = 0; i < turned.length; i += size) turned.subarray(i, i + size).reverse()
  return typedArray(dtype, length, turned.buffer)
}
