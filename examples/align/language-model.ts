import { PretrainedModel, Tokenizer, trainTokenizer } from '@typegrad/transformers'
import { Dataset, losses, optimizers, schedules, type Tensor, tensor } from 'typegrad'

/** The token that begins and ends a sentence. */
export const end = 0

/** How long a sentence is with its ends; longer ones are left out. */
export const longest = 40

export interface LanguageOptions {
  readonly vocabulary: number
  readonly width: number
  readonly blocks: number
  readonly steps: number
}

/** A decoder that has learnt to write sentences, and its tokenizer. */
export interface Writer {
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
}

/** Byte-pair encoding of sentences, its first token being the one that ends them. */
export const learnTokenizer = async (sentences: readonly string[], vocabSize: number): Promise<Tokenizer> =>
  Tokenizer.fromFiles({ tokenizer: await trainTokenizer({ kind: 'bpe', vocabSize }, sentences) })

/** Ids of a sentence between its ends. */
export const sentenceIds = (tokenizer: Tokenizer, sentence: string): readonly number[] => [
  end,
  ...tokenizer.encode(sentence).ids,
  end,
]

/** A small Llama, not trained. */
export const decoder = ({ vocabulary, width, blocks }: LanguageOptions): PretrainedModel =>
  new PretrainedModel({
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    vocab_size: vocabulary,
    hidden_size: width,
    intermediate_size: 3 * width,
    num_hidden_layers: blocks,
    num_attention_heads: 4,
    max_position_embeddings: longest,
    tie_word_embeddings: true,
    eos_token_id: end,
  })

/** Sentences as rows of one length: what stands before each token, and the token, or −1 behind the end. */
function rowsOf(sentences: readonly (readonly number[])[]): readonly [inputs: Tensor, labels: Tensor] {
  const shape = [sentences.length, longest - 1] as const
  const [inputs, labels] = [new Int32Array(shape[0] * shape[1]), new Int32Array(shape[0] * shape[1]).fill(-1)]
  for (const [row, ids] of sentences.entries()) {
    inputs.set(ids.slice(0, -1), row * (longest - 1))
    labels.set(ids.slice(1), row * (longest - 1))
  }
  return [tensor(inputs, { shape }), tensor(labels, { shape })]
}

/** Learns to write sentences: next-token prediction, by AdamW with a cosine. */
export async function learnToWrite(
  model: PretrainedModel,
  sentences: readonly (readonly number[])[],
  steps: number,
): Promise<void> {
  const [inputs, labels] = rowsOf(sentences)
  model.compile({
    optimizer: optimizers.adamw({
      learningRate: schedules.cosineDecay({ initialLearningRate: 3e-3, decaySteps: steps }),
      weightDecay: 0.01,
    }),
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true, ignoreClass: -1 }),
  })
  const mask = tensor(new Int32Array(inputs.size).fill(1), { shape: inputs.shape })
  const batches = Dataset.fromTensors([inputs, mask, labels])
    .shuffle(sentences.length, { seed: 1 })
    .repeat()
    .batch(32)
    .map(([input_ids, attention_mask, logits]) => [{ input_ids, attention_mask }, { logits }] as const)
  await model.fit(batches, { stepsPerEpoch: steps, verbose: 0 })
}
