import { ConfigReader, type RawConfig } from '../base/config.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { GenerateOptions } from '../generation/generate-options.ts'
import type { LogitsOptions } from '../generation/sampling/index.ts'

/** What a model's files advise for generating; options of a call go first. */
export interface GenerationDefaults {
  readonly generate: GenerateOptions
  readonly logits: LogitsOptions
  /** What each text begins with. */
  readonly prefix: string
}

/**
 * The advice of `generation_config.json`, or of `config.json` where there is none (as it was before), with what
 * `task_specific_params` say of a task.
 *
 * Whether tokens are drawn, and how, is not taken over: that is asked for by the call.
 */
export function generationDefaults(
  { config, generationConfig }: PretrainedModel,
  task?: string,
): GenerationDefaults {
  const specific = new ConfigReader(config).within('task_specific_params')
  const own = task === undefined ? undefined : specific?.within(task)?.raw
  const raw: RawConfig = { ...withoutNull(config), ...withoutNull(generationConfig), ...withoutNull(own) }
  const advice = new ConfigReader(raw, 'generation_config.json')
  const number = (name: string) => advice.optionalNumber(name)
  const beams = number('num_beams')
  const early = advice.raw.early_stopping
  return {
    prefix: advice.string('prefix', ''),
    generate: defined({
      stopIds: idsIn(raw.eos_token_id),
      decoderIds: idsIn(raw.decoder_start_token_id),
      maxNewTokens: number('max_new_tokens'),
      maxLength: number('max_length'),
      beams,
      lengthPenalty: number('length_penalty'),
      earlyStopping: typeof early === 'boolean' || early === 'never' ? early : undefined,
    }),
    logits: defined({
      repetitionPenalty: number('repetition_penalty'),
      noRepeatNgramSize: number('no_repeat_ngram_size'),
      minLength: number('min_length'),
      minNewTokens: number('min_new_tokens'),
      badWordsIds: listOf(raw.bad_words_ids),
      suppressTokens: idsIn(raw.suppress_tokens),
      beginSuppressTokens: idsIn(raw.begin_suppress_tokens),
      forcedBosTokenId: number('forced_bos_token_id'),
      forcedEosTokenId: idsIn(raw.forced_eos_token_id),
    }),
  }
}

const withoutNull = (config: RawConfig = {}): RawConfig =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without what is undefined. */
export const defined = <T extends object>(options: T): Defined<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>

const isId = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0

/** One id, or several. */
function idsIn(value: unknown): readonly number[] | undefined {
  const ids = [value].flat().filter(isId)
  return ids.length === 0 ? undefined : ids
}

function listOf(value: unknown): readonly (readonly number[])[] | undefined {
  const lists = [value].flat(1).flatMap((ids) => (Array.isArray(ids) ? [ids.filter(isId)] : []))
  return lists.length === 0 ? undefined : lists
}
