import type { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import {
  type SentenceEmbeddingOptions,
  type SentenceExample,
  type SentenceRow,
  sentenceEmbedding,
} from '../tasks/sentence-embedding.ts'
import { type Finetuned, type FinetuneOptions, finetune } from './finetune.ts'
import type { RowData } from './rows.ts'

export type TrainSentenceEncoderOptions = Omit<
  FinetuneOptions<SentenceRow, SentenceExample, SentenceEncoder>,
  'task'
> &
  SentenceEmbeddingOptions

/**
 * Trains a sentence encoder on texts that belong together: {@link finetune} with `tasks.sentenceEmbedding`.
 *
 * @param data rows as the loss has them, such as `{ anchor, positive }`.
 * @throws as `finetune`.
 * @example
 * const loss = embeddingLosses.multipleNegativesRanking()
 * await trainSentenceEncoder(encoder, 'pairs.jsonl', { tokenizer, loss, batchSize: 64, epochs: 2, warmup: 0.1 })
 * await encoder.savePretrained('models/mine', { tokenizerFrom: 'models/all-MiniLM-L6-v2' })
 */
export async function trainSentenceEncoder(
  encoder: SentenceEncoder,
  data: RowData<SentenceRow>,
  {
    tokenizer,
    loss,
    maxLength,
    truncation,
    prompts,
    miniBatchSize,
    noDuplicates,
    ...options
  }: TrainSentenceEncoderOptions,
): Promise<Finetuned<SentenceEncoder>> {
  const task = sentenceEmbedding({
    ...{ tokenizer, loss, maxLength, truncation, prompts, miniBatchSize, noDuplicates },
  })
  return await finetune(encoder, data, { ...options, task })
}
