import { ArgumentError } from 'typegrad/core'
import { byCodePoints, type Directory, type FoundFile } from './labelled-files.ts'

/** A file below a folder that the user has chosen: what browsers call a `FileSystemFileHandle`. */
export interface FileHandle {
  readonly kind: 'file'
  readonly name: string
  getFile(): Promise<Blob>
}

/** A folder that the user has chosen (`showDirectoryPicker()`), or the page's own: a `FileSystemDirectoryHandle`. */
export interface FolderHandle {
  readonly kind: 'directory'
  readonly name: string
  entries(): AsyncIterable<readonly [string, FileHandle | FolderHandle]>
}

/** A `File`, with its place below the folder that was chosen by `<input type="file" webkitdirectory>`. */
export interface ListedFile extends Blob {
  readonly name: string
  readonly webkitRelativePath?: string
}

/** Where files can come from: a folder's path (in Node), a folder's handle, or a list of files of one folder. */
export type DirectorySource = string | FolderHandle | readonly ListedFile[]

/** A file by the folders that lead to it. */
interface PlacedFile {
  readonly folders: readonly string[]
  readonly name: string
  readonly open: () => Promise<Blob>
}

async function* filesOf(folder: FolderHandle, above: readonly string[]): AsyncGenerator<PlacedFile> {
  for await (const [name, entry] of folder.entries()) {
    if (entry.kind === 'directory') yield* filesOf(entry, [...above, name])
    else yield { folders: above, name, open: () => entry.getFile() }
  }
}

function placesOf(files: readonly ListedFile[]): readonly PlacedFile[] {
  return files.map((file) => {
    const parts = (file.webkitRelativePath || file.name).split('/')
    // The first is the chosen folder itself.
    return { folders: parts.slice(1, -1), name: parts.at(-1) ?? file.name, open: async () => file }
  })
}

const isFiles = (source: FolderHandle | readonly ListedFile[]): source is readonly ListedFile[] =>
  Array.isArray(source) && source.every((file) => file instanceof Blob)

/**
 * A folder as a browser gives it.
 *
 * @param formats ends of names, in lower case with their dot.
 * @throws ArgumentError for what is neither a handle of a folder nor a list of files.
 */
export async function directoryOfFiles(
  where: string,
  source: FolderHandle | readonly ListedFile[],
  formats: readonly string[],
): Promise<Directory> {
  const isList = isFiles(source)
  const isHandle = !isList && (source as FolderHandle | null)?.kind === 'directory'
  if (!isList && !isHandle)
    throw new ArgumentError({
      where,
      expected: 'the path or the handle of a folder, or an array of Files',
      received: Array.isArray(source) ? 'an array of something else' : typeof source,
      fix: 'showDirectoryPicker() gives a handle; an input with webkitdirectory gives Files: [...input.files].',
    })
  const all: PlacedFile[] = isList ? [...placesOf(source)] : []
  if (!isList) for await (const file of filesOf(source, [])) all.push(file)
  const wanted = all.filter(({ name }) => formats.some((end) => name.toLowerCase().endsWith(end)))
  return {
    name: isList ? 'the files' : source.name,
    async folders() {
      const names = new Set(all.flatMap(({ folders }) => folders.slice(0, 1)))
      return [...names].filter((name) => !name.startsWith('.')).sort(byCodePoints)
    },
    async files(folder) {
      return wanted
        .filter(({ folders }) => folder === '' || folders[0] === folder)
        .map(({ folders, name, open }) => ({ level: folders.join('/'), name, open }))
        .sort((a, b) => byCodePoints(a.level, b.level) || byCodePoints(a.name, b.name))
        .map(({ level, name, open }): FoundFile => ({ path: level === '' ? name : `${level}/${name}`, open }))
    },
  }
}
