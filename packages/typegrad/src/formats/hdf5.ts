import type { Dataset, Group, File as H5File } from 'h5wasm'
import type { DType, TypedArray } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'

/** A dataset that has not been read yet. */
export interface Hdf5Dataset {
  readonly dtype: DType
  readonly shape: readonly number[]
  read(): TypedArray
}

export type Hdf5Attribute = string | readonly string[]

/** A file's content: datasets and the text attributes of groups, by path without a leading slash. */
export interface Hdf5Content {
  readonly datasets: ReadonlyMap<string, Hdf5Dataset>
  readonly attributes: ReadonlyMap<string, Readonly<Record<string, Hdf5Attribute>>>
}

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
const names: Readonly<Record<string, DType>> = {
  f: 'float32',
  d: 'float64',
  e: 'float16',
  i: 'int32',
  q: 'int64',
  B: 'uint8',
  I: 'uint32',
}

let count = 0

/**
 * The library is 4 MB of WebAssembly: it is loaded when a file is read or written for the first time. Its files
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
 * Reads an HDF5 file. `use` gets what is in it; datasets are read when it asks for them, while it runs.
 *
 * @throws FormatError for what is no HDF5 file, is cut off, or has links to other files.
 */
export async function readHdf5<T>(
  bytes: Uint8Array,
  where: string,
  use: (content: Hdf5Content) => T,
): Promise<T> {
  const { h5, fs, path } = await library()
  fs.writeFile(path, bytes)
  let file: H5File | undefined
  try {
    file = new h5.File(path, 'r')
    const datasets = new Map<string, Hdf5Dataset>()
    const attributes = new Map<string, Record<string, Hdf5Attribute>>()
    visit(file, '', where, datasets, attributes, 0)
    return use({ datasets, attributes })
  } catch (cause) {
    if (!(cause instanceof Error) || !/HDF5|H5|hdf5|name not defined|file/i.test(cause.message)) throw cause
    if (cause instanceof FormatError) throw cause
    throw new FormatError(
      {
        where,
        expected: 'a whole HDF5 file',
        received: `bytes that are none, or are damaged (${cause.message.split('\n')[0]})`,
      },
      { cause },
    )
  } finally {
    try {
      file?.close()
    } finally {
      fs.unlink(path)
    }
  }
}

const maxDepth = 64

function visit(
  group: Group,
  path: string,
  where: string,
  datasets: Map<string, Hdf5Dataset>,
  attributes: Map<string, Record<string, Hdf5Attribute>>,
  depth: number,
): void {
  if (depth > maxDepth)
    throw new FormatError({ where, expected: `groups within ${maxDepth} others`, received: path })
  attributes.set(path, textAttributes(group))
  for (const key of group.keys()) {
    const child = group.get(key)
    const name = path === '' ? key : `${path}/${key}`
    if (child !== null && 'keys' in child && 'create_group' in child)
      visit(child as Group, name, where, datasets, attributes, depth + 1)
    else if (child !== null && 'metadata' in child && 'slice' in child)
      datasets.set(name, datasetOf(child as Dataset, `${where}: '${name}'`))
    else
      throw new FormatError({
        where: `${where}: '${name}'`,
        expected: 'a group or a dataset',
        received: 'a link or type',
      })
  }
}

function textAttributes(group: Group): Record<string, Hdf5Attribute> {
  const result: Record<string, Hdf5Attribute> = {}
  for (const [key, attribute] of Object.entries(group.attrs)) {
    const { value } = attribute
    if (typeof value === 'string') result[key] = value
    else if (Array.isArray(value) && value.every((item) => typeof item === 'string')) result[key] = value
    else if (attribute.shape?.[0] === 0) result[key] = []
  }
  return result
}

function datasetOf(dataset: Dataset, where: string): Hdf5Dataset {
  const { metadata } = dataset
  const code = String(dataset.dtype).replace(/^[<>|=]/, '')
  const dtype = names[code]
  const refuse = (received: string) =>
    new FormatError({ where, expected: 'numbers that stand in the file', received })
  if (metadata.virtual_sources !== undefined && metadata.virtual_sources !== null)
    throw refuse('a dataset made of other files')
  if (dtype === undefined) throw refuse(`type ${JSON.stringify(dataset.dtype)}`)
  return {
    dtype,
    shape: metadata.shape ?? [],
    read: () => {
      const { value } = dataset
      return (ArrayBuffer.isView(value) ? value : typed(dtype, value as number | bigint)) as TypedArray
    },
  }
}

/** A scalar, which the library gives as a number. */
function typed(dtype: DType, value: number | bigint): TypedArray {
  if (dtype === 'int64') return BigInt64Array.of(BigInt(value))
  const number = Number(value)
  if (dtype === 'float64') return Float64Array.of(number)
  if (dtype === 'int32') return Int32Array.of(number)
  if (dtype === 'uint32') return Uint32Array.of(number)
  if (dtype === 'uint8') return Uint8Array.of(number)
  return Float32Array.of(number)
}

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
      group(name.slice(0, Math.max(0, cut))).create_dataset({
        name: name.slice(cut + 1),
        data: data as Float32Array,
        shape: [...shape],
        dtype: type,
      })
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
