import { type Model, type Optimizer, optimizers, type Prediction } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { type AdapterConfig, addAdapter, checkNewAdapter, checkPissa } from './adapters.ts'
import { planAdapter } from './plan.ts'
import type { PrefixTuningConfig, PromptTuningConfig } from './prompt-config.ts'
import { PromptedModel } from './prompted-model.ts'

/** What can be learnt beside a model: what `lora`, `ia3`, `promptTuning` and `prefixTuning` make. */
export type TuningConfig = AdapterConfig | PromptTuningConfig | PrefixTuningConfig

export interface AdapterMethodOptions {
  /** The adapter's name in the model. Default `'default'`. Prompts have none. */
  readonly name?: string
  /**
   * Default for LoRA 2e-4, as QLoRA's paper found best for models of up to 13 billion numbers (Dettmers et al. 2023, table 9);
   * for (IA)³ 8e-3, for prompts 3e-2 and for prefixes 1e-2, with which PEFT's documents train by AdamW: `task_guides/ia3.md`,
   * `task_guides/prompt_based_methods.md` and `examples/conditional_generation/peft_prefix_tuning_seq2seq.ipynb`. (The paper of
   * (IA)³ has 3e-3, for Adafactor.)
   */
  readonly learningRate?: number
}

const methodChecks = optionsOf<AdapterMethodOptions>()({ name: checks.string, learningRate: checks.positive })

const learningRates: Readonly<Record<TuningConfig['kind'], number>> = {
  lora: 2e-4,
  ia3: 8e-3,
  prompt: 3e-2,
  prefix: 1e-2,
}

type AnyModel = Model<Prediction>

/** A method of `finetune`: what is done to a model before it is trained, and how it is trained then. */
export interface AdapterMethod {
  readonly name: string
  readonly learningRate: number
  /** What is trained in the model's place. Changes nothing. Default: the model itself. */
  learner?(model: AnyModel): AnyModel
  /** Says what the model cannot be changed by, and changes nothing. */
  check?(model: AnyModel): void
  prepare(model: AnyModel): Promise<void>
  optimizer?(model: AnyModel, make: (rateFactor?: number) => Optimizer): Optimizer
}

/**
 * What `lora`, `ia3`, `promptTuning` or `prefixTuning` describe as a method of `finetune`, with a learning rate or a name of its
 * own: the model is frozen, and the adapter or the prompt added and trained. For LoRA+, B has an optimizer with a learning
 * rate of its own.
 *
 * @throws ArgumentError for options that are none.
 * @example
 * await finetune(model, rows, { task, method: adapterMethod(lora({ rank: 8, plusRatio: 16 }), { name: 'french' }) })
 */
export function adapterMethod(config: TuningConfig, options: AdapterMethodOptions = {}): AdapterMethod {
  checkOptions('adapterMethod', options, methodChecks)
  const { name = 'default', learningRate = learningRates[config.kind] } = options
  if (config.kind === 'prompt' || config.kind === 'prefix') return promptMethod(config, learningRate)
  const ratio = config.kind === 'lora' ? config.plusRatio : 1
  return {
    name: config.kind,
    learningRate,
    check(model) {
      const base = pretrainedBase(config.kind, model)
      checkNewAdapter(config.kind, base, name)
      checkPissa(config.kind, base, planAdapter(config.kind, base, config, name, false))
    },
    async prepare(model) {
      model.freeze()
      await addAdapter(pretrainedBase(config.kind, model), config, name)
    },
    ...(ratio !== 1 && {
      optimizer: (_, make) =>
        optimizers.multiOptimizer({
          defaultOptimizer: make(),
          // Names were checked to be plain.
          optimizerMap: { [`.*/${name}/b`]: make(ratio) },
        }),
    }),
  }
}

const promptMethod = (
  config: PromptTuningConfig | PrefixTuningConfig,
  learningRate: number,
): AdapterMethod => ({
  name: config.kind,
  learningRate,
  learner: (model) => new PromptedModel(pretrainedBase(config.kind, model), config, { freezesBase: false }),
  async prepare(model) {
    if (model instanceof PromptedModel) model.freezeBase()
  },
})

/** The pretrained model itself, or what a sentence encoder stands on. @throws ArgumentError for another model. */
export function pretrainedBase(where: string, model: AnyModel): PretrainedModel {
  if (model instanceof SentenceEncoder) return model.base
  if (model instanceof PretrainedModel) return model
  throw new ArgumentError({
    where,
    expected: 'a PretrainedModel or a SentenceEncoder',
    received: `a ${model.className}`,
    fix: 'Layers of any model are adapted by adapted({ targets, adapter: adapters.lowRank() }).',
  })
}
