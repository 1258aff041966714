/**
 * `ctranslate2/`: Whisper as CTranslate2 keeps it. It knows `checkpoint/`, `tokenizers/`, `processors/` and typegrad's doors.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { FormatError } from 'typegrad/core'
import { widen } from 'typegrad/formats'
import { cutFile } from '../base/cut-file.ts'

/** A kind of number, as float32 has it. */
interface NumberKind {
  readonly name: string
  readonly bytes: number
  /** @param from from the beginning of a buffer on. */
  read(from: ArrayBuffer): Float32Array
}

const narrow = (name: 'float16' | 'bfloat16'): NumberKind => ({
  name,
  bytes: 2,
  read(from) {
    const into = new Float32Array(from.byteLength / 2)
    widen(name, new Uint16Array(from), into)
    return into
  },
})

/** By their places in CTranslate2's `DataType`. Files are little-endian, as all machines are that run this. */
const kinds: readonly NumberKind[] = [
  { name: 'float32', bytes: 4, read: (from) => new Float32Array(from) },
  { name: 'int8', bytes: 1, read: (from) => Float32Array.from(new Int8Array(from)) },
  { name: 'int16', bytes: 2, read: (from) => Float32Array.from(new Int16Array(from)) },
  { name: 'int32', bytes: 4, read: (from) => Float32Array.from(new Int32Array(from)) },
  narrow('float16'),
  narrow('bfloat16'),
]

interface Place {
  readonly shape: readonly number[]
  readonly kind: NumberKind
  readonly begin: number
  readonly bytes: number
}

/** The oldest and the newest form of file that is read: revisions between them add names of the same kind. */
const versions = { oldest: 4, newest: 6 } as const

/** What a name or a header may be long at most. */
const longestHeader = 1024

/**
 * A `model.bin` of CTranslate2: a list of named tensors, one behind the other (`ModelSpec.save` of its Python package). Their
 * headers are read when it is opened, their numbers when they are asked for.
 */
export class CTranslate2File {
  readonly path: string
  /** What its tensors are of, such as `WhisperSpec`. */
  readonly spec: string
  readonly #places: ReadonlyMap<string, Place>

  private constructor(path: string, spec: string, places: ReadonlyMap<string, Place>) {
    this.path = path
    this.spec = spec
    this.#places = places
  }

  /** @throws FormatError for a file that is missing, none of the format, damaged or cut. */
  static async open(path: string): Promise<CTranslate2File> {
    const file = await opened(path)
    try {
      const { spec, places } = await headers(new Headers(path, file, (await file.stat()).size))
      return new CTranslate2File(path, spec, places)
    } finally {
      await file.close()
    }
  }

  get names(): readonly string[] {
    return [...this.#places.keys()]
  }

  /** @throws FormatError for a name that the file does not have. */
  shape(name: string): readonly number[] {
    return this.#place(name).shape
  }

  /**
   * A tensor's numbers in row-major order; those of few bits over the scale of their row, or of the whole.
   *
   * @throws FormatError for a name that the file does not have, and a file that was cut meanwhile.
   */
  async read(name: string): Promise<Float32Array> {
    const numbers = await this.#numbers(name)
    const scaleName = `${name}_scale`
    if (!this.#places.has(scaleName)) return numbers
    const scales = await this.#numbers(scaleName)
    const size = numbers.length / scales.length
    return numbers.map((value, i) => value / (scales[Math.floor(i / size)] as number))
  }

  async #numbers(name: string): Promise<Float32Array> {
    const { begin, bytes, kind } = this.#place(name)
    const data = new Uint8Array(bytes)
    const file = await opened(this.path)
    try {
      const { bytesRead } = await file.read(data, 0, bytes, begin)
      if (bytesRead < bytes) throw cutFile(this.path, `${bytesRead} of ${bytes} bytes of '${name}'`)
    } finally {
      await file.close()
    }
    return kind.read(data.buffer)
  }

  #place(name: string): Place {
    const place = this.#places.get(name)
    if (place !== undefined) return place
    throw new FormatError({
      where: this.path,
      expected: `a tensor '${name}'`,
      received: `${this.#places.size} others`,
    })
  }
}

/** Reads what stands in front of each tensor, a piece of the file at a time. */
class Headers {
  readonly path: string
  readonly size: number
  at = 0
  readonly #file: FileHandle
  #window = new DataView(new ArrayBuffer(0))
  #windowBegin = 0

  constructor(path: string, file: FileHandle, size: number) {
    this.path = path
    this.size = size
    this.#file = file
  }

  async uint(bytes: 1 | 2 | 4): Promise<number> {
    const [view, at] = await this.#take(bytes)
    if (bytes === 1) return view.getUint8(at)
    return bytes === 2 ? view.getUint16(at, true) : view.getUint32(at, true)
  }

  /** Its length with a zero behind it, and its letters. */
  async text(): Promise<string> {
    const length = await this.uint(2)
    if (length === 0 || length > longestHeader) throw damaged(this.path, `a name of ${length} letters`)
    const [view, at] = await this.#take(length)
    return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length - 1))
  }

  /** Passes a tensor's numbers. */
  skip(bytes: number): number {
    const begin = this.at
    this.at += bytes
    if (this.at > this.size) throw cutFile(this.path, `${this.size} bytes, and a tensor ends at ${this.at}`)
    return begin
  }

  async #take(bytes: number): Promise<readonly [DataView, number]> {
    const end = this.at + bytes
    if (end > this.size) throw cutFile(this.path, `${this.size} bytes, and a header ends at ${end}`)
    if (this.at < this.#windowBegin || end > this.#windowBegin + this.#window.byteLength) {
      const data = new Uint8Array(Math.min(2 * longestHeader, this.size - this.at))
      const { bytesRead } = await this.#file.read(data, 0, data.length, this.at)
      if (bytesRead < data.length) throw cutFile(this.path, `${this.at + bytesRead} bytes`)
      this.#window = new DataView(data.buffer)
      this.#windowBegin = this.at
    }
    const at = this.at - this.#windowBegin
    this.at = end
    return [this.#window, at]
  }
}

async function headers(read: Headers) {
  const { path } = read
  const version = await read.uint(4)
  if (version < versions.oldest || version > versions.newest) {
    throw new FormatError({
      where: path,
      expected: `a model of CTranslate2, version ${versions.oldest} to ${versions.newest}`,
      received: `version ${version}`,
    })
  }
  const spec = await read.text()
  await read.uint(4) // The revision of the list of names.
  const count = await read.uint(4)
  const places = new Map<string, Place>()
  for (let i = 0; i < count; i++) {
    const name = await read.text()
    const rank = await read.uint(1)
    const shape: number[] = []
    for (let axis = 0; axis < rank; axis++) shape.push(await read.uint(4))
    const number = await read.uint(1)
    const kind = kinds[number]
    if (kind === undefined) throw damaged(path, `'${name}' of numbers of kind ${number}`)
    const bytes = await read.uint(4)
    const expected = shape.reduce((a, b) => a * b, 1) * kind.bytes
    if (bytes !== expected)
      throw damaged(path, `'${name}' ${kind.name} [${shape.join(', ')}] of ${bytes} bytes, not ${expected}`)
    if (places.has(name)) throw damaged(path, `two of '${name}'`)
    places.set(name, { shape, kind, begin: read.skip(bytes), bytes })
  }
  const aliases = await read.uint(4)
  for (let i = 0; i < aliases; i++) {
    const [alias, name] = [await read.text(), await read.text()]
    const place = places.get(name)
    if (place === undefined) throw damaged(path, `'${alias}' for '${name}', which it does not have`)
    places.set(alias, place)
  }
  return { spec, places }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path)
  } catch (cause) {
    throw new FormatError({ where: path, expected: 'a file', received: 'none' }, { cause })
  }
}

const damaged = (path: string, received: string): FormatError =>
  new FormatError({ where: path, expected: 'a model of CTranslate2', received, fix: 'Fetch it again.' })
