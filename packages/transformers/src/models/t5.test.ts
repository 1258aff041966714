import { input, losses, model, optimizers } from 'typegrad'
import { expect, test } from 'vitest'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { describeAsInPython } from '../testing/golden.ts'

describeAsInPython('t5')
describeAsInPython('t5-gated')
describeAsInPython('t5-encoder')
describeAsInPython('mt5')

test('trains, with dropout and the table that all blocks share', async () => {
  const { network } = new PretrainedModel({
    model_type: 't5',
    ...{ vocab_size: 12, d_model: 16, d_kv: 8, d_ff: 16, num_layers: 2, num_heads: 2 },
  })
  const source = input({ shape: [4], dtype: 'int32' })
  const target = input({ shape: [4], dtype: 'int32' })
  const logits = network.apply(source, { decoderInputIds: target })
  const learner = model({ inputs: [source, target], outputs: logits })
  learner.compile({
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    loss: losses.sparseCategoricalCrossentropy({ fromLogits: true }),
  })
  const texts = Array.from({ length: 16 }, (_, i) => [3 + (i % 9), 4 + (i % 7), 5 + (i % 5), 1])
  const before = await Promise.all(network.weights.map(({ value }) => value.data()))
  const { history } = await learner.fit([texts, texts.map((text) => [0, ...text.slice(0, -1)])], texts, {
    epochs: 6,
    verbose: 0,
  })
  expect(history.loss?.at(-1)).toBeLessThan(0.8 * (history.loss?.[0] as number))
  for (const [i, { value, name }] of network.weights.entries())
    expect(await value.data(), name).not.toEqual(before[i])
})
