import { FormatError } from 'typegrad/core'
import { packSaved, unpackSaved } from './container.ts'
import { readPart, type Saved } from './saved.ts'

/** A kind of file that models are kept in. */
export interface ModelFormat {
  /** What the file calls itself. */
  readonly name: string
  /** What it is, in errors: `a model of a table, as TableModel.save keeps it`. */
  readonly what: string
  /** Of its form: it changes where older files can no longer be read. */
  readonly version: number
}

/** All that a model needs, as the bytes of a zip archive. */
export const modelBytes = (
  { name, version }: ModelFormat,
  parts: { readonly [part: string]: Saved },
): Uint8Array<ArrayBuffer> => packSaved({ format: name, version, ...parts })

/** What {@link modelBytes} was given. @throws FormatError for what is damaged, is another kind, or of a version that is not known. */
export function modelParts(bytes: Uint8Array, { name, what, version }: ModelFormat, where: string): unknown {
  const saved = unpackSaved(bytes, where)
  if (readPart(saved, 'format') !== name)
    throw new FormatError({ where, expected: what, received: 'something else' })
  const found = readPart(saved, 'version')
  if (found === version) return saved
  throw new FormatError({
    where,
    expected: `version ${version}`,
    received: String(found),
    fix:
      typeof found === 'number' && found < version
        ? 'An older release has made it: train the model again.'
        : 'A newer release of @typegrad/tabular may know it.',
  })
}
