import type { DType } from '../../base/dtype.ts'
import type { Cursor, Hdf5Bytes } from './bytes.ts'

/** What the elements of an array or attribute are. */
export type Datatype =
  | { readonly kind: 'number'; readonly dtype: DType; readonly size: number }
  | { readonly kind: 'text'; readonly size: number; readonly padding: 'zero' | 'space' }
  /** Text that stands elsewhere, in a global heap. */
  | { readonly kind: 'long text'; readonly size: number }
  | { readonly kind: 'other'; readonly name: string; readonly size: number }

const classes = [
  'whole numbers',
  'floating-point numbers',
  'times',
  'text',
  'bits',
  'opaque bytes',
  'compounds',
  'references',
  'choices',
  'lists of any length',
  'arrays',
]

export function readDatatype(cursor: Cursor): Datatype {
  const head = cursor.u8()
  const [bits, ...rest] = [cursor.u8(), cursor.u8(), cursor.u8()] as const
  const size = cursor.u32()
  const kind = head & 0xf
  if (kind === 3) return { kind: 'text', size, padding: (bits & 0xf) === 2 ? 'space' : 'zero' }
  if (kind === 9 && (bits & 0xf) === 1) return { kind: 'long text', size }
  const name = classes[kind] ?? `of class ${kind}`
  if (kind > 1) return { kind: 'other', name, size }
  const isBigEndian = (bits & 1) !== 0
  const offset = cursor.u16()
  const precision = cursor.u16()
  const signed = (bits & 8) !== 0
  const dtype =
    isBigEndian || offset !== 0 || precision !== size * 8
      ? undefined
      : kind === 0
        ? (
            {
              4: signed ? 'int32' : 'uint32',
              8: signed ? 'int64' : undefined,
              1: signed ? undefined : 'uint8',
            } as const
          )[size as 1 | 4 | 8]
        : floating(cursor, rest[0], size)
  if (dtype !== undefined) return { kind: 'number', dtype, size }
  const described = `${kind === 0 && !signed ? 'unsigned ' : ''}${name} of ${precision} bits`
  return { kind: 'other', name: `${isBigEndian ? 'big-endian ' : ''}${described}`, size }
}

/** IEEE 754 by the places of its fields: sign, exponent's place and size, mantissa's place and size, bias. */
const ieee: Readonly<Record<number, readonly [DType, string]>> = {
  2: ['float16', '15 10 5 0 10 15'],
  4: ['float32', '31 23 8 0 23 127'],
  8: ['float64', '63 52 11 0 52 1023'],
}

function floating(cursor: Cursor, sign: number, size: number): DType | undefined {
  const fields = [sign, cursor.u8(), cursor.u8(), cursor.u8(), cursor.u8(), cursor.u32()].join(' ')
  const known = ieee[size]
  return known?.[1] === fields ? known[0] : undefined
}

/** The sizes of an array or attribute; none for a single value, undefined for one without any. */
export function readDataspace(cursor: Cursor): readonly number[] | undefined {
  const { file } = cursor
  const version = cursor.u8()
  const rank = cursor.u8()
  if (version !== 1 && version !== 2) throw file.damaged('a shape of version 1 or 2', `version ${version}`)
  if (rank > 32) throw file.damaged('at most 32 dimensions', `${rank}`)
  cursor.skip(1)
  if (version === 1) cursor.skip(5)
  else if (cursor.u8() === 2) return undefined
  const shape = Array.from({ length: rank }, () => cursor.length())
  elementsOf(file, shape)
  return shape
}

/** The number of elements. */
export function elementsOf(file: Hdf5Bytes, shape: readonly number[]): number {
  const count = shape.reduce((product, size) => product * size, 1)
  if (!Number.isSafeInteger(count * 8))
    throw file.damaged('a shape of whole numbers', `[${shape.join(', ')}]`)
  return count
}
