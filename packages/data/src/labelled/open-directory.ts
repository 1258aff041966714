import { type DirectorySource, directoryOfFiles } from './directory-of-files.ts'
import { type LabelledFiles, labelledFiles } from './labelled-files.ts'
import { checkDirectoryOptions, type DirectoryOptions } from './options.ts'

/** The labelled files of a folder, wherever it is. Options have been checked by their names. */
export async function openDirectory(
  where: string,
  source: DirectorySource,
  formats: readonly string[],
  options: DirectoryOptions,
): Promise<LabelledFiles> {
  checkDirectoryOptions(where, options)
  const { followLinks = false } = options
  const directory =
    typeof source === 'string'
      ? await (await import('./directory.node.ts')).directoryOfDisk(where, source, formats, followLinks)
      : await directoryOfFiles(where, source, formats)
  return labelledFiles(where, directory, formats, options)
}
