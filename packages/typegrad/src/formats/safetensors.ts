/**
 * The safetensors format of Hugging Face (https://huggingface.co/docs/safetensors): named tensors and nothing
 * that runs.
 *
 * ```
 * 8 bytes      N, the length of the header: unsigned, little-endian
 * N bytes      the header: JSON, { name: { dtype, shape, data_offsets: [begin, end] }, __metadata__ }
 * the rest     the tensors' elements, row-major and little-endian, without holes
 * ```
 *
 * Elements are read and written as the machine holds them: every machine that runs JavaScript is little-endian.
 */
import { type DType, dtypeOf, type TypedArray } from '../base/dtype.ts'
import { ArgumentError, FormatError } from '../base/errors.ts'
import { parseJson } from '../base/json.ts'
import { formatShape, type Shape, sizeOf } from '../base/shape.ts'
import {
  readDType,
  readWork,
  type StoredDType,
  type StoredFloat,
  storedAs,
  storedDTypes,
  storedSize,
  writeWork,
} from '../base/stored-dtype.ts'
import { complete } from '../base/work.ts'

export interface SafetensorsEntry {
  readonly dtype: DType
  readonly shape: Shape
  readonly data: TypedArray
}

export interface NamedSafetensorsEntry extends SafetensorsEntry {
  readonly name: string
  /** What floating-point elements are stored as. Default: their own dtype. Those of other dtypes have no choice. */
  readonly stored?: StoredFloat | undefined
}

export interface DecodedSafetensorsEntry extends SafetensorsEntry {
  /** How the file has the elements: bfloat16, float8 and small integers are read as float32 and int32. */
  readonly stored: StoredDType
}

export interface Safetensors {
  /** In the order of the file. */
  readonly tensors: Map<string, DecodedSafetensorsEntry>
  readonly metadata: Readonly<Record<string, string>>
}

const codes = {
  float32: 'F32',
  float64: 'F64',
  float16: 'F16',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  bool: 'BOOL',
  uint32: 'U32',
  bfloat16: 'BF16',
  float8e4m3: 'F8_E4M3',
  float8e5m2: 'F8_E5M2',
  int8: 'I8',
  int16: 'I16',
  uint16: 'U16',
} as const satisfies Record<StoredDType, string>

const storedOfCode = new Map<string, StoredDType>(storedDTypes.map((stored) => [codes[stored], stored]))

const metadataKey = '__metadata__'
/** Of the header's length, at the beginning of a file. */
export const lengthBytes = 8
/** The limit of the reference implementation. */
const longestHeader = 100_000_000

/**
 * A safetensors file as chunks, to be written one after the other: the header, then each tensor's own memory,
 * so that a large model needs no second copy.
 *
 * Wider elements come first and otherwise the order is kept, so that every tensor is aligned and can be read
 * without a copy.
 *
 * @throws ArgumentError for a name that occurs twice or is reserved, and for data that does not fit its shape
 * and dtype.
 * @example
 * const chunks = encodeSafetensors([{ name: 'kernel', dtype: 'float32', shape: [2], data: new Float32Array(2) }])
 */
export function encodeSafetensors(
  tensors: Iterable<NamedSafetensorsEntry>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const names = new Set<string>()
  const entries = [...tensors].map((entry) => {
    checkEntry('encodeSafetensors', names, entry.name, entry)
    names.add(entry.name)
    return { ...entry, stored: storedAs(entry.dtype, entry.stored) }
  })
  const { header, order } = safetensorsLayout(entries, metadata)
  return [header, ...order.map(({ data, dtype, stored }) => complete(writeWork(data, dtype, stored)))]
}

/** What a header says of a tensor. */
export interface StoredSpec {
  readonly name: string
  readonly stored: StoredDType
  readonly shape: Shape
}

/** The header of a file of these tensors, and the order in which their elements follow: wider ones first. */
export function safetensorsLayout<T extends StoredSpec>(
  tensors: readonly T[],
  metadata: Readonly<Record<string, string>>,
): { readonly header: Uint8Array; readonly order: readonly T[] } {
  const order = [...tensors].sort((a, b) => storedSize(b.stored) - storedSize(a.stored))
  const entries: string[] = []
  if (Object.keys(metadata).length > 0) entries.push(`"${metadataKey}":${JSON.stringify(metadata)}`)
  let offset = 0
  for (const { name, stored, shape } of order) {
    const end = offset + storedBytes(stored, shape)
    const description = { dtype: codes[stored], shape, data_offsets: [offset, end] }
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(description)}`)
    offset = end
  }
  return { header: encodeHeader(`{${entries.join(',')}}`), order }
}

/** Bytes that a tensor's elements take in a file. */
export const storedBytes = (stored: StoredDType, shape: Shape): number => storedSize(stored) * sizeOf(shape)

/** The length and the header, padded with spaces so that the data begins at a multiple of 8. */
function encodeHeader(json: string): Uint8Array {
  const text = new TextEncoder().encode(json)
  const length = Math.ceil(text.length / 8) * 8
  const header = new Uint8Array(lengthBytes + length).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(text, lengthBytes)
  return header
}

/**
 * Refuses a name that is taken, and data that does not fit its shape and dtype.
 *
 * @param entry undefined for a tensor, which fits.
 */
export function checkEntry(
  caller: string,
  taken: ReadonlySet<string>,
  name: string,
  entry: SafetensorsEntry | undefined,
): void {
  const where = `${caller}, tensor ${JSON.stringify(name)}`
  if (name === metadataKey || taken.has(name)) {
    throw new ArgumentError({
      where,
      expected: 'a name that no other tensor has and that is not reserved',
      received: name === metadataKey ? 'the reserved name' : 'the name a second time',
    })
  }
  if (entry === undefined) return
  const { dtype, shape, data } = entry
  if (!fits(data, dtype)) {
    throw new ArgumentError({
      where,
      expected: `data of dtype ${dtype} in its typed array`,
      received: `a ${data.constructor.name}`,
    })
  }
  if (data.length !== sizeOf(shape)) {
    throw new ArgumentError({
      where,
      expected: `${sizeOf(shape)} elements for shape ${formatShape(shape)}`,
      received: String(data.length),
    })
  }
}

function fits(data: TypedArray, dtype: DType): boolean {
  if (dtype === 'float16' || dtype === 'bfloat16') return data instanceof Uint16Array
  return dtypeOf(data) === (dtype === 'bool' ? 'uint8' : dtype)
}

/**
 * The tensors of a safetensors file. Their data are views of `bytes` wherever the memory is aligned for the
 * element type, and copies elsewhere.
 *
 * Nothing in the file is believed before it is checked: the header's length, each entry's types, dtype, shape
 * and offsets, and that the tensors fill the data without a hole, an overlap or a byte that is left over.
 *
 * @param file What errors call the file.
 * @throws FormatError for whatever is wrong with the file.
 */
export function decodeSafetensors(bytes: Uint8Array, file = 'safetensors file'): Safetensors {
  const { entries, metadata } = headerOf(bytes, file)
  const tensors = new Map<string, DecodedSafetensorsEntry>()
  for (const { name, dtype, stored, shape, begin, end } of entries) {
    tensors.set(name, { dtype, stored, shape, data: complete(readWork(bytes.subarray(begin, end), stored)) })
  }
  return { tensors, metadata }
}

/** The bytes of each tensor as they stand in the file, whatever its elements are read as. */
export const storedTensors = (bytes: Uint8Array, file: string): ReadonlyMap<string, Uint8Array> =>
  new Map(headerOf(bytes, file).entries.map(({ name, begin, end }) => [name, bytes.subarray(begin, end)]))

const headerOf = (bytes: Uint8Array, file: string) =>
  parseSafetensorsHeader(
    bytes.subarray(lengthBytes, safetensorsDataStart(bytes, bytes.length, file)),
    bytes.length,
    file,
  )

/**
 * The content of a header, checked as {@link decodeSafetensors} says.
 *
 * @param header its JSON, without the length.
 * @param size of the whole file.
 */
export function parseSafetensorsHeader(
  header: Uint8Array,
  size: number,
  file: string,
): { readonly entries: readonly PlacedEntry[]; readonly metadata: Readonly<Record<string, string>> } {
  const { [metadataKey]: rawMetadata, ...rest } = parseHeader(header, `${file}, header`)
  const dataStart = lengthBytes + header.length
  const placed = Object.entries(rest)
    .map(([name, raw]) => readEntry(name, raw, `${file}, tensor ${JSON.stringify(name)}`))
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkCoverage(placed, size - dataStart, file)
  const entries = placed.map((entry) => ({
    ...entry,
    begin: dataStart + entry.begin,
    end: dataStart + entry.end,
  }))
  return { entries, metadata: readMetadata(rawMetadata, `${file}, ${metadataKey}`) }
}

type Json = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A size or an offset. */
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** A value as an error shows it. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/**
 * Where the header ends, as a file's first bytes say.
 *
 * @param start the file's first 8 bytes or more.
 * @param size of the whole file.
 * @throws FormatError for a header that cannot be.
 */
export function safetensorsDataStart(start: Uint8Array, size: number, file: string): number {
  const where = `${file}, header`
  if (size < lengthBytes) {
    throw new FormatError({
      where,
      expected: `the ${lengthBytes} bytes of its length`,
      received: `a file of ${size} bytes`,
      fix: 'The file is truncated: fetch or save it again.',
    })
  }
  const length = new DataView(start.buffer, start.byteOffset, lengthBytes).getBigUint64(0, true)
  if (length > longestHeader) {
    throw new FormatError({
      where,
      expected: `a length of at most ${longestHeader} bytes`,
      received: `a length of ${length}`,
      fix: 'This is not a safetensors file, or its first bytes are damaged.',
    })
  }
  const dataStart = lengthBytes + Number(length)
  if (dataStart > size) {
    throw new FormatError({
      where,
      expected: `${length} bytes, as the file's first ${lengthBytes} bytes say`,
      received: `${size - lengthBytes}`,
      fix: 'The file is truncated: fetch or save it again.',
    })
  }
  return dataStart
}

function parseHeader(bytes: Uint8Array, where: string): Json {
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = parseJson(text)
  } catch (cause) {
    throw new FormatError(
      { where, expected: 'JSON in UTF-8', received: `something else (${(cause as Error).message})` },
      { cause },
    )
  }
  if (!isObject(header) || bytes[0] !== 0x7b) {
    throw new FormatError({ where, expected: 'a JSON object that begins with "{"', received: show(header) })
  }
  const duplicate = duplicateKey(text)
  if (duplicate !== undefined) {
    throw new FormatError({
      where,
      expected: 'each name once',
      received: `${JSON.stringify(duplicate)} a second time`,
    })
  }
  return header
}

/** The first key that an object within valid JSON has twice: JSON.parse would silently keep the last. */
function duplicateKey(json: string): string | undefined {
  const open: Set<string>[] = []
  for (let i = 0; i < json.length; i++) {
    const character = json[i]
    if (character === '{') open.push(new Set())
    else if (character === '}') open.pop()
    else if (character === '"') {
      const begin = i++
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1
      const end = i + 1
      while (isBlank(json.charCodeAt(i + 1))) i++
      if (json[i + 1] !== ':') continue
      const key = JSON.parse(json.slice(begin, end)) as string
      const keys = open.at(-1)
      if (keys?.has(key)) return key
      keys?.add(key)
    }
  }
  return undefined
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09

/** A tensor in a file: its elements are the bytes from `begin` to `end`. */
export interface PlacedEntry extends StoredSpec {
  /** Of the tensor that is read. */
  readonly dtype: DType
  readonly begin: number
  readonly end: number
}

function readEntry(name: string, raw: unknown, where: string): PlacedEntry {
  if (!isObject(raw)) {
    throw new FormatError({
      where,
      expected: 'an object { dtype, shape, data_offsets }',
      received: show(raw),
    })
  }
  const stored = typeof raw.dtype === 'string' ? storedOfCode.get(raw.dtype) : undefined
  if (stored === undefined) {
    throw new FormatError({
      where: `${where}, dtype`,
      expected: `one of ${[...storedOfCode.keys()].join(', ')}`,
      received: show(raw.dtype),
      fix: 'typegrad has no other element types: convert the tensor where the file is made.',
    })
  }
  const shape: unknown = raw.shape
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    throw new FormatError({
      where: `${where}, shape`,
      expected: 'a list of whole numbers that are not negative',
      received: show(shape),
    })
  }
  const offsets: unknown = raw.data_offsets
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    throw new FormatError({
      where: `${where}, data_offsets`,
      expected: 'two whole numbers that are not negative, begin and end',
      received: show(offsets),
    })
  }
  const [begin, end] = offsets as [number, number]
  const bytes = storedBytes(stored, shape)
  if (end - begin !== bytes) {
    throw new FormatError({
      where: `${where}, data_offsets`,
      expected: `${bytes} bytes for ${stored} of shape ${show(shape)}`,
      received: `${end - begin} (from ${begin} to ${end})`,
    })
  }
  return { name, dtype: readDType(stored), stored, shape, begin, end }
}

/** That the tensors, in the order of their offsets, fill the data exactly. */
function checkCoverage(placed: readonly PlacedEntry[], dataLength: number, file: string): void {
  let offset = 0
  let before = 'the header'
  for (const { name, begin, end } of placed) {
    const where = `${file}, tensor ${JSON.stringify(name)}, data_offsets`
    if (end > dataLength) {
      throw new FormatError({
        where,
        expected: `offsets within the ${dataLength} bytes of data that the file has`,
        received: `[${begin}, ${end}]`,
        fix: 'The file is truncated, or its header does not belong to it: fetch or save it again.',
      })
    }
    if (begin !== offset) {
      throw new FormatError({
        where,
        expected: `data that begins at ${offset}, where ${before} ends`,
        received: `${begin}, ${begin < offset ? 'an overlap' : 'which leaves a hole'}`,
      })
    }
    offset = end
    before = `tensor ${JSON.stringify(name)}`
  }
  if (offset !== dataLength) {
    throw new FormatError({
      where: `${file}, data`,
      expected: `${offset} bytes, where ${before} ends`,
      received: `${dataLength}: ${dataLength - offset} bytes that belong to no tensor`,
    })
  }
}

function readMetadata(raw: unknown, where: string): Record<string, string> {
  if (raw === undefined) return {}
  if (!isObject(raw)) {
    throw new FormatError({ where, expected: 'an object of strings', received: show(raw) })
  }
  return Object.fromEntries(
    Object.entries(raw).map(([key, value]) => {
      if (typeof value === 'string') return [key, value]
      throw new FormatError({ where, expected: `a string for ${show(key)}`, received: show(value) })
    }),
  )
}
