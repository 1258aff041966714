import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readSafetensors, tensor, writeSafetensors } from 'typegrad'

/**
 * Vectors of texts, from a file if it has those of just these texts by this model; else they are made, and written there.
 *
 * @param model the name of what makes them.
 */
export async function keptEmbeddings(
  file: string,
  model: string,
  texts: readonly string[],
  embed: (texts: readonly string[]) => Promise<readonly Float32Array[]>,
): Promise<readonly Float32Array[]> {
  const hash = createHash('sha256')
    .update(JSON.stringify([model, texts]))
    .digest('hex')
  const kept = await read(file, hash)
  if (kept !== undefined) return kept
  const made = await embed(texts)
  const width = made[0]?.length ?? 0
  const all = new Float32Array(made.length * width)
  for (const [i, vector] of made.entries()) all.set(vector, i * width)
  await mkdir(dirname(file), { recursive: true })
  const vectors = tensor(all).reshape([made.length, width])
  await writeSafetensors(file, { vectors }, { metadata: { hash } })
  return made
}

async function read(file: string, hash: string): Promise<readonly Float32Array[] | undefined> {
  if (!existsSync(file)) return undefined
  const kept = await readSafetensors(file)
  if (kept.metadata.hash !== hash) return undefined
  const vectors = await kept.tensor('vectors')
  const [count = 0, width = 0] = vectors.shape
  const all = (await vectors.data()) as Float32Array
  return Array.from({ length: count }, (_, i) => all.subarray(i * width, (i + 1) * width))
}
