import { expect } from 'vitest'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { inverseOf } from '../checkpoint/names.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type Finetuned, type FinetuneOptions, finetune } from '../finetune/finetune.ts'
import type { Scores, TrainableModel } from '../tasks/task.ts'
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts'
import { dataOf, expectProjections, type Projections } from './golden.ts'
import { type GoldenPipelines, pipelineFolder, readPipelines } from './pipelines.ts'

/** Two steps of training in Python, of one model on one task. */
export interface GoldenTraining<Row> {
  readonly rows: readonly Row[]
  readonly warmup?: number
  /** The mean of the batches' losses. */
  readonly loss: number
  /** What each weight has moved by. */
  readonly moved: Readonly<Record<string, Projections>>
  readonly scores: Scores
  /** Of questions: how their texts were cut, and where in each window the answer stands. */
  readonly length?: number
  readonly stride?: number
  readonly places?: readonly (readonly number[])[]
  /** Of chats: their template, and of each what is learnt. */
  readonly template?: string
  readonly learnt?: readonly string[]
}

/** What `tools/golden/make_transformers_finetune.py` made. */
export interface GoldenTrainings extends GoldenPipelines {
  readonly rate: number
  readonly decay: number
  readonly batch: number
  readonly epsilon: number
  // biome-ignore lint/suspicious/noExplicitAny: rows of all tasks
  readonly cases: Readonly<Record<string, GoldenTraining<any>>>
}

/** @param file of `golden/`, without `.json`. */
export const readTrainings = (file = 'finetune'): GoldenTrainings => readPipelines<GoldenTrainings>(file)

/** A model of the file, as it was before the training, with its tokenizer. */
export async function modelOf(golden: GoldenTrainings, name: string) {
  const folder = pipelineFolder(golden, name)
  return { model: await fromPretrained(folder), tokenizer: await loadTokenizer(folder) }
}

/** Trains as Python did, and compares the loss, what every weight has moved by, and the scores behind. */
export async function expectTraining<Row, Example>(
  golden: GoldenTrainings,
  name: string,
  model: PretrainedModel,
  task: FinetuneOptions<Row, Example, PretrainedModel>['task'],
): Promise<Finetuned> {
  return await expectTrainingOf(golden, name, { model, base: model }, task)
}

/** The same of a model around the one whose weights are compared. */
export async function expectTrainingOf<Row, Example, M extends TrainableModel>(
  golden: GoldenTrainings,
  name: string,
  { model, base }: { readonly model: M; readonly base: PretrainedModel },
  task: FinetuneOptions<Row, Example, M>['task'],
): Promise<Finetuned> {
  const { rows, loss, moved, scores, warmup = 0 } = golden.cases[name] as GoldenTraining<Row>
  const weights = base.checkpointWeights.filter((one) => one.name in moved)
  expect(weights.map((one) => one.name).sort()).toEqual(Object.keys(moved).sort())
  const before = await Promise.all(weights.map(async ({ weight }) => (await dataOf(weight.value)).slice()))
  const told = await finetune(model, rows, {
    ...{ task, warmup, learningRate: golden.rate, weightDecay: golden.decay },
    ...{ batchSize: name === 'chats' ? 8 : golden.batch, adam: { epsilon: golden.epsilon } },
    ...{ shuffle: false, verbose: 0, ...(Object.keys(scores).length > 0 && { validationData: rows }) },
  })
  expect(told.history.history.loss?.[0]).toBeCloseTo(loss, 4)
  for (const [i, { name: weightName, weight, axes }] of weights.entries()) {
    const kept = axes === undefined ? weight.value : weight.value.transpose(inverseOf(axes))
    const start = before[i] as Float32Array
    const after = await dataOf(kept)
    const old = axes === undefined ? start : transposed(start, weight.shape)
    const difference = after.map((value, j) => value - (old[j] as number))
    expectProjections(weightName, difference, moved[weightName] as Projections, weightName, 1e-3, 1e-4)
  }
  for (const [score, value] of Object.entries(scores)) {
    expect(Math.abs((told.after?.[score] ?? Number.NaN) - value), score).toBeLessThan(
      1e-4 * Math.max(1, value),
    )
  }
  return told
}

/** A matrix [rows, columns] as [columns, rows]. */
function transposed(data: Float32Array, [rows = 1, columns = 1]: readonly number[]): Float32Array {
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)] as number)
}
