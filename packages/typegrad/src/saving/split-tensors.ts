import type { TypedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import type { SafetensorsFile } from '../formats/safetensors-file.ts'
import type { FileTensor, LoadWeightsOptions, SplitInto } from './load-weights-options.ts'
import { Rules } from './weight-rules.ts'

/** A tensor of a file, or a part of one. */
export interface Piece extends FileTensor {
  readonly name: string
  /** The tensor of the file that it is, or is a part of. */
  readonly tensor: string
  /** Its elements, of those of the whole tensor. */
  of(whole: TypedArray): TypedArray
}

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string')
const isSplit = (value: unknown): boolean =>
  isNames(value) || isNames((value as Partial<SplitInto> | null)?.into)

export const splitRules = (split: LoadWeightsOptions['split']) =>
  new Rules<readonly string[] | SplitInto>(
    'split',
    split,
    'names of the parts, or { into: names, axis, sizes }',
    isSplit,
  )

/** All tensors of a file, with parts in the place of those that are split. */
export function piecesOf(file: SafetensorsFile, rules: ReturnType<typeof splitRules>): readonly Piece[] {
  return [...file.tensors].flatMap(([name, { dtype, shape }]): Piece | readonly Piece[] => {
    const found = rules.for(name, { dtype, shape })
    if (found === undefined) return { name, tensor: name, dtype, shape, of: (whole) => whole }
    const split: SplitInto = 'into' in found.value ? found.value : { into: found.value }
    const names = split.into.map((part) => rules.named(part, found))
    const { axis, sizes } = cuts(name, shape, split)
    let begin = 0
    return names.map((part, i) => {
      const [from, length] = [begin, sizes[i] as number]
      begin += length
      return {
        name: part,
        tensor: name,
        dtype,
        shape: shape.with(axis, length),
        of: (whole) => slice(whole, shape, axis, from, length),
      }
    })
  })
}

/** @throws ArgumentError for parts that do not make up the axis. */
function cuts(name: string, shape: Shape, { into, axis = 0, sizes }: SplitInto) {
  const at = axis < 0 ? axis + shape.length : axis
  const length = shape[at]
  const where = `loadWeights: split of '${name}'`
  if (length === undefined) {
    throw new ArgumentError({
      where,
      expected: `an axis of its shape ${formatShape(shape)}`,
      received: String(axis),
    })
  }
  const parts: readonly number[] = sizes ?? into.map(() => length / into.length)
  const isWhole = parts.every((size) => Number.isInteger(size) && size >= 0)
  if (parts.length === into.length && isWhole && parts.reduce((a, b) => a + b, 0) === length)
    return { axis: at, sizes: parts }
  throw new ArgumentError({
    where,
    expected: `${into.length} parts that make up axis ${axis} of ${formatShape(shape)}`,
    received: sizes === undefined ? `${length} to be cut into ${into.length}` : `sizes [${sizes.join(', ')}]`,
    fix: 'Say how long each part is: { into, axis, sizes }.',
  })
}

/** Elements from `begin` on along an axis: a view where they lie in one piece, which they do along the first. */
function slice(whole: TypedArray, shape: Shape, axis: number, begin: number, length: number): TypedArray {
  const inner = sizeOf(shape.slice(axis + 1))
  const outer = sizeOf(shape.slice(0, axis))
  const row = (shape[axis] as number) * inner
  const [from, run] = [begin * inner, length * inner]
  if (outer === 1) return whole.subarray(from, from + run)
  const bytes = whole.BYTES_PER_ELEMENT
  const source = new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength)
  const copy = whole.slice(0, outer * run)
  const target = new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength)
  for (let i = 0; i < outer; i++) {
    const start = (i * row + from) * bytes
    target.set(source.subarray(start, start + run * bytes), i * run * bytes)
  }
  return copy
}
