import { ArgumentError } from 'typegrad/core'
import type { ConfigReader, RawConfig } from '../base/config.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { CTranslate2File } from './read-ctranslate2.node.ts'

/** CTranslate2's numbers of activations, and Hugging Face's names. */
const activations = ['relu', 'gelu_new', 'silu', 'gelu', 'quick_gelu', 'tanh'] as const

/** What stands for `config.json`: sizes of the tensors. @throws FormatError for tensors that are missing. */
export async function whisperConfig(file: CTranslate2File): Promise<RawConfig> {
  const size = (name: string, axis: number): number => file.shape(name)[axis] as number
  const blocksOf = (stack: string): number =>
    new Set(file.names.flatMap((name) => new RegExp(`^${stack}/layer_(\\d+)/`).exec(name)?.[1] ?? [])).size
  const number = async (name: string): Promise<number> => (await file.read(name))[0] as number
  const activation = file.names.includes('decoder/activation') ? await number('decoder/activation') : 3
  return {
    architectures: ['WhisperForConditionalGeneration'],
    model_type: 'whisper',
    vocab_size: size('decoder/embeddings/weight', 0),
    d_model: size('decoder/embeddings/weight', 1),
    num_mel_bins: size('encoder/conv1/weight', 1),
    max_source_positions: size('encoder/position_encodings/encodings', 0),
    max_target_positions: size('decoder/position_encodings/encodings', 0),
    encoder_layers: blocksOf('encoder'),
    decoder_layers: blocksOf('decoder'),
    encoder_attention_heads: await number('encoder/num_heads'),
    decoder_attention_heads: await number('decoder/num_heads'),
    encoder_ffn_dim: size('encoder/layer_0/ffn/linear_0/weight', 0),
    decoder_ffn_dim: size('decoder/layer_0/ffn/linear_0/weight', 0),
    activation_function: activations[activation] ?? `${activation}`,
    tie_word_embeddings: true,
  }
}

/** The fewest words of a model that OpenAI made for several languages. */
export const multilingualWords = 51_865

/**
 * What stands for `generation_config.json`: what CTranslate2's `config.json` says, and ids of the tokens that Whisper's texts
 * begin and end with.
 *
 * @throws ArgumentError for a tokenizer without them.
 */
export function whisperGeneration(
  told: ConfigReader,
  tokenizer: Tokenizer,
  isMultilingual: boolean,
): RawConfig {
  const id = (token: string): number => {
    const found = tokenizer.tokenToId(token)
    if (found !== undefined) return found
    throw new ArgumentError({
      where: 'whisperFromCTranslate2: tokenizer.json',
      expected: `Whisper's token ${token}`,
      received: 'a vocabulary without it',
    })
  }
  const end = id('<|endoftext|>')
  const languages = new Set(told.numbers('lang_ids', []))
  const spoken = tokenizer.addedTokens.filter(({ id }) => languages.has(id))
  return {
    decoder_start_token_id: id('<|startoftranscript|>'),
    eos_token_id: end,
    pad_token_id: end,
    no_timestamps_token_id: id('<|notimestamps|>'),
    // A second, as in all of OpenAI's.
    max_initial_timestamp_index: 50,
    suppress_tokens: told.numbers('suppress_ids', []),
    begin_suppress_tokens: told.numbers('suppress_ids_begin', []),
    ...(told.raw.alignment_heads !== undefined && { alignment_heads: told.raw.alignment_heads }),
    ...(isMultilingual && {
      is_multilingual: true,
      lang_to_id: Object.fromEntries(spoken.map(({ content, id }) => [content, id])),
      task_to_id: { transcribe: id('<|transcribe|>'), translate: id('<|translate|>') },
    }),
  }
}
