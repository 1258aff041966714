/**
 * `texts/`: folders of text files as a data set of strings. It knows `labelled/`.
 */
import type { Tensor } from 'typegrad'
import { ArgumentError, checkOptions, FormatError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { DirectorySource } from '../labelled/directory-of-files.ts'
import { directoryDataset, type FileDataset, type FileKind } from '../labelled/file-dataset.ts'
import type { FoundFile } from '../labelled/labelled-files.ts'
import { openDirectory } from '../labelled/open-directory.ts'
import { type DirectoryOptions, directoryChecks, type Unlabelled } from '../labelled/options.ts'
import { readBytes } from '../labelled/read-bytes.ts'

export interface TextDirectoryOptions extends DirectoryOptions {
  /** Characters after which texts are cut off; null for none. Default null. */
  readonly maxLength?: number | null
  /** How bytes are characters, by a name of the Encoding Standard. Default `'utf-8'`. */
  readonly encoding?: string
}

const textChecks = optionsOf<TextDirectoryOptions>()({
  maxLength: checks.orNull(checks.count),
  encoding: checks.string,
  ...directoryChecks,
})

/** Texts of a batch, or a single one. */
export type TextBatch = readonly string[] | string

const where = 'textDatasetFromDirectory'
const formats = ['.txt']

function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding, { fatal: true })
  } catch {
    throw new ArgumentError({
      where: `${where}: encoding`,
      expected: "a name of the Encoding Standard, such as 'utf-8', 'windows-1252' or 'gb18030'",
      received: `'${encoding}'`,
    })
  }
}

/** @throws FormatError, with the line, for bytes that are none of the encoding. */
async function textOf(file: FoundFile, encoding: string): Promise<string> {
  const bytes = await readBytes(file)
  try {
    return decoderOf(encoding).decode(bytes)
  } catch (cause) {
    // The first character that could not be read; one that stands in the text itself was read.
    const read = new TextDecoder(encoding).decode(bytes)
    const line = read.slice(0, Math.max(0, read.indexOf('\ufffd'))).split('\n').length
    throw new FormatError(
      {
        where: `${file.path}: line ${line}`,
        expected: `text in ${encoding}`,
        received: 'other bytes',
        fix: "Say what it is, for example encoding: 'windows-1252'.",
      },
      { cause },
    )
  }
}

/** The first characters of a text; one beyond U+FFFF counts once, as in Python. */
function cut(text: string, most: number | null): string {
  if (most === null || text.length <= most) return text
  let end = 0
  for (let count = 0; count < most && end < text.length; count++)
    end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1
  return text.slice(0, end)
}

function textKind(maxLength: number | null, encoding: string): FileKind<string, TextBatch> {
  return {
    load: async (file) => cut(await textOf(file, encoding), maxLength),
    batch: (texts) => texts,
    single: (text) => text,
    // Reading of disks gains nothing from more.
    parallel: 4,
    isDamage: (error) => error instanceof FormatError,
  }
}

/**
 * Text files (`.txt`) whose folders are classes, as Keras's `text_dataset_from_directory`: batches `[texts, labels]` with an
 * array of strings, or the texts alone where there are no labels. Which file has which label, their order, and which are held
 * back for validation are Keras's, for the same seed.
 *
 * Labels are int32 (batch); float32 (batch, classes) for `'categorical'` and (batch, 1) for `'binary'`. The data set has
 * `classNames` and `filePaths`. A mark of byte order is left out.
 *
 * @param directory the path of a folder; in a browser its handle, or an array of the `File`s in it.
 * @throws ArgumentError for a folder or class that there is not and options that contradict each other; DataError where there
 * are no files; while reading FormatError, with file and line, for bytes that are no text (see `corrupt`).
 * @example
 * const [train, test] = await textDatasetFromDirectory('reviews', { validationSplit: 0.2, subset: 'both', seed: 1 })
 * await vectorize.adapt(train.map(([texts]) => texts))
 */
export function textDatasetFromDirectory(
  directory: DirectorySource,
  options: TextDirectoryOptions & { readonly subset: 'both' } & Unlabelled,
): Promise<[FileDataset<readonly string[]>, FileDataset<readonly string[]>]>
export function textDatasetFromDirectory(
  directory: DirectorySource,
  options: TextDirectoryOptions & { readonly subset: 'both' },
): Promise<[FileDataset<[readonly string[], Tensor]>, FileDataset<[readonly string[], Tensor]>]>
export function textDatasetFromDirectory(
  directory: DirectorySource,
  options: TextDirectoryOptions & Unlabelled & { readonly batchSize: null },
): Promise<FileDataset<string>>
export function textDatasetFromDirectory(
  directory: DirectorySource,
  options: TextDirectoryOptions & Unlabelled,
): Promise<FileDataset<readonly string[]>>
export function textDatasetFromDirectory(
  directory: DirectorySource,
  options: TextDirectoryOptions & { readonly batchSize: null },
): Promise<FileDataset<[string, Tensor]>>
export function textDatasetFromDirectory(
  directory: DirectorySource,
  options?: TextDirectoryOptions,
): Promise<FileDataset<[readonly string[], Tensor]>>
export async function textDatasetFromDirectory(
  directory: DirectorySource,
  options: TextDirectoryOptions = {},
): Promise<unknown> {
  checkOptions(where, options, textChecks)
  const { maxLength = null, encoding = 'utf-8' } = options
  decoderOf(encoding)
  const all = await openDirectory(where, directory, formats, options)
  return directoryDataset(where, all, () => textKind(maxLength, encoding), options)
}
