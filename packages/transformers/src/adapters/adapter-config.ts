import { FormatError } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { type Ia3Config, ia3FromPeft, ia3ToPeft } from './ia3-config.ts'
import { type LoraConfig, loraFromPeft, loraToPeft } from './lora-config.ts'

/** PEFT's names of tasks, by the ends of Hugging Face's classes. */
const tasks: readonly (readonly [RegExp, string])[] = [
  [/(ForCausalLM|LMHeadModel)$/, 'CAUSAL_LM'],
  [/(ForConditionalGeneration|MTModel)$/, 'SEQ_2_SEQ_LM'],
  [/ForSequenceClassification$/, 'SEQ_CLS'],
  [/ForTokenClassification$/, 'TOKEN_CLS'],
  [/ForQuestionAnswering$/, 'QUESTION_ANS'],
]

/** What a configuration says of the adapter's surroundings. */
export interface AdapterSurroundings {
  /** Hugging Face's class of the network. */
  readonly className: string
  /** Where the base is found, for PEFT's own loading; null where that is not known. */
  readonly baseModel: string | null
  readonly isInOut: boolean
}

/** `adapter_config.json` as PEFT writes it; what is not said there is as PEFT has it by default. */
export function toPeftConfig(
  config: LoraConfig | Ia3Config,
  { className, baseModel, isInOut }: AdapterSurroundings,
): RawConfig {
  return {
    ...(config.kind === 'lora' ? loraToPeft(config) : ia3ToPeft(config)),
    base_model_name_or_path: baseModel,
    fan_in_fan_out: isInOut,
    inference_mode: true,
    task_type: tasks.find(([end]) => end.test(className))?.[1] ?? null,
  }
}

/**
 * The adapter that an `adapter_config.json` describes.
 *
 * @param where what errors call the file.
 * @throws FormatError for methods that are not known here, and entries that are none.
 */
export function fromPeftConfig(raw: unknown, where: string): LoraConfig | Ia3Config {
  const reader = new ConfigReader(raw, where)
  const type = reader.string('peft_type')
  if (type === 'LORA') return loraFromPeft(reader)
  if (type === 'IA3') return ia3FromPeft(reader)
  throw new FormatError({
    where: reader.at('peft_type'),
    expected: "'LORA' or 'IA3'",
    received: `'${type}'`,
    fix: 'Adapters of other methods are not read.',
  })
}
