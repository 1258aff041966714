import { compile, type Tensor, tensor, valueAndGrad } from 'typegrad'
import { expect, test } from 'vitest'
import type { RawConfig } from '../base/config.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { blocksOf } from './blocks.ts'

const sizes = {
  vocab_size: 30,
  hidden_size: 8,
  intermediate_size: 12,
  num_attention_heads: 2,
  num_hidden_layers: 1,
}
const still = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0, initializer_range: 0.4 }
/** Each way to have positions: a table, rotation, and a table behind padding. */
const models: Readonly<Record<string, RawConfig>> = {
  GPT2LMHeadModel: {
    model_type: 'gpt2',
    vocab_size: 30,
    n_embd: 8,
    n_layer: 1,
    n_head: 2,
    n_positions: 16,
    initializer_range: 0.4,
  },
  LlamaForCausalLM: { model_type: 'llama', ...sizes, max_position_embeddings: 16, initializer_range: 0.4 },
  RobertaForMaskedLM: {
    model_type: 'roberta',
    ...sizes,
    ...still,
    max_position_embeddings: 20,
    pad_token_id: 1,
  },
}

/** Texts packed into two rows; 0 is padding, the id 1 RoBERTa's. */
const rows = [
  { ids: [5, 9, 3, 7, 22, 4, 8, 1], segments: [1, 1, 1, 2, 2, 2, 2, 0], lengths: [3, 4] },
  { ids: [11, 6, 2, 17, 5, 29, 3, 12], segments: [1, 1, 1, 1, 1, 2, 2, 2], lengths: [5, 3] },
]

const int = (values: readonly (readonly number[])[]): Tensor => tensor(values, { dtype: 'int32' })
const largest = (values: readonly Tensor[]): Tensor =>
  values.map((value) => value.abs().max()).reduce((a, b) => a.maximum(b))

test('texts that are packed into rows are what they are alone, their gradients too', async () => {
  const networks = Object.entries(models).map(
    ([className, config]) => new PretrainedModel(config, className).network,
  )
  const context = { training: false }
  // One program for all: the largest difference of logits and of gradients, each beside the largest of its kind.
  const compare = compile(() =>
    networks.flatMap((network) => {
      const segmentIds = int(rows.map(({ segments }) => segments))
      const packed = () => {
        const ids = int(rows.map((row) => row.ids))
        const logits = network.apply(ids, { ...context, segmentIds })
        return rows.flatMap(({ lengths: [first = 0, second = 0] }, row) => [
          logits.slice([row, 0, 0], [1, first, 30]),
          logits.slice([row, first, 0], [1, second, 30]),
        ])
      }
      const alone = () =>
        rows.flatMap(({ ids, lengths: [first = 0, second = 0] }) =>
          [ids.slice(0, first), ids.slice(first, first + second)].map((text) =>
            network.apply(int([text]), context),
          ),
        )
      const gradients = (texts: () => readonly Tensor[]) =>
        valueAndGrad(
          () =>
            texts()
              .map((text) => text.square().sum())
              .reduce((a, b) => a.add(b)),
          network.trainableWeights,
        ).grads
      const [expected, separate] = [alone(), gradients(alone)]
      const offBy = packed().map((text, i) => text.sub(expected[i] as Tensor))
      const gradientsOffBy = gradients(packed).map((grad, i) => grad.sub(separate[i] as Tensor))
      return [largest(offBy), largest(expected), largest(gradientsOffBy), largest(separate)]
    }),
  )
  const found = await Promise.all((await compare()).map((value) => value.item()))
  expect(found.length).toBe(4 * networks.length)
  for (let i = 0; i < found.length; i += 2) {
    const [offBy = Number.NaN, scale = 0] = found.slice(i, i + 2)
    expect(scale).toBeGreaterThan(0.1)
    expect(offBy).toBeLessThan(1e-5 * scale)
  }
})

test('a configuration says that blocks are computed again, and so does the model', () => {
  const model = new PretrainedModel({ ...models.GPT2LMHeadModel, n_layer: 3, gradient_checkpointing: true })
  expect(model.recomputeBlocks).toBe(true)
  const again = () => blocksOf(model.network).filter(({ recompute }) => recompute)
  expect(again().map(({ className }) => className)).toEqual(['GPT2Block', 'GPT2Block', 'GPT2Block'])
  model.recomputeBlocks = false
  expect(again()).toEqual([])
})
