import type { Group } from 'h5wasm'
import type { DType, TypedArray } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import type { TextAttribute } from './hdf5/attributes.ts'
import { checksumKey, checksumOf } from './hdf5/checksum.ts'
import { type Content, contentOf } from './hdf5/read.ts'

export type { Dataset as Hdf5Dataset } from './hdf5/dataset.ts'
/** What a file holds: see `hdf5/read.ts`, which reads it within bounds. */
export type { Content as Hdf5Content } from './hdf5/read.ts'
export type Hdf5Attribute = TextAttribute

/** What is written: datasets in their order, and attributes of groups, '' being the file's own. */
export interface Hdf5Tree {
  readonly datasets: ReadonlyMap<string, Hdf5Value>
  readonly attributes: ReadonlyMap<string, Readonly<Record<string, Hdf5Attribute>>>
}

export interface Hdf5Value {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TypedArray
}

const types: Readonly<Partial<Record<DType, string>>> = {
  float32: '<f4',
  float64: '<f8',
  int32: '<i4',
  int64: '<i8',
  uint8: '<u1',
  uint32: '<u4',
}

let count = 0

/**
 * The library is 4 MB of WebAssembly: it is loaded when a file is written for the first time. Its files
 * are in memory; it cannot reach the machine's.
 */
async function library() {
  const h5 = await import('h5wasm')
  const module = await h5.ready
  // Errors are thrown, rather than printed beside a wrong result.
  module.activate_throwing_error_handler()
  return { h5, fs: module.FS, path: `/typegrad-${++count}.h5` }
}

/**
 * Reads an HDF5 file. `use` gets what is in it; the elements of datasets are read when it asks for them. Time and
 * memory are bounded by the file's length, whatever it says.
 *
 * @throws FormatError for what is no HDF5 file, is damaged or cut off, has links to other files, or needs what is not
 * read, such as numbers of other types.
 */
export const readHdf5 = <T>(bytes: Uint8Array, where: string, use: (content: Content) => T): T =>
  use(contentOf(bytes, where))

/** The bytes of an HDF5 file. @throws FormatError for a dtype that is not written. */
export async function writeHdf5({ datasets, attributes }: Hdf5Tree): Promise<Uint8Array> {
  const { h5, fs, path } = await library()
  const file = new h5.File(path, 'w')
  try {
    const groups = new Map<string, Group>([['', file]])
    const group = (name: string): Group => {
      const known = groups.get(name)
      if (known !== undefined) return known
      const cut = name.lastIndexOf('/')
      const made = group(name.slice(0, Math.max(0, cut))).create_group(name.slice(cut + 1))
      groups.set(name, made)
      return made
    }
    for (const [name, values] of attributes)
      for (const [key, value] of Object.entries(values)) writeAttribute(group(name), key, value)
    for (const [name, { dtype, shape, data }] of datasets) {
      const type = types[dtype]
      if (type === undefined)
        throw new FormatError({
          where: name,
          expected: `one of ${Object.keys(types).join(', ')}`,
          received: dtype,
        })
      const cut = name.lastIndexOf('/')
      const made = group(name.slice(0, Math.max(0, cut))).create_dataset({
        name: name.slice(cut + 1),
        data: data as Float32Array,
        shape: [...shape],
        dtype: type,
      })
      made.create_attribute(checksumKey, checksumOf(data))
    }
    file.flush()
  } finally {
    file.close()
  }
  try {
    return fs.readFile(path) as Uint8Array
  } finally {
    fs.unlink(path)
  }
}

/** Lists of names have a fixed length, as h5py and Keras write them. */
function writeAttribute(group: Group, key: string, value: Hdf5Attribute): void {
  if (typeof value === 'string') {
    group.create_attribute(key, value)
    return
  }
  const longest = Math.max(1, ...value.map((item) => new TextEncoder().encode(item).length))
  if (value.length === 0) group.create_attribute(key, new Float64Array(0), [0], '<d')
  else group.create_attribute(key, [...value], [value.length], `S${longest}`)
}
