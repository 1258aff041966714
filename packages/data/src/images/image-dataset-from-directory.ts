import type { Tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import type { DirectorySource } from '../labelled/directory-of-files.ts'
import { directoryDataset, type FileDataset } from '../labelled/file-dataset.ts'
import { openDirectory } from '../labelled/open-directory.ts'
import { type DirectoryOptions, directoryChecks, type Unlabelled } from '../labelled/options.ts'
import { type PictureOptions, pictureChecks } from './picture-options.ts'
import { pictureKinds } from './picture-reader.ts'

export interface ImageDirectoryOptions extends PictureOptions, DirectoryOptions {}

const directoryOptionChecks = optionsOf<ImageDirectoryOptions>()({ ...pictureChecks, ...directoryChecks })

/** Keras's, and those that it does not read. */
const formats = ['.bmp', '.gif', '.jpeg', '.jpg', '.png', '.webp', '.tif', '.tiff']

/**
 * Pictures whose folders are classes, as Keras's `image_dataset_from_directory`: batches `[pictures, labels]`, or pictures alone
 * where there are no labels, float32 (batch, height, width, channels) from 0 to 255. Which file has which label, their order and
 * which are held back for validation are Keras's, for the same seed; sizes are those of TensorFlow to 0.001 (bicubic to 0.05).
 *
 * Pictures are read, decoded, resized and changed on other threads, some batches ahead, so that a training does not wait. The data
 * set has `classNames` and `filePaths`; a reading of it can be gone on with (`iterate(state)`).
 *
 * @param directory the path of a folder; in a browser its handle, or an array of the `File`s in it.
 * @throws ArgumentError for a folder or class that there is not and options that contradict each other; DataError where there
 * are no files; while reading FormatError, by the file's name, for what is no picture, is cut, or has too many pixels (see
 * `corrupt`).
 * @example
 * const [train, test] = await imageDatasetFromDirectory('stamps', {
 *   imageSize: 64, validationSplit: 0.2, subset: 'both', seed: 1, augment: new URL('./augment.js', import.meta.url),
 * })
 * await model.fit(train, { epochs: 10, validationData: test })
 */
export function imageDatasetFromDirectory(
  directory: DirectorySource,
  options: ImageDirectoryOptions & { readonly subset: 'both' } & Unlabelled,
): Promise<[FileDataset<Tensor>, FileDataset<Tensor>]>
export function imageDatasetFromDirectory(
  directory: DirectorySource,
  options: ImageDirectoryOptions & { readonly subset: 'both' },
): Promise<[FileDataset<[Tensor, Tensor]>, FileDataset<[Tensor, Tensor]>]>
export function imageDatasetFromDirectory(
  directory: DirectorySource,
  options: ImageDirectoryOptions & Unlabelled,
): Promise<FileDataset<Tensor>>
export function imageDatasetFromDirectory(
  directory: DirectorySource,
  options?: ImageDirectoryOptions,
): Promise<FileDataset<[Tensor, Tensor]>>
export async function imageDatasetFromDirectory(
  directory: DirectorySource,
  options: ImageDirectoryOptions = {},
): Promise<unknown> {
  const where = 'imageDatasetFromDirectory'
  checkOptions(where, options, directoryOptionChecks)
  const kindOf = await pictureKinds(where, options)
  const all = await openDirectory(where, directory, formats, options)
  return directoryDataset(where, all, kindOf, options)
}
