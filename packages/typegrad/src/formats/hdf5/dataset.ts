import { type DType, type TypedArray, typedArray } from '../../base/dtype.ts'
import type { Hdf5Bytes } from './bytes.ts'
import { elementsOf, readDataspace, readDatatype } from './datatype.ts'
import { type Filter, readFilters, unfiltered } from './filters.ts'
import { type Layout, readLayout } from './layout.ts'
import { messages, type ObjectHeader } from './object-header.ts'
import { piecesOf } from './pieces.ts'

/** An array that has not been read yet. */
export interface Dataset {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** First and last byte (exclusive) of an array that stands in one piece. */
  readonly extent?: readonly [start: number, end: number]
  read(): TypedArray
}

/** Deflate makes 1032 of a byte at most: what would be more is made up. */
const largestRatio = 1032

/**
 * Describes an array; undefined for what is none. Nothing of its elements is read.
 *
 * @param isBfloat16 whether two opaque bytes are a bfloat16, as Keras marks them: the upper half of a float32.
 */
export function datasetOf(file: Hdf5Bytes, header: ObjectHeader, isBfloat16 = false): Dataset | undefined {
  const [space, type] = [header.one(messages.dataspace), header.one(messages.datatype)]
  const placed = header.one(messages.layout)
  if (space === undefined || type === undefined || placed === undefined) return undefined
  const shape = readDataspace(space)
  const stored = readDatatype(type)
  const isWidened = isBfloat16 && stored.kind === 'other' && stored.size === 2
  const datatype = isWidened ? ({ kind: 'number', dtype: 'float16', size: 2 } as const) : stored
  if (datatype.kind !== 'number')
    throw file.unsupported('numbers', datatype.kind === 'other' ? datatype.name : datatype.kind)
  if (shape === undefined) throw file.unsupported('numbers', 'an array without any')
  if (header.one(messages.externalFiles) !== undefined)
    throw file.unsupported('numbers that stand in the file', 'a dataset made of other files')
  const { dtype, size } = datatype
  const bytes = elementsOf(file, shape) * size
  const layout = readLayout(placed, bytes)
  const packing = header.one(messages.filters)
  const filters = packing === undefined ? [] : readFilters(packing)
  if (layout.kind === 'whole' && layout.length !== bytes)
    throw file.damaged(`${bytes} bytes for an array of ${dtype} [${shape.join(', ')}]`, `${layout.length}`)
  return {
    dtype: isWidened ? 'float32' : dtype,
    shape,
    ...(layout.kind === 'whole' && bytes > 0 ? { extent: [layout.at, layout.at + bytes] as const } : {}),
    read: () => {
      if (bytes === 0) return typedArray(dtype, 0)
      const elements = elementBytes(file, layout, shape, size, bytes, filters)
      const array = typedArray(dtype, bytes / size, elements.buffer)
      return isWidened ? widened(array as Uint16Array) : array
    },
  }
}

const widened = (halves: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer)

function elementBytes(
  file: Hdf5Bytes,
  layout: Layout,
  shape: readonly number[],
  size: number,
  bytes: number,
  filters: readonly Filter[],
): Uint8Array<ArrayBuffer> {
  if (layout.kind === 'none')
    throw file.unsupported('numbers that stand in the file', 'an array never written')
  // A copy: the place may be one where numbers of this width cannot begin.
  if (layout.kind === 'whole') return new Uint8Array(file.bytes.subarray(layout.at, layout.at + bytes))
  if (layout.shape.length !== shape.length)
    throw file.damaged(`pieces of ${shape.length} dimensions`, `${layout.shape.length}`)
  const pieces = piecesOf(file, layout, shape, size)
  const stored = pieces.reduce((sum, { packed }) => sum + packed.length, 0)
  if (stored > file.bytes.length)
    throw file.damaged(
      'pieces beside each other',
      `${stored} bytes of them in a file of ${file.bytes.length}`,
    )
  const whole = layout.shape.reduce((product, n) => product * n, size)
  const largest = Math.max(bytes, whole)
  if (largest > largestRatio * stored)
    throw file.damaged(`at most ${largestRatio} times the ${stored} bytes stored`, `${largest}`)
  if (pieces.length * whole > bytes + 2 ** shape.length * Math.max(whole, bytes))
    throw file.damaged('pieces within their array', `${pieces.length} of ${whole} bytes for ${bytes}`)
  const result = new Uint8Array(bytes)
  for (const { packed, mask, offset } of pieces)
    copyPiece(result, shape, unfiltered(file, packed, filters, mask, whole), layout.shape, offset, size)
  return result
}

/** Copies what of a piece is within the array, a row of the last dimension at a time. */
function copyPiece(
  result: Uint8Array,
  shape: readonly number[],
  piece: Uint8Array,
  pieceShape: readonly number[],
  offset: readonly number[],
  size: number,
): void {
  const copy = (axis: number, from: number, to: number): void => {
    const [all, own, start] = [shape[axis] ?? 1, pieceShape[axis] ?? 1, offset[axis] ?? 0]
    const count = Math.min(own, all - start)
    if (axis >= shape.length - 1) {
      const begin = from * own * size
      result.set(piece.subarray(begin, begin + count * size), (to * all + start) * size)
      return
    }
    for (let i = 0; i < count; i++) copy(axis + 1, from * own + i, to * all + start + i)
  }
  copy(0, 0, 0)
}
