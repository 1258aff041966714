import { type Optimizer, optimizers } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { type AdapterConfig, addAdapter } from './adapters.ts'

export interface AdapterMethodOptions {
  /** The adapter's name in the model. Default `'default'`. */
  readonly name?: string
  /** Default 2e-4, as QLoRA's paper found best for models of up to 13 billion numbers (Dettmers et al. 2023, table 9). */
  readonly learningRate?: number
}

const methodChecks = optionsOf<AdapterMethodOptions>()({ name: checks.string, learningRate: checks.positive })

/** A method of `finetune`: what is done to a model before it is trained, and how it is trained then. */
export interface AdapterMethod {
  readonly name: string
  readonly learningRate: number
  prepare(model: PretrainedModel | SentenceEncoder): Promise<void>
  optimizer?(model: PretrainedModel | SentenceEncoder, make: (rateFactor?: number) => Optimizer): Optimizer
}

/**
 * An adapter as a method of `finetune`: the model is frozen, and the adapter added and trained. For LoRA+, B has an optimizer
 * with a learning rate of its own.
 *
 * @throws ArgumentError for options that are none.
 * @example
 * await finetune(model, rows, { task, method: adapterMethod(lora({ rank: 8, plusRatio: 16 })) })
 */
export function adapterMethod(config: AdapterConfig, options: AdapterMethodOptions = {}): AdapterMethod {
  checkOptions('adapterMethod', options, methodChecks)
  const { name = 'default', learningRate = 2e-4 } = options
  const ratio = config.kind === 'lora' ? config.plusRatio : 1
  return {
    name: config.kind,
    learningRate,
    async prepare(model) {
      model.freeze()
      await addAdapter(model instanceof PretrainedModel ? model : model.base, config, name)
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
