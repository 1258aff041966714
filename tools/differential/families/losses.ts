/** Every loss with all of its options, weights and masks: value and gradient against Keras. */
import { grad, losses, type Tensor } from 'typegrad'
import { type ArrayJson, tensorJson, tensorOf } from '../arrays.ts'
import type { Family } from '../family.ts'
import type { JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import { shrunkArrays } from '../shrink-arrays.ts'
import { type Judged, judged, type Labels, sampleWeightOf, shapeOf } from './judged.ts'
import {
  arrayOf,
  chosen,
  here,
  type KerasObject,
  type Options,
  oneOf,
  pythonValue,
  typescriptValue,
  withoutOptions,
} from './objects.ts'

interface LossSpec extends Judged {
  readonly object: KerasObject
  readonly sampleWeight: ArrayJson | null
  readonly mask: ArrayJson | null
}

const crossentropy: Options = {
  from_logits: oneOf(true, false),
  label_smoothing: oneOf(0, 0.1, 0.3),
}
const focal: Options = { ...crossentropy, alpha: oneOf(0.25, 0.6), gamma: oneOf(2, 1, 0.5, 0) }

/** The losses, what labels they take and which options they have. */
const table: Readonly<Record<string, readonly [Labels, Options?]>> = {
  MeanSquaredError: ['numbers'],
  MeanAbsoluteError: ['numbers'],
  MeanAbsolutePercentageError: ['numbers'],
  MeanSquaredLogarithmicError: ['positive'],
  Huber: ['numbers', { delta: oneOf(0.3, 1, 2) }],
  LogCosh: ['numbers'],
  CosineSimilarity: ['numbers', { axis: oneOf(-1, 1) }],
  Poisson: ['positive'],
  KLDivergence: ['positive'],
  Hinge: ['signed'],
  SquaredHinge: ['signed'],
  CategoricalHinge: ['oneHot'],
  BinaryCrossentropy: ['binary', { ...crossentropy, axis: oneOf(-1, 1) }],
  BinaryFocalCrossentropy: [
    'binary',
    { ...focal, apply_class_balancing: oneOf(true, false), axis: oneOf(-1, 1) },
  ],
  CategoricalCrossentropy: ['oneHot', { ...crossentropy, axis: oneOf(-1, 1) }],
  CategoricalFocalCrossentropy: ['oneHot', { ...focal, axis: oneOf(-1, 1) }],
  CategoricalGeneralizedCrossEntropy: ['sparse', { q: oneOf(0.3, 0.5, 0.9) }],
  SparseCategoricalCrossentropy: [
    'sparse',
    { from_logits: oneOf(true, false), ignore_class: oneOf(0, 1, -1) },
  ],
  Dice: ['binary', { axis: oneOf([1], [0, 1], [-1]) }],
  Tversky: ['binary', { alpha: oneOf(0.3, 0.7), beta: oneOf(0.4, 0.9), axis: oneOf([1], [-1]) }],
  Circle: ['sparse', { gamma: oneOf(2, 80), margin: oneOf(0.25, 0.4), remove_diagonal: oneOf(true, false) }],
}

const reduction = oneOf('sum_over_batch_size', 'sum', 'mean', 'mean_with_sample_weight', 'none')

function generate(random: Random): LossSpec {
  const name = random.pick(Object.keys(table))
  const [labels, options = {}] = table[name] as readonly [Labels, Options?]
  const config = chosen(random, { ...options, reduction })
  const shape =
    name === 'Circle'
      ? [random.int(2, 6), random.int(2, 4)]
      : shapeOf(random, labels === 'oneHot' || labels === 'sparse' ? 2 : 1)
  if (typeof config.axis === 'number' && config.axis >= shape.length) shape.push(random.int(2, 3))
  const pair = judged(random, labels, shape, {
    logits: config.from_logits === true || name === 'CategoricalHinge',
    // Keras's mixes the samples of such labels (keras-differs.md).
    column: name !== 'CategoricalGeneralizedCrossEntropy',
  })
  const isMasked = random.chance(0.15)
  return {
    object: { class_name: name, config },
    ...pair,
    sampleWeight: random.chance(0.4) ? sampleWeightOf(random, shape) : null,
    mask: isMasked
      ? arrayOf(random.pick([shape.slice(0, 1), shape.slice(0, -1)]), 'bool', () => random.int(0, 1))
      : null,
  }
}

export const optionalTensor = (array: ArrayJson | null): Tensor | undefined =>
  array === null ? undefined : tensorOf(array)

async function answer(spec: LossSpec): Promise<JsonObject> {
  const loss = losses.getLoss(here(spec.object))
  const [yTrue, yPred] = [tensorOf(spec.yTrue), tensorOf(spec.yPred)]
  const [weight, mask] = [optionalTensor(spec.sampleWeight), optionalTensor(spec.mask)]
  const value = loss.apply(yTrue, yPred, weight, mask)
  const gradient = grad((p: Tensor) => loss.apply(yTrue, p, weight, mask).sum())(yPred)
  return { value: await tensorJson(value), gradient: await tensorJson(gradient) }
}

function* shrinks(spec: LossSpec): Iterable<LossSpec> {
  if (spec.mask !== null) yield { ...spec, mask: null }
  if (spec.sampleWeight !== null) yield { ...spec, sampleWeight: null }
  for (const object of withoutOptions(spec.object)) yield { ...spec, object }
  yield* shrunkJudged(spec)
}

/** The same case with smaller arrays. */
export function* shrunkJudged<S extends JsonObject>(spec: S): Iterable<S> {
  const keys = ['yTrue', 'yPred', 'sampleWeight', 'mask'].filter((key) => (spec[key] ?? null) !== null)
  for (const arrays of shrunkArrays(keys.map((key) => spec[key] as ArrayJson)))
    yield { ...spec, ...Object.fromEntries(keys.map((key, i) => [key, arrays[i]])) }
}

export const lossesFamily: Family<LossSpec> = {
  name: 'losses',
  first: 'python',
  backends: ['torch', 'jax'],
  generate,
  here: answer,
  tolerance: () => ({ relative: 5e-5, absolute: 1e-6 }),
  shrinks,
  typescript: ({ object, yTrue, yPred, sampleWeight, mask }) =>
    [
      "import { losses, tensor } from 'typegrad'",
      `const loss = losses.getLoss(${typescriptValue(object)})`,
      `const [yTrue, yPred] = [${typescriptValue(yTrue)}, ${typescriptValue(yPred)}]`,
      `console.log(await loss.apply(yTrue, yPred${[sampleWeight, mask].map((a) => (a === null ? ', undefined' : `, ${typescriptValue(a)}`)).join('')}).data())`,
    ].join('\n'),
  python: ({ object, yTrue, yPred, sampleWeight, mask }) =>
    [
      'import keras, numpy as np',
      `loss = ${pythonValue(object, 'keras.losses')}`,
      `y_true, y_pred = ${pythonValue(yTrue)}, keras.ops.convert_to_tensor(${pythonValue(yPred)})`,
      ...(mask === null ? [] : [`y_pred._keras_mask = keras.ops.convert_to_tensor(${pythonValue(mask)})`]),
      `print(loss(y_true, y_pred, ${pythonValue(sampleWeight)}))`,
    ].join('\n'),
}
