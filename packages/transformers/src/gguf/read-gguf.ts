import type { GgufFile } from './read-gguf.node.ts'

/**
 * Opens a file of llama.cpp (GGUF), of whatever architecture; its header is read and checked, tensors when they are asked for. Of Node: a
 * browser has no paths.
 *
 * @throws FormatError for a file that is missing, none of the format, damaged or cut.
 * @example
 * const { metadata, tensors } = await readGguf('models/smollm2-135m-q8_0.gguf')
 * console.log(metadata['general.architecture'])
 * for (const [name, { shape, format }] of tensors) console.log(name, shape, format)
 */
export async function readGguf(path: string): Promise<GgufFile> {
  const { readGguf: read } = await import('./read-gguf.node.ts')
  return await read(path)
}
