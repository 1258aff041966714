import type { FolderHandle } from '../labelled/directory-of-files.ts'

/** A folder's handle as browsers give it, over texts and bytes by their paths. */
export function openedFolder(
  name: string,
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
): FolderHandle {
  const names = new Set(Object.keys(files).map((path) => path.split('/')[0] as string))
  return {
    kind: 'directory',
    name,
    async *entries() {
      // The order of a browser's is its own.
      for (const entry of [...names].reverse()) {
        const content = files[entry]
        if (content !== undefined) {
          yield [entry, { kind: 'file', name: entry, getFile: async () => new Blob([content]) }]
          continue
        }
        const within = Object.entries(files)
          .filter(([path]) => path.startsWith(`${entry}/`))
          .map(([path, inner]) => [path.slice(entry.length + 1), inner])
        yield [entry, openedFolder(entry, Object.fromEntries(within))]
      }
    },
  }
}
