import type { HubOptions } from '@typegrad/hub'
import type { RawConfig } from '../base/config.ts'
import { folderOf } from '../checkpoint/model-folder.ts'
import { type Processor, processorOf } from './processor.ts'

const fileName = 'preprocessor_config.json'

/**
 * The processor of a model, from its `preprocessor_config.json`.
 *
 * @param folderOrHubId a folder on this machine, or the name of a model of the hub, of which the small files alone are
 * downloaded.
 * @throws FormatError where there is no such file or it is not JSON; ArgumentError for a processor that is not known; of the
 * hub as `fromPretrained`.
 * @example
 * const processor = await processorFromPretrained('models/vit')
 */
export async function processorFromPretrained(
  folderOrHubId: string,
  options: HubOptions = {},
): Promise<Processor> {
  const folder = await folderOf('processorFromPretrained', folderOrHubId, options, fileName)
  const { readJson } = await import('../base/json-file.node.ts')
  return processorOf((await readJson(`${folder}/${fileName}`)) as RawConfig)
}
