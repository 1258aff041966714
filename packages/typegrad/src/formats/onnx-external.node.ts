import { realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { FormatError } from '../base/errors.ts'
import { openFile, readPart } from './files.node.ts'

/** A tensor that a file of ONNX keeps in another one. */
export interface ExternalPart {
  readonly name: string
  readonly location: string
  readonly offset: number
  /** Bytes. Default: to the file's end. */
  readonly length: number | undefined
}

/**
 * The bytes of tensors that a file of ONNX keeps in others, which have to stand in its folder or below, links followed: a model
 * from elsewhere may not read any other file of this machine.
 *
 * @throws FormatError naming all parts that lead out of the folder, are missing, or end beyond their files; then nothing is read.
 */
export async function readExternalParts(
  path: string,
  parts: readonly ExternalPart[],
): Promise<readonly Uint8Array[]> {
  const folder = dirname(resolve(path))
  const places = new Map<string, Place | string>()
  for (const { location } of parts)
    if (!places.has(location)) places.set(location, await placeOf(folder, location))
  const faults = parts.flatMap((part) => {
    const place = places.get(part.location) as Place | string
    if (typeof place === 'string') return [`'${part.name}' in '${part.location}', ${place}`]
    const end = part.offset + (part.length ?? 0)
    return end > place.size
      ? [`'${part.name}' in '${part.location}', which ends at byte ${place.size} and not ${end}`]
      : []
  })
  if (faults.length > 0) {
    throw new FormatError({
      where: path,
      expected: "tensors in files of the model's own folder",
      received: `${faults.slice(0, 5).join('; ')}${faults.length > 5 ? `; and ${faults.length - 5} more` : ''}`,
      fix: 'Put the files that belong to the model beside it.',
    })
  }
  const read = new Map<ExternalPart, Uint8Array>()
  for (const [location, place] of places) {
    const { path: from, size } = place as Place
    const file = await openFile(from)
    try {
      for (const part of parts)
        if (part.location === location)
          read.set(
            part,
            await readPart(
              from,
              file,
              part.offset,
              part.length === undefined ? size : part.offset + part.length,
            ),
          )
    } finally {
      await file.close()
    }
  }
  return parts.map((part) => read.get(part) as Uint8Array)
}

interface Place {
  readonly path: string
  readonly size: number
}

/** Where a location leads, or what is wrong with it. */
async function placeOf(folder: string, location: string): Promise<Place | string> {
  const isWithin = (inner: string, outer: string): boolean => {
    const way = relative(outer, inner)
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
  }
  const path = join(folder, location)
  if (isAbsolute(location) || !isWithin(path, folder)) return "which leads out of the model's folder"
  try {
    const real = await realpath(path)
    if (!isWithin(real, await realpath(folder))) return "a link that leads out of the model's folder"
    const found = await stat(real)
    return found.isFile() ? { path: real, size: found.size } : 'which is no file'
  } catch {
    return 'which is not there'
  }
}
