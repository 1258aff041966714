import { FormatError } from '../base/errors.ts'
import { crc32, hexadecimal } from './crc32.ts'

type Json = Readonly<Record<string, unknown>>

/** The key under which the checksum of all else stands. */
const key = 'crc32'

const checksumOf = (value: Json): string =>
  hexadecimal(crc32(new TextEncoder().encode(JSON.stringify(value))))

/** An object for a file in JSON, with a checksum of its content: spaces and line breaks do not count. */
export const sealed = (value: Json): Json => ({ ...value, [key]: checksumOf(value) })

/**
 * What {@link sealed} was given. An object without a checksum, from an older file or by hand, is taken as it is.
 *
 * @throws FormatError if the content is not what it was.
 */
export function unsealed(value: Record<string, unknown>, file: string): Record<string, unknown> {
  const { [key]: wanted, ...rest } = value
  if (wanted === undefined) return rest
  const found = checksumOf(rest)
  if (wanted === found) return rest
  throw new FormatError({
    where: file,
    expected: `the checksum ${JSON.stringify(wanted)}, as when it was saved`,
    received: `"${found}"`,
    fix: `The file is damaged: restore it from a copy. If you have edited it yourself, take "${key}" out of it.`,
  })
}
