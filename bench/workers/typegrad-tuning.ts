// Fine-tuning of a model of Hugging Face's: all weights, LoRA, or LoRA over 4 bits; and what a training of texts reads.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  fromPretrained,
  loadAdapter,
  loadTokenizer,
  type PretrainedModel,
  quantizeModel,
  textBlocks,
} from '@typegrad/transformers'
import { ones, optimizers, type Tensor, zeros } from 'typegrad'
import type { Workload } from '../workloads/index.ts'
import type { Runner } from './serve.ts'
import { batchesOf, named, type Tensors } from './tensors.ts'
import { toTensor } from './typegrad-models.ts'

/** As in the other workloads: PyTorch adds epsilon in another place. */
const adamw = () =>
  optimizers.adamw({ learningRate: 1e-4, weightDecay: 0.01, beta2: 0.999, epsilon: 1e-10, globalClipnorm: 1 })

/** A training step with labels of its own, or with the text itself. */
export async function tune(workload: Workload, data: Tensors, folder: string): Promise<Runner> {
  const model = await fromPretrained(join(folder, 'model'))
  if (workload.method === 'qlora') await quantizeBody(model)
  if (workload.method !== 'full')
    await loadAdapter(model, join(folder, 'adapter'), 'default', { trainable: true })
  model.recomputeBlocks = workload.params.recompute === 1
  model.compile({ optimizer: adamw() })
  const x = batchesOf(named(data, 'x')).map(toTensor)
  const y = data.has('y') ? batchesOf(named(data, 'y')).map(toTensor) : x
  // What a tokenizer gives beside the ids, of texts that are all as long.
  const { shape } = x[0] as Tensor
  const beside: Readonly<Record<string, Tensor>> = {
    attention_mask: ones(shape, { dtype: 'int32' }),
    token_type_ids: zeros(shape, { dtype: 'int32' }),
  }
  const others = model.modelInputs
    .filter(({ name }) => name !== 'input_ids')
    .map(({ name }) => [name, beside[name]])
  let next = 0
  const run = async (): Promise<number> => {
    const i = next++ % x.length
    const { loss } = await model.trainOnBatch(
      { input_ids: x[i], ...Object.fromEntries(others) },
      y[i] as Tensor,
    )
    return loss ?? Number.NaN
  }
  const losses = async (): Promise<number[]> => {
    const values: number[] = []
    for (let i = 0; i < 5; i++) values.push(await run())
    return values
  }
  return { run, losses }
}

/** As `qlora()` does: dense layers but the head, read with float32. */
const quantizeBody = (model: PretrainedModel): Promise<unknown> =>
  quantizeModel(model, {
    bits: 4,
    activations: 'float32',
    filter: (path, weight) => weight.shape.length === 2 && path.includes('/h/'),
  })

/** Texts to batches of tokens, as `pretrain` reads them. */
export async function tokensOf(
  { params }: Workload,
  { folder }: { readonly folder: string },
): Promise<Runner> {
  const tokenizer = await loadTokenizer(join(folder, 'model'))
  const texts = JSON.parse(await readFile(join(folder, 'sentences.json'), 'utf8')) as string[]
  const run = async (): Promise<number> => {
    const blocks = textBlocks(texts, tokenizer, {
      ...{ length: params.steps as number, lookahead: 1, shuffle: { buffer: 1000, seed: 1 } },
    })
    const batches = blocks
      .map(({ ids }) => ids)
      .batch(params.batch as number, { dropRemainder: true })
      .prefetch(2)
    let count = 0
    for await (const ids of batches) {
      await ids.data()
      count += 1
    }
    return count
  }
  return { run, losses: async () => [await run()] }
}
