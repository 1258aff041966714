import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeSafetensors, type SafetensorsEntry } from 'typegrad/formats'

export type Tensors = ReadonlyMap<string, SafetensorsEntry>

/** What the driver wrote for a workload. */
export async function readTensors(
  folder: string,
): Promise<{ readonly weights: Tensors; readonly data: Tensors }> {
  const read = async (file: string): Promise<Tensors> =>
    decodeSafetensors(await readFile(join(folder, file)), file).tensors
  return { weights: await read('weights.safetensors'), data: await read('data.safetensors') }
}

/** The batches of a tensor (batches, …), as views. */
export function batchesOf({ data, shape, dtype }: SafetensorsEntry): SafetensorsEntry[] {
  const [count = 0, ...rest] = shape
  const size = rest.reduce((product, d) => product * d, 1)
  return Array.from({ length: count }, (_, i) => ({
    dtype,
    shape: rest,
    data: data.subarray(i * size, (i + 1) * size),
  }))
}

export function named(tensors: Tensors, name: string): SafetensorsEntry {
  const found = tensors.get(name)
  if (found === undefined) throw new Error(`no tensor '${name}' among ${[...tensors.keys()].join(', ')}`)
  return found
}
