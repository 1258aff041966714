/**
 * The index of a checkpoint that is cut into several files of safetensors, as Hugging Face's libraries write it
 * (https://huggingface.co/docs/transformers/big_models):
 *
 * ```
 * { "metadata": { "total_size": bytes of all tensors }, "weight_map": { name of a tensor: file beside the index } }
 * ```
 */
import { FormatError } from '../base/errors.ts'
import { parseJson } from '../base/json.ts'
import { isRecord } from '../base/structured.ts'

/** The file of each tensor. @throws FormatError for an index that is none, or names files outside of its folder. */
export function parseShardIndex(bytes: Uint8Array, file: string): ReadonlyMap<string, string> {
  let index: unknown
  try {
    index = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new FormatError(
      { where: file, expected: 'JSON in UTF-8', received: `something else (${(cause as Error).message})` },
      { cause },
    )
  }
  const map: unknown = isRecord(index) ? index.weight_map : undefined
  if (!isRecord(map)) {
    throw new FormatError({
      where: file,
      expected: 'an index of shards, { "weight_map": { tensor: file } }',
      received: map === undefined ? 'no weight_map' : 'a weight_map of another kind',
    })
  }
  return new Map(
    Object.entries(map).map(([tensor, shard]) => {
      if (typeof shard === 'string' && isWithin(shard)) return [tensor, shard]
      throw new FormatError({
        where: `${file}, weight_map, ${JSON.stringify(tensor)}`,
        expected: 'the name of a file beside the index',
        received: JSON.stringify(shard) ?? 'nothing',
        fix: 'Do not open this checkpoint: its index asks for files of yours.',
      })
    }),
  )
}

/** Whether a path stays within the folder that it starts from, on every system. */
const isWithin = (path: string): boolean =>
  path !== '' &&
  !/[\\:\0]/.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')

/**
 * That a shard holds the tensors that the index says, and no other.
 *
 * @throws FormatError otherwise.
 */
export function checkShards(
  shardOf: ReadonlyMap<string, string>,
  shard: string,
  entries: readonly { readonly name: string }[],
  file: string,
): void {
  const present = new Set(entries.map(({ name }) => name))
  const missing = [...shardOf].find(([tensor, of]) => of === shard && !present.has(tensor))
  const surplus = [...present].find((tensor) => shardOf.get(tensor) !== shard)
  if (missing === undefined && surplus === undefined) return
  const other = surplus === undefined ? undefined : shardOf.get(surplus)
  throw new FormatError({
    where: `${file}, ${shard}`,
    expected:
      missing === undefined
        ? 'only tensors that the index says are in it'
        : `the tensor ${JSON.stringify(missing[0])}`,
    received:
      missing === undefined
        ? `${JSON.stringify(surplus)} too, which ${other === undefined ? 'the index does not know' : `it says is in ${other}`}`
        : 'a file without it',
    fix: 'The shards are not of one checkpoint: fetch or save all of them again.',
  })
}

/** The index's text. */
export function shardIndex(shardOf: ReadonlyMap<string, string>, totalSize: number): string {
  const index = { metadata: { total_size: totalSize }, weight_map: Object.fromEntries(shardOf) }
  return `${JSON.stringify(index, null, 2)}\n`
}
