import { FormatError } from 'typegrad/core'
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
  const { readText } = await import('./read-text.node.ts')
  const where = `${folder}/preprocessor_config.json`
  const text = await readText(folder, 'preprocessor_config.json')
  try {
    return processorOf(JSON.parse(text) as RawConfig)
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new FormatError({ where, expected: 'JSON', received: cause.message }, { cause })
  }
}
