import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeSafetensors, type NamedSafetensorsEntry } from 'typegrad/formats'
import { loadMnist } from '../../examples/mnist-data.ts'
import type { TensorSpec, Workload } from '../workloads/index.ts'

/**
 * Writes the first weights and the data of a workload, the same at every run, where all peers read them.
 *
 * @returns the folder: `weights.safetensors` and `data.safetensors`.
 */
export async function writeFiles(workload: Workload, parent: string): Promise<string> {
  const folder = join(parent, workload.id)
  await mkdir(folder, { recursive: true })
  for (const [file, specs] of [
    ['weights.safetensors', workload.weights],
    ['data.safetensors', workload.data],
  ] as const) {
    const tensors: NamedSafetensorsEntry[] = []
    for (const [i, spec] of specs.entries()) tensors.push(await fill(spec, i + 1))
    await write(join(folder, file), encodeSafetensors(tensors))
  }
  return folder
}

export const deleteFiles = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

async function write(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w')
  try {
    for (const chunk of chunks) await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}

let mnist: ReturnType<typeof loadMnist> | undefined

async function fill({ name, shape, fill: how }: TensorSpec, seed: number): Promise<NamedSafetensorsEntry> {
  const size = shape.reduce((product, d) => product * d, 1)
  const random = xorshift(seed)
  switch (how.kind) {
    case 'constant':
      return { name, shape, dtype: 'float32', data: new Float32Array(size).fill(how.value) }
    case 'uniform': {
      const data = new Float32Array(size)
      for (let i = 0; i < size; i++) data[i] = (random() * 2 - 1) * how.limit
      return { name, shape, dtype: 'float32', data }
    }
    case 'integers': {
      const data = new Int32Array(size)
      for (let i = 0; i < size; i++) data[i] = random() * how.below
      return { name, shape, dtype: 'int32', data }
    }
    case 'digit-bytes':
      return { name, shape, dtype: 'uint8', data: (await digits()).images.subarray(0, size) }
    case 'digits':
      return {
        name,
        shape,
        dtype: 'float32',
        data: Float32Array.from((await digits()).images.subarray(0, size), (p) => p / 255),
      }
    case 'digit-labels':
      return { name, shape, dtype: 'int32', data: Int32Array.from((await digits()).labels.subarray(0, size)) }
  }
}

async function digits() {
  mnist ??= loadMnist()
  return (await mnist).train
}

/** Marsaglia 2003: from 0 to 1, the same for the same seed. */
export function xorshift(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 16; i++) next()
  return next
}
