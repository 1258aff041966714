/**
 * `features/`: what the columns of a data set hold, as Hugging Face's datasets names it: where it is written down, and how
 * stored values become those of rows. It knows no files.
 */

/**
 * A plain value by the name of its type: `int8` to `int64`, `uint8` to `uint64`, `float16`, `float32`, `float64`, `bool`,
 * `string`, `large_string`, `binary`, `large_binary`, `date32`, `date64`, `timestamp[us]`, `timestamp[ms, tz=UTC]`,
 * `time64[us]`, `duration[ns]`, `decimal128(10, 2)`, `null`.
 */
export interface ValueFeature<D extends string = string> {
  readonly kind: 'value'
  readonly dtype: D
}

/** A whole number that stands for a name: its place among `names`; −1 where the label is not known. */
export interface ClassLabelFeature {
  readonly kind: 'classLabel'
  readonly names: readonly string[]
}

/** Any number of items of one kind, or `length` of them. */
export interface ListFeature<F extends Feature = Feature> {
  readonly kind: 'list'
  readonly items: F
  readonly length?: number
}

/** Named parts. */
export interface StructFeature<F extends Features = Features> {
  readonly kind: 'struct'
  readonly fields: F
}

/** A picture as the bytes of a file (PNG, JPEG, …) or the path of one. */
export interface ImageFeature {
  readonly kind: 'image'
}

/** A sound as the bytes of a file or the path of one. */
export interface AudioFeature {
  readonly kind: 'audio'
  /** In hertz; undefined where it is the file's own. */
  readonly samplingRate?: number
}

/** Nested arrays of one shape; −1 in front stands for any length. */
export interface ArrayFeature {
  readonly kind: 'array'
  readonly shape: readonly number[]
  readonly dtype: string
}

export type Feature =
  | ValueFeature
  | ClassLabelFeature
  | ListFeature<Feature>
  | StructFeature<Features>
  | ImageFeature
  | AudioFeature
  | ArrayFeature

/** Columns by name, in order. */
export interface Features {
  readonly [column: string]: Feature
}

/** A file in a cell: what it holds, where that is kept in the cell, and what it was called. */
export interface StoredFile {
  readonly bytes: Uint8Array | null
  readonly path: string | null
}

/** What a row of unknown type has. */
export type Cell =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | StoredFile
  | readonly Cell[]
  | { readonly [name: string]: Cell }

/** A row whose columns only the file knows. */
export type DataRow = { readonly [column: string]: Cell }

type ValueOf<D extends string> = string extends D
  ? Cell
  : D extends 'bool'
    ? boolean
    : D extends 'string' | 'large_string'
      ? string
      : D extends 'int64' | 'uint64'
        ? number | bigint
        : D extends 'binary' | 'large_binary'
          ? Uint8Array
          : D extends `date${string}` | `timestamp${string}`
            ? Date
            : D extends 'null'
              ? null
              : number

/** What a cell of a feature holds. Any cell may be missing: null. */
export type CellOf<F extends Feature> =
  | null
  | (F extends ValueFeature<infer D>
      ? ValueOf<D>
      : F extends ClassLabelFeature
        ? number
        : F extends ListFeature<infer I>
          ? readonly CellOf<I>[]
          : F extends StructFeature<infer S>
            ? RowOf<S>
            : F extends ImageFeature | AudioFeature
              ? StoredFile
              : Cell)

/** The rows of features: `RowOf<{ text: ValueFeature<'string'> }>` is `{ text: string | null }`. */
export type RowOf<F extends Features> = { readonly [K in keyof F]: CellOf<F[K]> }

/**
 * Makes features, for files that do not say theirs: `{ features: { text: feature.value('string'), label:
 * feature.classLabel(['ham', 'spam']) } }`.
 */
export const feature = {
  value: <const D extends string>(dtype: D): ValueFeature<D> => ({ kind: 'value', dtype }),
  classLabel: (names: readonly string[]): ClassLabelFeature => ({ kind: 'classLabel', names }),
  list: <F extends Feature>(items: F, length?: number): ListFeature<F> => ({
    kind: 'list',
    items,
    ...(length !== undefined && { length }),
  }),
  struct: <F extends Features>(fields: F): StructFeature<F> => ({ kind: 'struct', fields }),
  image: (): ImageFeature => ({ kind: 'image' }),
  audio: (samplingRate?: number): AudioFeature => ({
    kind: 'audio',
    ...(samplingRate !== undefined && { samplingRate }),
  }),
  array: (shape: readonly number[], dtype: string): ArrayFeature => ({ kind: 'array', shape, dtype }),
} as const

/** A feature as an error names it: `list<classLabel(3 names)>`. */
export function describeFeature(of: Feature): string {
  switch (of.kind) {
    case 'value':
      return of.dtype
    case 'classLabel':
      return `classLabel(${of.names.length} names)`
    case 'list':
      return `list<${describeFeature(of.items)}>`
    case 'struct':
      return `struct<${Object.entries(of.fields)
        .map(([name, field]) => `${name}: ${describeFeature(field)}`)
        .join(', ')}>`
    case 'array':
      return `array<${of.dtype}>[${of.shape.join(', ')}]`
    default:
      return of.kind
  }
}
