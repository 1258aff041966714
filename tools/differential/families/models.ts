/** Models that Keras makes, saves, predicts with and trains, opened here. */
import { type Model, type Prediction, readKeras, readKerasH5, type Tensor } from 'typegrad'
import { type ArrayJson, elementsOf, isArrayJson, tensorJson, tensorOf } from '../arrays.ts'
import type { Family } from '../family.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { generateModel } from '../models/generate.ts'
import { pythonModel } from '../models/print.ts'
import { shrunkModels } from '../models/shrink.ts'
import type { ModelSpec } from '../models/spec.ts'

export const listOf = (outputs: Prediction): readonly Tensor[] =>
  Array.isArray(outputs) ? (outputs as readonly Tensor[]) : [outputs as Tensor]

const firstOrAll = (tensors: readonly Tensor[]): Tensor | readonly Tensor[] =>
  tensors.length === 1 ? (tensors[0] as Tensor) : tensors

const json = (tensors: readonly Tensor[]): Promise<ArrayJson[]> => Promise.all(tensors.map(tensorJson))

/** Predictions, and what training by a specification makes of a model. */
export async function judgedHere(model: Model<Prediction>, spec: ModelSpec): Promise<JsonObject> {
  const data = firstOrAll(spec.data.map(tensorOf))
  const batchSize = spec.batch ?? 8
  const predictions = await json(listOf(await model.predict(data, { batchSize })))
  const { training } = spec
  if (training === null) return { predictions }
  const { history } = await model.fit(data, firstOrAll(training.labels.map(tensorOf)), {
    batchSize: training.batch_size,
    epochs: 1,
    shuffle: false,
    verbose: 0,
    ...(training.sample_weight === null ? {} : { sampleWeight: tensorOf(training.sample_weight) }),
    ...(training.class_weight === null ? {} : { classWeight: training.class_weight }),
  })
  const values = (weights: Model['weights']): Promise<ArrayJson[]> =>
    json(weights.filter(({ dtype }) => dtype.startsWith('float')).map(({ value }) => value))
  return {
    predictions,
    logs: Object.fromEntries(Object.entries(history).map(([name, [value]]) => [name, value as number])),
    trainable: await values(model.trainableWeights),
    nonTrainable: await values(model.nonTrainableWeights),
    after: await json(listOf(await model.predict(data, { batchSize }))),
  }
}

async function here(spec: ModelSpec, theirs: JsonObject | undefined): Promise<JsonObject> {
  const bytes = elementsOf(theirs?.file as ArrayJson) as Uint8Array
  const read = spec.format === 'h5' ? readKerasH5 : readKeras
  return judgedHere(await read<Prediction>(bytes, { name: `model.${spec.format}` }), spec)
}

/** What both sides say: all but the file; logs as plain numbers. */
export function comparedModels({ file: _, logs, ...rest }: JsonObject): Json {
  if (!isJsonObject(logs)) return rest
  const plain = Object.entries(logs).flatMap(([name, value]): [string, Json][] => {
    if (!isArrayJson(value)) return [[name, value]]
    const numbers = Array.from<number | bigint, number>(elementsOf(value), Number)
    // A metric that is a vector has a number for each element here.
    return value.shape.length === 0
      ? [[name, numbers[0] as number]]
      : numbers.map((number, i) => [`${name}_${i}`, number])
  })
  return { ...rest, logs: Object.fromEntries(plain) }
}

export const modelTolerance = { relative: 1e-3, absolute: 2e-5 }

/** Digits of a half: typegrad computes with floats where Keras's policy mixes them. */
const halfTolerances = {
  mixed_float16: { relative: 2e-2, absolute: 5e-3 },
  mixed_bfloat16: { relative: 1e-1, absolute: 5e-2 },
  float64: modelTolerance,
}

export const modelsFamily: Family<ModelSpec> = {
  name: 'models',
  first: 'python',
  backends: ['torch', 'jax', 'tensorflow'],
  generate: generateModel,
  here,
  tolerance: ({ policy }) => halfTolerances[policy ?? 'float64'],
  compared: comparedModels,
  shrinks: shrunkModels,
  typescript: (spec) =>
    [
      "import { loadModel } from 'typegrad'",
      `const model = await loadModel('model.${spec.format}') // as the Python program saves it`,
      'const x = … // as there',
      'console.log(await model.predict(x))',
    ].join('\n'),
  python: pythonModel,
}
