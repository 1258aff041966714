import type { DType, TypedArray } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { nearestName } from '../base/nearest-name.ts'
import { boolean, checked, optionsOf, string } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import { readWork, type StoredDType, storedSize } from '../base/stored-dtype.ts'
import { paced } from '../base/work.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { type ByteSource, memorySource } from './byte-source.ts'
import type { FileSourceOptions } from './file-source.node.ts'
import { lengthBytes, type PlacedEntry, parseSafetensorsHeader, safetensorsDataStart } from './safetensors.ts'
import { checkShards, parseShardIndex } from './shard-index.ts'

/** What a checkpoint says of a tensor. */
export interface SafetensorsInfo {
  /** Of the tensor that is read. */
  readonly dtype: DType
  /** How the file has its elements. */
  readonly stored: StoredDType
  readonly shape: Shape
}

interface Place extends PlacedEntry {
  readonly source: ByteSource
}

/**
 * A checkpoint that is open: what it holds is known, and a tensor is read when it is asked for. Made by
 * {@link readSafetensors}.
 */
export class SafetensorsFile {
  /** What errors call it. */
  readonly name: string
  /** All tensors, in the order of the file; of a sharded checkpoint in that of its index. */
  readonly tensors: ReadonlyMap<string, SafetensorsInfo>
  /** What the file says beside: `{ format: 'pt' }`, mostly. Of a sharded checkpoint that of all shards, the first first. */
  readonly metadata: Readonly<Record<string, string>>
  readonly #places: ReadonlyMap<string, Place>

  constructor(name: string, places: readonly Place[], metadata: Readonly<Record<string, string>>) {
    this.name = name
    this.metadata = metadata
    this.#places = new Map(places.map((place) => [place.name, place]))
    this.tensors = new Map(
      places.map(({ name, dtype, stored, shape }) => [name, { dtype, stored, shape }] as const),
    )
  }

  /**
   * The bytes of a tensor, as the file has them: of a mapped file its memory, where they begin.
   *
   * @throws ArgumentError for a name that the file does not have; FormatError for a file that was changed since.
   */
  async bytes(name: string): Promise<Uint8Array> {
    const { source, begin, end } = this.#place(name)
    return await source.bytes(begin, end)
  }

  /**
   * The elements of a tensor, in row-major order: bfloat16 and float8 as float32, small integers as int32, the bits of
   * float16 in a `Uint16Array`. Of a mapped file they are its memory where nothing is converted; what is written into
   * them does not change the file.
   *
   * @throws as {@link bytes}.
   */
  async read(name: string): Promise<TypedArray> {
    return await this.elements(name, await this.bytes(name))
  }

  /**
   * Elements of a tensor from `begin` to `end`, as {@link read} gives them, and in memory of their own: for what is converted
   * part by part, a file that is mapped would come into memory beside.
   *
   * @param into memory for the bytes of this part, where one part after the other is done with.
   * @throws as {@link bytes}.
   */
  async part(name: string, begin: number, end: number, into?: Uint8Array): Promise<TypedArray> {
    const { source, stored, begin: first } = this.#place(name)
    const [from, to] = [begin, end].map((at) => first + at * storedSize(stored)) as [number, number]
    const bytes = await (source.read?.(from, to, into) ?? source.bytes(from, to))
    return await paced(readWork(bytes, stored))
  }

  /** The elements of a tensor, of its {@link bytes}. */
  async elements(name: string, bytes: Uint8Array): Promise<TypedArray> {
    return await paced(readWork(bytes, this.#place(name).stored))
  }

  /**
   * A tensor of the checkpoint.
   *
   * @throws as {@link bytes}.
   * @example
   * const embeddings = await file.tensor('wte.weight') // [50257, 768]
   */
  async tensor(name: string): Promise<Tensor> {
    const { shape, dtype } = this.#place(name)
    return fromData(await this.read(name), shape, dtype)
  }

  #place(name: string): Place {
    const place = this.#places.get(name)
    if (place !== undefined) return place
    const near = nearestName(name, this.#places.keys())
    throw new ArgumentError({
      where: this.name,
      expected: `the name of one of its ${this.#places.size} tensors`,
      received: JSON.stringify(name),
      ...(near === undefined ? {} : { fix: `Did you mean ${JSON.stringify(near)}?` }),
    })
  }

  toString(): string {
    return `SafetensorsFile(${this.name}, ${this.tensors.size} tensors)`
  }
}

export interface ReadSafetensorsOptions {
  /** What errors call bytes. Default `'safetensors file'`; a path names itself. */
  readonly name?: string
  /**
   * Whether a file becomes memory (`mmap`) where the platform can (Node on Linux and macOS; on Linux not from network
   * disks), so that only what is used is read, and nothing is copied. Default true.
   *
   * A file that is mapped may be replaced by another (renamed over it, as typegrad saves) and removed, but must not be
   * overwritten or cut where it lies, as `cp` and Python's safetensors do: values would change, and touching what was cut
   * off ends the process. False reads instead; a file that has changed is then an error.
   */
  readonly mmap?: boolean
}

const readChecks = optionsOf<ReadSafetensorsOptions>()({ name: string, mmap: boolean })

/**
 * Opens a checkpoint of safetensors, of any size: its header is read and checked, tensors when they are asked for.
 *
 * @param source the path of a file, or of the index (`model.safetensors.index.json`) of one that is sharded; where
 * `model.safetensors` is missing, the index beside it serves. Or the bytes of a file, also in a browser.
 * @throws FormatError for a file that is missing or damaged, a shard that is missing or holds other tensors than the index
 * says, and an index that names files outside of its folder.
 * @example
 * const file = await readSafetensors('model.safetensors')
 * for (const [name, { stored, shape }] of file.tensors) console.log(name, stored, shape)
 * const kernel = await file.tensor('encoder.weight')
 */
export async function readSafetensors(
  source: string | Uint8Array,
  options: ReadSafetensorsOptions = {},
): Promise<SafetensorsFile> {
  const { name = 'safetensors file', mmap = true } = checked('readSafetensors', options, readChecks)
  if (typeof source === 'string') return await openCheckpoint(source, { mmap, isWhole: false })
  if (source instanceof Uint8Array) return await fileOf(memorySource(source, name))
  throw new ArgumentError({
    where: 'readSafetensors',
    expected: 'a path or the bytes of a file (a Uint8Array)',
    received: typeof source,
  })
}

/** The same for a path. */
export async function openCheckpoint(path: string, options: FileSourceOptions): Promise<SafetensorsFile> {
  const { fileSource } = await import('./file-source.node.ts')
  const { dirname, exists, join, readBytes } = await import('./files.node.ts')
  const isMissing = !path.endsWith('.json') && !(await exists(path))
  const index = path.endsWith('.json') ? path : indexOf(path)
  if (index === path || (isMissing && (await exists(index)))) {
    const folder = dirname(index)
    return await readShards(await readBytes(index), index, (shard) =>
      fileSource(join(folder, shard), options),
    )
  }
  return await fileOf(await fileSource(path, options))
}

/** Where the index of a sharded checkpoint stands. */
export const indexOf = (path: string): string => `${path}.index.json`

async function fileOf(source: ByteSource): Promise<SafetensorsFile> {
  const { entries, metadata } = await headerOf(source)
  return new SafetensorsFile(
    source.name,
    entries.map((entry) => ({ ...entry, source })),
    metadata,
  )
}

async function headerOf(source: ByteSource) {
  const { size, name } = source
  const start = await source.bytes(0, Math.min(lengthBytes, size))
  const dataStart = safetensorsDataStart(start, size, name)
  return parseSafetensorsHeader(await source.bytes(lengthBytes, dataStart), size, name)
}

/**
 * A sharded checkpoint.
 *
 * @param index the bytes of its `*.safetensors.index.json`.
 * @param open gives a shard by the path from the index's folder, which is never outside of it.
 */
export async function readShards(
  index: Uint8Array,
  name: string,
  open: (shard: string) => Promise<ByteSource>,
): Promise<SafetensorsFile> {
  const shardOf = parseShardIndex(index, name)
  const places = new Map<string, Place>()
  const metadata: Record<string, string>[] = []
  for (const shard of new Set(shardOf.values())) {
    const source = await open(shard)
    const header = await headerOf(source)
    checkShards(shardOf, shard, header.entries, name)
    for (const entry of header.entries) places.set(entry.name, { ...entry, source })
    metadata.push(header.metadata)
  }
  const ordered = [...shardOf.keys()].map((tensor) => places.get(tensor) as Place)
  return new SafetensorsFile(name, ordered, Object.assign({}, ...metadata.reverse()))
}
