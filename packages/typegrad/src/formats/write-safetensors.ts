import type { DType } from '../base/dtype.ts'
import { ArgumentError } from '../base/errors.ts'
import { nameTable } from '../base/name-table.ts'
import { anything, checked, checkPath, optionsOf, positive } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'
import {
  type StoredDType,
  type StoredFloat,
  storedAs,
  storedFloats,
  writeWork,
} from '../base/stored-dtype.ts'
import { isRecord } from '../base/structured.ts'
import { paced } from '../base/work.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkEntry, type SafetensorsEntry, safetensorsLayout, storedBytes } from './safetensors.ts'
import { indexOf } from './safetensors-file.ts'
import { shardIndex } from './shard-index.ts'

/** Which type a tensor is stored in: one for all, by names and patterns, or by a function. */
export type StoredDTypes =
  | StoredFloat
  | Readonly<Record<string, StoredFloat>>
  | ((name: string, tensor: { readonly dtype: DType; readonly shape: Shape }) => StoredFloat | undefined)

export interface WriteSafetensorsOptions {
  /** What the file says beside the tensors, such as `{ format: 'pt' }`. Default: nothing. */
  readonly metadata?: Readonly<Record<string, string>>
  /**
   * What floating-point tensors are stored as: `'bfloat16'`, `'float16'`, `'float8e4m3'`, `'float8e5m2'`, `'float32'` or
   * `'float64'`; of those that a table or function leaves out, and of other tensors, their own dtype. Numbers are rounded
   * to the nearest, ties to even; what is too large becomes infinity (448 in float8e4m3), as PyTorch does. Default: their own dtype.
   *
   * @example
   * { dtype: { '**.bias': 'float32', '**': 'bfloat16' } }
   */
  readonly dtype?: StoredDTypes
  /**
   * Bytes of tensors that one file may have; if there are more, `model.safetensors` becomes
   * `model-00001-of-00003.safetensors`, … and `model.safetensors.index.json`. A larger tensor has a file of its own.
   * Default: one file.
   */
  readonly maxShardBytes?: number
}

const writeChecks = optionsOf<WriteSafetensorsOptions>()({
  metadata: anything,
  dtype: anything,
  maxShardBytes: positive,
})

/** Tensors by name, or elements in memory with their dtype and shape. */
export type NamedTensors =
  | Readonly<Record<string, Tensor | SafetensorsEntry>>
  | Iterable<readonly [string, Tensor | SafetensorsEntry]>

interface Planned {
  readonly name: string
  readonly dtype: DType
  readonly stored: DType | StoredFloat
  readonly shape: Shape
  readonly source: Tensor | SafetensorsEntry
}

/**
 * Writes tensors into a file of safetensors, or several. One tensor after the other is read and converted, so that a
 * large checkpoint takes no more memory than its largest tensor. Node only.
 *
 * A file is replaced when its successor is complete, and a reader that has mapped it keeps it. Of a sharded checkpoint the
 * old index goes first and the new one comes last: while it is written there is none. Shards of an earlier checkpoint of
 * this name are removed.
 *
 * @param path the file, such as `model.safetensors`; its folder is made if there is none.
 * @throws ArgumentError for a name that occurs twice or is reserved, data that does not fit its shape and dtype, and
 * metadata that is not text.
 * @example
 * await writeSafetensors('model.safetensors', { kernel, bias }, { dtype: 'bfloat16' })
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  checkPath('writeSafetensors', path)
  const { metadata = {}, dtype, maxShardBytes = Infinity } = checked('writeSafetensors', options, writeChecks)
  checkMetadata(metadata)
  const planned = plan(tensors, dtype)
  const { dirname, join, mkdir, writeFileAtomically } = await import('./files.node.ts')
  const { baseName, remove, shardsBeside } = await import('./shards.node.ts')
  await mkdir(dirname(path), { recursive: true })
  const shards = shardsOf(planned, maxShardBytes)
  const name = baseName(path)
  const names = shards.length === 1 ? [name] : shards.map((_, i) => shardName(name, i + 1, shards.length))
  // It names shards that are about to be replaced one by one.
  if (shards.length > 1) await remove(indexOf(path))
  for (const [i, shard] of shards.entries())
    await writeFileAtomically(join(dirname(path), names[i] as string), chunksOf(shard, metadata))
  if (shards.length > 1) {
    const shardOf = shards.flatMap((shard, i) => shard.map(({ name }) => [name, names[i] as string] as const))
    const total = planned.reduce((sum, { stored, shape }) => sum + storedBytes(stored, shape), 0)
    await writeFileAtomically(indexOf(path), [shardIndex(new Map(shardOf), total)])
  }
  // What is left of an earlier checkpoint of this name.
  await remove(shards.length === 1 ? indexOf(path) : path)
  for (const shard of await shardsBeside(path))
    if (!names.includes(shard)) await remove(join(dirname(path), shard))
}

function plan(tensors: NamedTensors, dtype: StoredDTypes | undefined): readonly Planned[] {
  const storedFor = storedChoice(dtype)
  const names = new Set<string>()
  const all =
    Symbol.iterator in tensors
      ? [...(tensors as Iterable<readonly [string, Tensor]>)]
      : Object.entries(tensors)
  return all.map(([name, source]) => {
    const { dtype, shape } = source
    checkEntry('writeSafetensors', names, name, isPending(source) ? undefined : source)
    names.add(name)
    return { name, dtype, shape, stored: storedAs(dtype, storedFor(name, { dtype, shape })), source }
  })
}

/** What a tensor is stored as; undefined for its own dtype. */
export type StoredChoice = Extract<StoredDTypes, (...parameters: never) => unknown>

/** The option `dtype` as a function. @throws ArgumentError for a type that there is not. */
export function storedChoice(dtype: StoredDTypes | undefined): StoredChoice {
  const known: readonly unknown[] = storedFloats
  const checkedFloat = (stored: StoredFloat | undefined, at: string): StoredFloat | undefined => {
    if (stored === undefined || known.includes(stored)) return stored
    throw new ArgumentError({
      where: `writeSafetensors: dtype${at}`,
      expected: storedFloats.map((one) => `'${one}'`).join(' or '),
      received: JSON.stringify(stored) ?? String(stored),
    })
  }
  if (typeof dtype === 'function')
    return (name, tensor) => checkedFloat(dtype(name, tensor), ` of ${JSON.stringify(name)}`)
  if (!isRecord(dtype)) {
    const all = checkedFloat(dtype as StoredFloat | undefined, '')
    return () => all
  }
  for (const [key, stored] of Object.entries(dtype))
    checkedFloat(stored as StoredFloat, `, ${JSON.stringify(key)}`)
  const find = nameTable(dtype as Readonly<Record<string, StoredFloat>>)
  return (name) => find(name)?.value
}

/** A tensor, whose elements are not asked for before it is written. */
const isPending = (source: Tensor | SafetensorsEntry): source is Tensor => typeof source.data === 'function'

async function* chunksOf(
  shard: readonly Planned[],
  metadata: Readonly<Record<string, string>>,
): AsyncGenerator<Uint8Array> {
  const { header, order } = safetensorsLayout(shard, metadata)
  yield header
  for (const { source, dtype, stored } of order) {
    const data = isPending(source) ? await source.data() : source.data
    yield await paced(writeWork(data, dtype, stored))
  }
}

/** Tensors in their order, as many in each file as it may have. */
export function shardsOf<T extends { readonly stored: StoredDType; readonly shape: Shape }>(
  tensors: readonly T[],
  maxBytes: number,
): readonly (readonly T[])[] {
  const shards: T[][] = [[]]
  let filled = 0
  for (const tensor of tensors) {
    const bytes = storedBytes(tensor.stored, tensor.shape)
    if (filled > 0 && filled + bytes > maxBytes) {
      shards.push([])
      filled = 0
    }
    shards.at(-1)?.push(tensor)
    filled += bytes
  }
  return shards
}

const extension = /\.safetensors$/
const fiveDigits = (count: number): string => String(count).padStart(5, '0')
const shardName = (name: string, number: number, count: number): string =>
  `${name.replace(extension, '')}-${fiveDigits(number)}-of-${fiveDigits(count)}.safetensors`

function checkMetadata(metadata: unknown): asserts metadata is Record<string, string> {
  if (isRecord(metadata) && Object.values(metadata).every((value) => typeof value === 'string')) return
  throw new ArgumentError({
    where: 'writeSafetensors: metadata',
    expected: 'an object of strings',
    received: JSON.stringify(metadata) ?? String(metadata),
    fix: 'Write other values as JSON: { step: JSON.stringify(1000) }.',
  })
}
