/**
 * `chat/`: the parts of `examples/chat.ts`: a model with its tokenizer and template, a conversation with it, and text that
 * comes in pieces. It knows typegrad as any program does.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  fromPretrained,
  loadTokenizer,
  PretrainedModel,
  Tokenizer,
  trainTokenizer,
} from '@typegrad/transformers'
import { setRandomSeed } from 'typegrad'

/** What a chat is held with. */
export interface ChatModel {
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
  /** Jinja: messages to the text that the model was trained on. */
  readonly template: string
  /** Tokens that end an answer. */
  readonly stopIds: readonly number[]
  /** Tokens that it must not say. */
  readonly suppressed: readonly number[]
}

/**
 * A model of a folder in Hugging Face's layout.
 *
 * @throws Error with a sentence for a folder that has no template: the model was not trained to chat.
 */
export async function loadChatModel(folder: string): Promise<ChatModel> {
  const tokenizer = await loadTokenizer(folder)
  const template = await templateOf(folder, tokenizer)
  const model = await fromPretrained(folder)
  // Makers name the end of a turn in one of these, or in several.
  const ends = [
    model.config.eos_token_id,
    model.generationConfig?.eos_token_id,
    tokenizer.specialId('eos_token'),
  ]
  const stopIds = ends.flat().filter((id): id is number => typeof id === 'number')
  return { model, tokenizer, template, stopIds: [...new Set(stopIds)], suppressed: [] }
}

/** A file of its own in newer folders, an entry of the tokenizer's configuration in older ones. */
async function templateOf(folder: string, tokenizer: Tokenizer): Promise<string> {
  const file = join(folder, 'chat_template.jinja')
  if (existsSync(file)) return await readFile(file, 'utf8')
  const entry = tokenizer.config.chat_template
  const named: unknown = Array.isArray(entry) ? entry.find(({ name }) => name === 'default')?.template : entry
  if (typeof named === 'string') return named
  throw new Error(
    `${folder} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json): its model continues ` +
      'texts, and was not trained to chat. Take the one whose name ends in -Instruct or -Chat.',
  )
}

const roles = ['<|end|>', '<|system|>', '<|user|>', '<|assistant|>']

/**
 * A Llama of two blocks that has learned nothing, with a byte-level vocabulary of a folder's texts: its answers are words
 * drawn from it without any sense, as long as they may be.
 */
export async function untrainedChatModel(texts: string, seed: number): Promise<ChatModel> {
  const files = (await readdir(texts)).filter((file) => file.endsWith('.md')).sort()
  const pages = await Promise.all(files.map((file) => readFile(join(texts, file), 'utf8')))
  const json = await trainTokenizer({ kind: 'bpe', vocabSize: 2000, specialTokens: roles }, pages)
  const tokenizer = Tokenizer.fromFiles({ tokenizer: json })
  setRandomSeed(seed)
  const model = new PretrainedModel({
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 64,
    intermediate_size: 160,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 1024,
    // Large, so that what was said before changes what comes next.
    initializer_range: 0.3,
  })
  const template =
    '{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}' +
    '{% if add_generation_prompt %}<|assistant|>{% endif %}'
  return { model, tokenizer, template, stopIds: [], suppressed: unreadable(tokenizer) }
}

/** Tokens that are no text alone: roles, control characters and parts of characters. */
const unreadable = (tokenizer: Tokenizer): readonly number[] =>
  Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter(
    (id) => id < roles.length || /[\p{Cc}\ufffd]/u.test(tokenizer.decode([id])),
  )
