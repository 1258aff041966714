// The transformer of "Attention is all you need" (Vaswani et al. 2017) as two examples train it, ask it and keep it.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PretrainedModel, pipeline, type Tokenizer } from '@typegrad/transformers'
import { type Optimizer, optimizers, schedules } from 'typegrad'

/** A new one, whose tokenizer has `</s>` as its second token. */
export const paperTransformer = (
  tokenizer: Tokenizer,
  { width, layers, dropout }: { readonly width: number; readonly layers: number; readonly dropout: number },
): PretrainedModel =>
  new PretrainedModel({
    model_type: 'transformer',
    vocab_size: tokenizer.vocabularySize,
    d_model: width,
    d_ff: 4 * width,
    num_layers: layers,
    num_heads: 4,
    dropout,
    pad_token_id: tokenizer.padId,
    eos_token_id: 1,
    decoder_start_token_id: tokenizer.padId,
  })

/**
 * Adam as the paper has it, at a rate that rises for a tenth of the steps and falls to 0 as a cosine.
 *
 * @param averaged whether the weights are averaged over the last steps, as the paper averages checkpoints.
 */
export function paperAdam(steps: number, rate: number, { averaged = false } = {}): Optimizer {
  const warmupSteps = Math.ceil(steps / 10)
  const schedule = schedules.cosineDecay({ initialLearningRate: rate, decaySteps: steps - warmupSteps })
  return optimizers.adam({
    learningRate: schedules.warmup({ schedule, warmupSteps }),
    ...{ beta2: 0.98, epsilon: 1e-9, globalClipnorm: 1 },
    ...(averaged && { useEma: true, emaMomentum: 0.99 }),
  })
}

/** What the model makes of texts, by beam search over so many at a time. */
export async function answers(
  { model, tokenizer }: { readonly model: PretrainedModel; readonly tokenizer: Tokenizer },
  texts: readonly string[],
  { batch, ...search }: { readonly batch: number; readonly beams: number; readonly maxNewTokens: number },
): Promise<readonly string[]> {
  const translate = await pipeline('translation', { model, tokenizer })
  const made: string[] = []
  for (let i = 0; i < texts.length; i += batch)
    for (const [best] of await translate(texts.slice(i, i + batch), search)) made.push(best?.text ?? '')
  return made
}

/** Writes the model and its tokenizer, as Hugging Face's files, into a folder within `output`. */
export async function keep(output: string, model: PretrainedModel, tokenizer: Tokenizer): Promise<void> {
  const folder = join(output, 'model')
  await mkdir(output, { recursive: true })
  await model.savePretrained(folder, {})
  await writeFile(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer.file))
}
