import { type TextAttribute, textAttributes } from './attributes.ts'
import { Hdf5Bytes } from './bytes.ts'
import { checkElements, checksumKey } from './checksum.ts'
import { type Dataset, datasetOf } from './dataset.ts'
import { membersOf } from './group.ts'
import { readObjectHeader } from './object-header.ts'
import { readSuperblock } from './superblock.ts'

/** A file's content: arrays and the text attributes of groups and arrays, by path without a leading slash. */
export interface Content {
  readonly datasets: ReadonlyMap<string, Dataset>
  readonly attributes: ReadonlyMap<string, Readonly<Record<string, TextAttribute>>>
}

/** Groups within others. */
const maxLevels = 64

/**
 * What is in an HDF5 file. Of arrays it is read where they are and what they are, not yet their elements.
 *
 * @throws FormatError for what is no HDF5 file, is damaged or cut off, or needs what is not read here.
 */
export function contentOf(bytes: Uint8Array, where: string): Content {
  const file = new Hdf5Bytes(bytes, where)
  const datasets = new Map<string, Dataset>()
  const attributes = new Map<string, Record<string, TextAttribute>>()
  const visit = (address: number, path: string, level: number): void => {
    if (level > maxLevels) throw file.unsupported(`groups within ${maxLevels} others`, path.slice(0, 200))
    // A path is as long as all names on it: paths of many members are paid for too.
    file.spend(path.length)
    const header = readObjectHeader(file, address)
    const members = membersOf(file, header)
    if (members === undefined) {
      const own = textAttributes(file, header)
      const dataset = datasetOf(file, header, own.dtype === 'bfloat16')
      if (dataset === undefined)
        throw file.unsupported('groups and arrays', `'${path.slice(0, 200)}', which is neither`)
      if (Object.keys(own).length > 0) attributes.set(path, own)
      datasets.set(path, verified(dataset, own[checksumKey], `${where}: '${path.slice(0, 200)}'`))
      return
    }
    attributes.set(path, textAttributes(file, header))
    for (const [name, child] of members) {
      const inner = path === '' ? name : `${path}/${name}`
      if (child === undefined)
        throw file.unsupported('a group or an array', `'${inner.slice(0, 200)}', a link to another place`)
      visit(child, inner, level + 1)
    }
  }
  visit(readSuperblock(file), '', 0)
  refuseOverlaps(file, datasets)
  return { datasets, attributes }
}

/** An array whose elements are checked when they are read, if the file has a checksum of them. */
function verified(dataset: Dataset, checksum: TextAttribute | undefined, where: string): Dataset {
  if (typeof checksum !== 'string') return dataset
  return {
    ...dataset,
    read: () => {
      const data = dataset.read()
      checkElements(data, checksum, where)
      return data
    },
  }
}

/** Arrays that share their bytes: each would be read by itself, and take memory that the file does not have. */
function refuseOverlaps(file: Hdf5Bytes, datasets: ReadonlyMap<string, Dataset>): void {
  const extents = [...datasets]
    .flatMap(([path, { extent }]) =>
      extent === undefined ? [] : [{ path, start: extent[0], end: extent[1] }],
    )
    .sort((a, b) => a.start - b.start)
  for (const [i, { path, start }] of extents.entries()) {
    const before = extents[i - 1]
    if (before !== undefined && before.end > start)
      throw file.damaged(
        'arrays beside each other',
        `'${path.slice(0, 200)}', which overlaps '${before.path.slice(0, 200)}'`,
      )
  }
}
