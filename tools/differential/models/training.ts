/** How a random model is trained: optimizer, losses, metrics, labels, weights. */
import { arrayOf, type KerasObject } from '../families/objects.ts'
import { optimizer } from '../families/optimizer-table.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Random } from '../random.ts'
import type { Value } from './graph-builder.ts'
import type { TrainingSpec } from './spec.ts'

/** What labels of an output are: one class of several (one-hot, or by number), one of two, or numbers. */
export type LabelKind = 'one' | 'number' | 'two' | 'numbers'

/** An output with the loss that it is judged by. */
export interface Judged {
  readonly value: Value
  readonly loss: KerasObject
  readonly kind: LabelKind
}

export const object = (class_name: string, config: JsonObject = {}): KerasObject => ({ class_name, config })

export const regressions = [
  'MeanSquaredError',
  'MeanAbsoluteError',
  'Huber',
  'LogCosh',
  'MeanSquaredError',
] as const

/** Of these alone a step says as much as its gradient: others divide a gradient that is 0 but for rounding by itself. */
const tame = ['SGD', 'SGD', 'Adam', 'RMSprop', 'AdamW', 'Adagrad', 'Nadam', 'Adamax', 'Adadelta', 'Ftrl']

function tameOptimizer(random: Random): KerasObject {
  const { class_name, config } = optimizer(random, tame)
  const divides = ['Adam', 'RMSprop', 'AdamW', 'Nadam', 'Adamax', 'Adadelta'].includes(class_name)
  const { learning_rate = null, ...rest } = config
  // Rates of 0.5 make a small difference a large one.
  const rate = typeof learning_rate === 'number' ? Math.min(learning_rate, 0.05) : learning_rate
  return object(class_name, {
    ...rest,
    ...(rate === null ? {} : { learning_rate: rate }),
    ...(divides ? { epsilon: 0.01 } : {}),
  })
}

const labelMetrics: Readonly<Record<LabelKind, readonly Json[]>> = {
  one: [
    'accuracy',
    object('TopKCategoricalAccuracy', { k: 2 }),
    object('CategoricalCrossentropy'),
    object('F1Score'),
  ],
  number: [
    'accuracy',
    object('SparseTopKCategoricalAccuracy', { k: 2 }),
    object('SparseCategoricalCrossentropy'),
  ],
  two: ['accuracy', object('AUC'), object('Precision'), object('BinaryCrossentropy')],
  numbers: ['mae', 'mse', object('RootMeanSquaredError'), object('CosineSimilarity'), object('LogCoshError')],
}

export function training(random: Random, judged: readonly Judged[], samples: number): TrainingSpec {
  const labels = judged.map(({ value: { shape }, kind }) => {
    if (kind === 'numbers') return arrayOf([samples, ...shape], 'float32', () => random.value(1))
    if (kind === 'two') return arrayOf([samples, ...shape], 'float32', () => random.int(0, 1))
    const [outer, classes] = [[samples, ...shape.slice(0, -1)], shape.at(-1) as number]
    if (kind === 'number') return arrayOf(outer, 'int32', () => random.int(0, classes - 1))
    let chosenClass = 0
    let at = 0
    return arrayOf([...outer, classes], 'float32', () => {
      if (at % classes === 0) chosenClass = random.int(0, classes - 1)
      return at++ % classes === chosenClass ? 1 : 0
    })
  })
  const [first] = judged
  const isSingle = judged.length === 1
  const some = (chance: number): Json[][] => {
    const isGiven = random.chance(chance)
    return judged.map(({ kind, value }) =>
      isGiven
        ? random
            .shuffled(labelMetrics[kind])
            .slice(0, random.int(1, 2))
            .filter((m) => value.shape.length === 1 || !JSON.stringify(m).includes('F1Score'))
        : [],
    )
  }
  const isClassed =
    isSingle && first?.value.shape.length === 1 && first.kind !== 'numbers' && random.chance(0.3)
  return {
    optimizer: tameOptimizer(random),
    losses: judged.map(({ loss }) => loss),
    metrics: some(0.6),
    weighted_metrics: some(0.15),
    loss_weights: !isSingle && random.chance(0.5) ? judged.map(() => random.pick([0.5, 1, 2])) : null,
    labels,
    sample_weight:
      // Of outputs of a higher rank Keras takes weights of samples for those of their last axis.
      isSingle && !isClassed && first?.value.shape.length === 1 && random.chance(0.25)
        ? arrayOf([samples], 'float32', () => random.int(0, 3))
        : null,
    class_weight: isClassed ? { 0: 0.5, 1: 2 } : null,
    batch_size: 2,
  }
}
