import type { RawConfig } from '../base/config.ts'
import { type Processor, processorOf } from './processor.ts'

/**
 * The processor of a model's folder, from its `preprocessor_config.json`.
 *
 * @throws FormatError where there is no such file or it is not JSON; ArgumentError for a processor that is not known.
 * @example
 * const processor = await processorFromPretrained('models/vit')
 */
export async function processorFromPretrained(folder: string): Promise<Processor> {
  const { readJson } = await import('../base/json-file.node.ts')
  return processorOf((await readJson(`${folder}/preprocessor_config.json`)) as RawConfig)
}
