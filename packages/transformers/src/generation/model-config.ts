import type { RawConfig } from '../base/config.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { GenerationModel } from './decoder.ts'

/** `eos_token_id` of the configuration: one or several. */
export function stopIdsOf(model: GenerationModel, given: readonly number[] | undefined): ReadonlySet<number> {
  if (given !== undefined) return new Set(given)
  const eos = configOf(model).eos_token_id
  return new Set([eos].flat().filter((id): id is number => typeof id === 'number'))
}

/** The token that a decoder begins with, where there is an encoder. */
export function decoderStartOf(model: GenerationModel): number | undefined {
  const config = configOf(model)
  const start = config.decoder_start_token_id ?? config.bos_token_id
  return typeof start === 'number' ? start : undefined
}

const configOf = (model: GenerationModel): RawConfig => (model instanceof PretrainedModel ? model.config : {})
