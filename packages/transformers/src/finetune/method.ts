import { adapt, type Optimizer, type Variable } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { WeightFilter } from 'typegrad/layers'
import type { TuningConfig } from '../adapters/method.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import type { TrainableModel } from '../tasks/task.ts'

/** How a model is changed: which of its weights learn, and what is added to them. */
export interface Method {
  /** For errors and results, such as `'lora'`. */
  readonly name: string
  /** The learning rate where none is said. */
  readonly learningRate: number
  /**
   * What is trained in the model's place, such as one behind a prompt. Changes nothing. Default: the model itself, and `prepare`
   * is given what this gives.
   */
  learner?(model: TrainableModel): TrainableModel
  /**
   * Changes nothing. @throws ArgumentError for a model that the method is not for. Called before any data is read.
   */
  check?(model: TrainableModel): void
  /** Freezes and adapts weights. Called once, after all data was checked and before the model is compiled. */
  prepare(model: TrainableModel): void | Promise<void>
  /**
   * An optimizer of the method's own, such as one with several learning rates.
   *
   * @param make gives an optimizer by the options of `finetune`, with its learning rate times a factor.
   */
  optimizer?(model: TrainableModel, make: (rateFactor?: number) => Optimizer): Optimizer
}

/** Methods that go by their names, with their defaults. */
export type MethodName = 'full' | 'frozen' | 'lora' | 'qlora' | 'ia3' | 'promptTuning' | 'prefixTuning'

/** What `finetune` takes for one: a name, what `lora`, `ia3`, `promptTuning` or `prefixTuning` make, or a method. */
export type MethodChoice = MethodName | TuningConfig | Method

/**
 * Every weight learns that is not frozen already. 2e-5 is among what BERT's authors recommend (Devlin et al. 2018,
 * https://arxiv.org/abs/1810.04805, appendix A.3).
 */
export const full: Method = { name: 'full', learningRate: 2e-5, prepare: () => {} }

/** The head learns on what the body gives, which stays as it is. */
export const frozen: Method = {
  name: 'frozen',
  learningRate: 1e-3,
  prepare(model) {
    freezeBody(model)
    if (model.trainableWeights.length > 0) return
    throw new ArgumentError({
      where: "finetune: method 'frozen'",
      expected: 'a model with weights beside its body, such as a classifier',
      received: `a ${model.className} whose weights are all its body's`,
      fix: "Choose 'full' or an adapter.",
    })
  },
}

/** Freezes what stands under a model's heads; heads are trained. */
export function freezeBody(model: TrainableModel): void {
  const body = bodyOf(model)
  model.freeze((_, weight) => body.has(weight))
}

/** The weights of a model's body: those that a checkpoint without a head has too. */
export function bodyOf(model: TrainableModel): ReadonlySet<Variable> {
  const pretrained = model instanceof SentenceEncoder ? model.base : model
  if (!(pretrained instanceof PretrainedModel)) {
    throw new ArgumentError({
      where: 'finetune: method',
      expected: 'a PretrainedModel or a SentenceEncoder, whose body is known',
      received: `a ${model.className}`,
      fix: "Freeze weights yourself, by model.freeze(filter), and choose 'full'.",
    })
  }
  const { checkpoint } = pretrained.architecture
  const weights = pretrained.checkpointWeights
  const ofBody = weights.filter(({ name }) => name.startsWith(`${checkpoint.prefix}.`))
  // Without a head, names have no prefix, and all is the body.
  return new Set((ofBody.length > 0 ? ofBody : weights).map(({ weight }) => weight))
}

export interface AdaptedOptions {
  /** Which weights, by their paths: a pattern, several, or a function. */
  readonly targets: WeightFilter
  /** What becomes of each, such as `adapters.lowRank({ rank: 8 })`. */
  readonly adapter: Parameters<typeof adapt>[2]
  /** Default 2e-4. */
  readonly learningRate?: number
}

/**
 * Adapters on some weights of a frozen body; heads are trained as well.
 *
 * @example
 * const method = adapted({ targets: '**\/{query,value}/kernel', adapter: adapters.lowRank({ rank: 8, alpha: 16 }) })
 */
export const adapted = ({ targets, adapter, learningRate = 2e-4 }: AdaptedOptions): Method => ({
  name: adapter.name,
  learningRate,
  prepare(model) {
    freezeBody(model)
    adapt(model, targets, adapter)
  },
})
