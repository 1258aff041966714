import { bundledEngines } from './bundled.ts'

/** A file as memory. It is given back when this and all views are garbage. */
export interface FileMapping {
  /** In bytes. */
  readonly size: number
  /**
   * The bytes from `begin` to `end`. What is written into them changes neither the file nor another mapping. Views begin
   * at multiples of 8 bytes from their buffer's start where they do in the file, so that all elements can be used in place.
   */
  view(begin: number, end: number): Uint8Array
}

/**
 * Maps a file for reading and, privately, writing.
 *
 * @param file descriptor of an open file, which may be closed afterwards.
 * @param size its bytes: one at least.
 * @param isWhole whether most of the file will be used, so that its views may share one ArrayBuffer.
 * @returns undefined where that is not possible (a platform or file system without it, a limit).
 */
export type FileMapper = (file: number, size: number, isWhole: boolean) => FileMapping | undefined

let mapper: FileMapper | undefined
let releaser: ((memory: ArrayBufferView) => void) | undefined

/**
 * Makes files readable as memory. The package of a native engine calls it when it is imported, for it can call the
 * system; a later mapper takes the place of an earlier one.
 *
 * @param letGo tells the system that views of its mappings are not needed at the moment; see `letMemoryGo`.
 *
 * @example
 * registerFileMapper((file, size) => mapWithMyRuntime(file, size))
 */
export function registerFileMapper(mapFile: FileMapper, letGo?: (memory: ArrayBufferView) => void): void {
  mapper = mapFile
  releaser = letGo
}

/**
 * Gives the pages of a mapped file back to the system that lie in this memory as a whole: they count no more as the process's
 * own, and are read again when they are touched. What a program has written into them is lost. Nothing happens to memory of
 * other kinds.
 */
export function letMemoryGo(memory: ArrayBufferView): void {
  releaser?.(memory)
}

/**
 * Maps a file with what is registered, or else with what the packages bring that are installed with the library.
 * Parameters and result are {@link FileMapper}'s.
 */
export async function mapFile(
  file: number,
  size: number,
  isWhole: boolean,
): Promise<FileMapping | undefined> {
  for (const bundled of bundledEngines()) {
    if (mapper !== undefined) break
    // A package that cannot be loaded here maps no files; which one and why is said when an engine is started.
    await bundled.load().catch(() => undefined)
  }
  return mapper?.(file, size, isWhole)
}
