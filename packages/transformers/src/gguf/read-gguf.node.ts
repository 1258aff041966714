import { open } from 'node:fs/promises'
import { FormatError, nearestName } from 'typegrad/core'
import { cutFile } from '../base/cut-file.ts'
import { type BlockFormat, blockFormats, isKept, type KeptBlocks, keptBlocks, readBlocks } from './blocks.ts'

/** What a file says of a tensor. */
export interface GgufTensor {
  /** Row-major, as everywhere in typegrad; llama.cpp counts from the last axis. */
  readonly shape: readonly number[]
  /** How its numbers are kept, such as `Q4_K`. */
  readonly format: string
}

interface Place extends GgufTensor {
  readonly begin: number
  readonly end: number
}

/** A file of llama.cpp: what it says, and its tensors, which are read when they are asked for. */
export class GgufFile {
  readonly path: string
  /** `general.architecture`, `llama.block_count`, … */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly tensors: ReadonlyMap<string, GgufTensor>
  readonly #places: ReadonlyMap<string, Place>

  constructor(path: string, metadata: Readonly<Record<string, unknown>>, places: ReadonlyMap<string, Place>) {
    this.path = path
    this.metadata = metadata
    this.tensors = places
    this.#places = places
  }

  /**
   * A tensor's numbers in row-major order.
   *
   * @throws FormatError for a name that the file does not have, a format that is not read, and a file that was cut.
   */
  async read(name: string): Promise<Float32Array> {
    const { format, bytes } = await this.#bytes(name)
    return readBlocks(format, bytes)
  }

  /** A tensor's blocks as products read them (Q4_0, Q8_0); undefined for other formats. @throws as `read`. */
  async kept(name: string): Promise<KeptBlocks | undefined> {
    const place = this.#places.get(name)
    if (place !== undefined && !isKept(place.format)) return undefined
    const { format, bytes } = await this.#bytes(name)
    return keptBlocks(format, bytes)
  }

  async #bytes(name: string): Promise<{ readonly format: BlockFormat; readonly bytes: Uint8Array }> {
    const place = this.#places.get(name)
    if (place === undefined) {
      const near = nearestName(name, this.#places.keys())
      throw new FormatError({
        where: this.path,
        expected: `a tensor '${name}'`,
        received: `${this.#places.size} others`,
        ...(near === undefined ? {} : { fix: `The nearest is '${near}'.` }),
      })
    }
    const format = blockFormats[place.format]
    if (format === undefined) throw unread(this.path, [[name, place]])
    const bytes = new Uint8Array(place.end - place.begin)
    const file = await open(this.path)
    try {
      const { bytesRead } = await file.read(bytes, 0, bytes.length, place.begin)
      if (bytesRead === bytes.length) return { format, bytes }
      throw cutFile(this.path, `${bytesRead} of ${bytes.length} bytes of '${name}'`)
    } finally {
      await file.close()
    }
  }

  /** @throws FormatError naming all tensors of formats that are not read. */
  checkFormats(): void {
    const odd = [...this.#places].filter(([, { format }]) => blockFormats[format] === undefined)
    if (odd.length > 0) throw unread(this.path, odd)
  }
}

const unread = (path: string, tensors: readonly (readonly [string, GgufTensor])[]): FormatError =>
  new FormatError({
    where: path,
    expected: `tensors of ${Object.keys(blockFormats).join(', ')}`,
    received: tensors.map(([name, { format }]) => `'${name}' of ${format}`).join(', '),
    fix: 'Convert it by llama.cpp: llama-quantize --allow-requantize in.gguf out.gguf Q8_0.',
  })

/**
 * Opens a file of llama.cpp (GGUF); its header is read and checked, tensors when they are asked for.
 *
 * @throws FormatError for a file that is missing, none of the format, damaged or cut.
 * @example
 * const file = await readGguf('models/smollm2-135m-q8_0.gguf')
 * for (const [name, { shape, format }] of file.tensors) console.log(name, shape, format)
 */
export async function readGguf(path: string): Promise<GgufFile> {
  const size = await sizeOf(path)
  // The parser of Hugging Face, which has bounds for all that a file may say of itself.
  const { gguf, GGMLQuantizationType } = await import('@huggingface/gguf')
  let header: Awaited<ReturnType<typeof gguf>>
  try {
    header = await gguf(path, { allowLocalFile: true })
  } catch (cause) {
    const { message } = cause as Error
    throw new FormatError({ where: path, expected: 'a GGUF file', received: message }, { cause })
  }
  const { metadata, tensorInfos, tensorDataOffset } = header
  const places = new Map<string, Place>()
  for (const { name, shape, dtype, offset } of tensorInfos) {
    const format = GGMLQuantizationType[dtype] ?? `format ${dtype}`
    const sizes = [...shape].reverse().map(Number)
    const begin = Number(tensorDataOffset + offset)
    const bytes = bytesOf(path, name, sizes, blockFormats[format])
    if (begin + bytes > size) throw cutFile(path, `${size} bytes, and '${name}' ends at ${begin + bytes}`)
    if (places.has(name))
      throw new FormatError({ where: path, expected: 'each tensor once', received: `two of '${name}'` })
    places.set(name, { shape: sizes, format, begin, end: begin + bytes })
  }
  // What is missing at its end the parser may take for zeros.
  if (places.size === 0 || Number(tensorDataOffset) > size)
    throw cutFile(path, `${size} bytes without a tensor`)
  return new GgufFile(path, { ...metadata }, places)
}

async function sizeOf(path: string): Promise<number> {
  try {
    const file = await open(path)
    try {
      return (await file.stat()).size
    } finally {
      await file.close()
    }
  } catch (cause) {
    throw new FormatError({ where: path, expected: 'a file', received: 'none' }, { cause })
  }
}

/** Bytes of a tensor; none for formats that are not read. */
function bytesOf(
  path: string,
  name: string,
  shape: readonly number[],
  format: BlockFormat | undefined,
): number {
  if (format === undefined) return 0
  const columns = shape.at(-1) ?? 1
  if (columns % format.numbers !== 0) {
    throw new FormatError({
      where: `${path}: '${name}'`,
      expected: `rows of whole blocks of ${format.numbers} for ${format.name}`,
      received: `rows of ${columns}`,
    })
  }
  return (shape.reduce((a, b) => a * b, 1) / format.numbers) * format.bytes
}
