import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { FormatError } from '../base/errors.ts'

/**
 * What `read` makes of the bytes of a model.
 *
 * @throws FormatError for bytes that are damaged, with where it was noticed.
 */
export function decode<T>(where: string, bytes: Uint8Array, read: (message: MessageReader) => T): T {
  const message = new MessageReader(bytes)
  try {
    return read(message)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FormatError(
      `${where}: these ${bytes.length} bytes are not a whole ONNX model that typegrad can read ` +
        `(near byte ${message.position}: ${reason}).`,
      { cause },
    )
  }
}

/** What went wrong inside a message; {@link decode} adds where. */
export class Malformed extends Error {}

export const missing = (what: string) => new Malformed(`${what} is missing`)

/** Reads one field after another and never past the end of the message that it is in. */
export class MessageReader {
  readonly #reader: BinaryReader
  #wire: WireType = WireType.LengthDelimited
  #end: number

  constructor(bytes: Uint8Array) {
    this.#reader = new BinaryReader(bytes)
    this.#end = bytes.length
  }

  get position(): number {
    return this.#reader.pos
  }

  /** Calls `read` with each field's number, at its value; a field that `read` declines is skipped. */
  each(read: (field: number) => boolean): void {
    while (this.#reader.pos < this.#end) {
      const [field, wire] = this.#reader.tag()
      this.#wire = wire
      if (!read(field)) this.#reader.skip(wire, field)
      if (this.#reader.pos > this.#end) throw new Malformed('a field goes past the end of its message')
    }
  }

  /** The message that is the current field's value. */
  nested(read: (field: number) => boolean): void {
    const outer = this.#end
    this.#end = this.#valueEnd()
    this.each(read)
    this.#end = outer
  }

  string(): string {
    this.#checkLength()
    return this.#reader.string()
  }

  bytes(): Uint8Array {
    this.#checkLength()
    return this.#reader.bytes()
  }

  int(): number {
    this.#expect(WireType.Varint)
    return Number(this.#reader.int64())
  }

  float(): number {
    this.#expect(WireType.Bit32)
    return this.#reader.float()
  }

  ints(into: number[]): void {
    this.#repeated(WireType.Varint, () => into.push(Number(this.#reader.int64())))
  }

  bigints(into: bigint[]): void {
    this.#repeated(WireType.Varint, () => into.push(BigInt(this.#reader.int64())))
  }

  floats(into: number[]): void {
    this.#repeated(WireType.Bit32, () => into.push(this.#reader.float()))
  }

  doubles(into: number[]): void {
    this.#repeated(WireType.Bit64, () => into.push(this.#reader.double()))
  }

  /** Repeated numbers come packed into one field or as one field each; readers must take both. */
  #repeated(wire: WireType, readOne: () => void): void {
    if (this.#wire === wire) {
      readOne()
      return
    }
    const end = this.#valueEnd()
    while (this.#reader.pos < end) readOne()
    if (this.#reader.pos !== end) throw new Malformed('packed numbers go past their end')
  }

  /** Reads ahead: BinaryReader itself knows the end of the bytes but not of the message around. */
  #checkLength(): void {
    const start = this.#reader.pos
    this.#valueEnd()
    this.#reader.pos = start
  }

  #valueEnd(): number {
    this.#expect(WireType.LengthDelimited)
    const length = this.#reader.uint32()
    const end = this.#reader.pos + length
    if (end > this.#end)
      throw new Malformed(`${length} bytes were announced, ${this.#end - this.position} are left`)
    return end
  }

  #expect(wire: WireType): void {
    if (this.#wire !== wire) throw new Malformed(`wire type ${this.#wire} where ${wire} belongs`)
  }
}
