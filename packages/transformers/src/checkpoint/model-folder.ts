import { type HubOptions, hubChecks, isHubId } from '@typegrad/hub/options'
import { ArgumentError, checkOptions, FormatError } from 'typegrad/core'

/**
 * The folder of a model's files: the one that is named, or that of a model of the hub, downloaded into the cache if it is not
 * there.
 *
 * @param folderOrHubId as `fromPretrained` takes it.
 * @throws as `fromPretrained`, of what is said of folders and the hub.
 * @example
 * const folder = await modelFolder('sentence-transformers/all-MiniLM-L6-v2', { offline: true })
 */
export async function modelFolder(folderOrHubId: string, options: HubOptions = {}): Promise<string> {
  return await folderOf('fromPretrained', folderOrHubId, options)
}

/**
 * The same for what is read of a model: with the file that is needed of it, such as `tokenizer.json`, and those beside its
 * weights, or with its weights too.
 *
 * @param where what errors call the function.
 * @param needed default: the weights.
 */
export async function folderOf(
  where: string,
  folderOrHubId: string,
  options: HubOptions,
  needed?: string,
): Promise<string> {
  if (typeof folderOrHubId !== 'string' || folderOrHubId === '') {
    throw new ArgumentError({
      where,
      expected: "a folder, or the name of a model of the hub, such as 'org/name'",
      received: JSON.stringify(folderOrHubId) ?? 'nothing',
    })
  }
  checkOptions(where, options, hubChecks)
  const { isFolder } = await import('./local-folder.node.ts')
  const { hubFolder } = await import('./hub-model.node.ts')
  options.signal?.throwIfAborted()
  if (await isFolder(folderOrHubId)) return folderOrHubId
  if (isHubId(folderOrHubId)) return await hubFolder(where, folderOrHubId, options, needed)
  const wanted = needed === undefined ? 'a model' : `'${needed}'`
  throw new FormatError({ where: folderOrHubId, expected: `a folder with ${wanted}`, received: 'none' })
}
