import type { Tensor } from 'typegrad'
import { ArgumentError, checkOptions, DataError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { checkLabels, type FileDataset, fileDataset } from '../labelled/file-dataset.ts'
import type { LabelledFiles } from '../labelled/labelled-files.ts'
import { type LabelMode, labelModeCheck } from '../labelled/options.ts'
import { type PictureOptions, pictureChecks } from './picture-options.ts'
import { pictureKinds } from './picture-reader.ts'

export interface ImageDatasetOptions extends PictureOptions {
  /** Files of pictures: paths (in Node), or `File`s. */
  readonly paths: readonly (string | Blob)[]
  /** A class for each: its number, or its name. Default: none. */
  readonly labels?: readonly (number | string)[] | null
  /** Classes in the order of their numbers. Default names in their order; of numbers, all up to the highest. */
  readonly classNames?: readonly string[]
  /** How labels come. Default `'int'`. */
  readonly labelMode?: LabelMode | null
}

const datasetChecks = optionsOf<ImageDatasetOptions>()({
  paths: checks.needed(checks.list),
  labels: checks.orNull(checks.list),
  classNames: checks.list,
  labelMode: labelModeCheck,
  ...pictureChecks,
})

const where = 'imageDataset'

/** Class numbers, and the names that they stand for. */
function classesOf({ labels, classNames }: ImageDatasetOptions): {
  readonly labels: readonly number[] | null
  readonly classNames: readonly string[] | null
} {
  if (labels === undefined || labels === null) return { labels: null, classNames: null }
  const isNamed = labels.every((label) => typeof label === 'string')
  const highest = labels.reduce<number>((most, label) => Math.max(most, Number(label)), -1)
  const names =
    classNames ??
    (isNamed
      ? [...new Set(labels)].sort()
      : Array.from({ length: Number.isInteger(highest) ? highest + 1 : 0 }, (_, i) => `${i}`))
  const numbers = labels.map((label) =>
    typeof label === 'string' && isNamed ? names.indexOf(label) : Number(label),
  )
  const wrong = numbers.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= names.length)
  if (wrong !== -1)
    throw new ArgumentError({
      where: `${where}: labels[${wrong}]`,
      expected: isNamed
        ? `one of ${names.join(', ')}`
        : `a class: names alone, or whole numbers from 0 to ${names.length - 1} alone`,
      received: JSON.stringify(labels[wrong]),
    })
  return { labels: numbers, classNames: names }
}

/**
 * Pictures of a list, such as the columns of a table, as batches `[pictures, labels]`, or pictures alone where there are no
 * labels: float32 (batch, height, width, channels) from 0 to 255.
 *
 * @throws ArgumentError for labels that do not fit, DataError for an empty list; while reading FormatError, by the file's name,
 * for what is no picture or damaged (see `corrupt`).
 * @example
 * const rows = await table.toArray()
 * const paths = rows.map(({ file }) => file)
 * const pictures = await imageDataset({ paths, labels: rows.map(({ kind }) => kind), imageSize: 64 })
 */
export function imageDataset(
  options: ImageDatasetOptions & ({ readonly labels?: null } | { readonly labelMode: null }),
): Promise<FileDataset<Tensor>>
export function imageDataset(options: ImageDatasetOptions): Promise<FileDataset<[Tensor, Tensor]>>
export async function imageDataset(
  options: ImageDatasetOptions,
): Promise<FileDataset<Tensor | [Tensor, Tensor]>> {
  checkOptions(where, options, datasetChecks)
  const { paths, labelMode = 'int', shuffle = true } = options
  if (paths.length === 0)
    throw new DataError({ where: `${where}: paths`, expected: 'files of pictures', received: 'none' })
  const classes = classesOf(options)
  if (classes.labels !== null && classes.labels.length !== paths.length)
    throw new ArgumentError({
      where: `${where}: labels`,
      expected: `one for each of ${paths.length} files`,
      received: `${classes.labels.length}`,
    })
  const files: LabelledFiles['files'] = paths.map((file, i) =>
    typeof file === 'string'
      ? { path: file }
      : { path: (file as Blob & { readonly name?: string }).name ?? `paths[${i}]`, open: async () => file },
  )
  const all = { files, ...classes }
  if (labelMode !== null) checkLabels(where, all, labelMode)
  const kindOf = await pictureKinds(where, options)
  return fileDataset(all, labelMode, kindOf(true), options, shuffle)
}
