// Training with labels alone, as Hugging Face's classes do it: losses and weights of two steps are Python's.
import { rmSync } from 'node:fs'
import { Dataset, optimizers, tensor } from 'typegrad'
import { expect, test } from 'vitest'
import {
  expectProjections,
  type GoldenModel,
  goldenFolder,
  type Projections,
  readJson,
} from '../testing/golden.ts'
import { fromPretrained } from './from-pretrained.ts'
import { inverseOf } from './names.ts'

interface GoldenTraining {
  readonly rate: number
  readonly decay: number
  readonly epsilon: number
  readonly input_ids: number[][]
  readonly attention_mask: number[][]
  readonly models: Readonly<Record<string, Pick<GoldenModel, 'config' | 'weights'>>>
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly labels: number[][]
        readonly losses: readonly number[]
        readonly moved: Readonly<Record<string, Projections>>
      }
    >
  >
}

/** Of tools/golden/make_transformers_training.py. */
const golden = readJson('training') as GoldenTraining
const { rate, decay, epsilon, input_ids, attention_mask } = golden

async function modelOf(name: string) {
  const folder = goldenFolder(golden.models[name] as GoldenTraining['models'][string])
  return await fromPretrained(folder).finally(() => rmSync(folder, { recursive: true }))
}

// Decoders that begin with a token of their own, or with the language; causal and masked language models.
test.each(Object.entries(golden.cases))('%s', async (name, { labels, losses, moved }) => {
  const model = await modelOf(name)
  // Buffers are no parameters of Python's.
  const trained = model.checkpointWeights.filter(({ weight }) => weight.trainable)
  const dataOf = async () => {
    const kept = trained.map(({ weight, axes }) =>
      axes === undefined ? weight.value : weight.value.transpose(inverseOf(axes)),
    )
    return Promise.all(kept.map(async (one) => Float32Array.from((await one.data()) as Float32Array)))
  }
  const before = await dataOf()
  model.compile({ optimizer: optimizers.adamw({ learningRate: rate, weightDecay: decay, epsilon }) })
  const types = { token_type_ids: input_ids.map((row) => row.map(() => 0)) }
  const x = { input_ids, attention_mask, ...(name === 'bert' && types) }
  // In memory, and as a stream.
  const told = [await model.fit(x, labels, { epochs: 1, verbose: 0 })]
  const batch = [x, tensor(labels, { dtype: 'int32' })] as const
  told.push(
    await model.fit(
      Dataset.fromGenerator(() => [batch]),
      { epochs: 1, verbose: 0 },
    ),
  )
  for (const [i, loss] of losses.entries()) expect(told[i]?.history.loss?.[0]).toBeCloseTo(loss, 4)
  const after = await dataOf()
  expect(trained.map((one) => one.name).sort()).toEqual(Object.keys(moved).sort())
  for (const [i, { name: weight }] of trained.entries()) {
    const difference = (after[i] as Float32Array).map((value, j) => value - (before[i]?.[j] as number))
    expectProjections(weight, difference, moved[weight] as Projections, weight, 1e-3, 1e-4)
  }
})

test('labels that no class has are refused before anything runs; −100 is none of them', async () => {
  const model = await modelOf('bart')
  model.compile({ optimizer: 'sgd' })
  const fit = (labels: number[][]) => model.fit({ input_ids, attention_mask }, labels, { verbose: 0 })
  await expect(
    fit([
      [12, 41],
      [3, 2],
    ]),
  ).rejects.toThrow(/whole class numbers from 0 to 40/)
})
