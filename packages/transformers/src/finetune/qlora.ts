import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { type LoraOptions, lora } from '../adapters/lora-config.ts'
import { type AdapterMethodOptions, adapterMethod, pretrainedBase } from '../adapters/method.ts'
import { modulesOf } from '../adapters/modules.ts'
import { type QuantizeModelOptions, quantizeModel } from '../quantize/quantize-model.ts'
import { bodyOf, type Method } from './method.ts'

export interface QloraOptions
  extends LoraOptions,
    AdapterMethodOptions,
    Pick<QuantizeModelOptions, 'blockSize' | 'isSymmetric' | 'activations'> {
  /** Of each number of the body. Default 4. */
  readonly bits?: 4 | 8
}

/** The options that are not LoRA's, which checks its own. */
const ownChecks = optionsOf<Omit<QloraOptions, keyof LoraOptions>>()({
  bits: checks.oneOf(4, 8),
  blockSize: checks.oneOf(16, 32, 64, 128, 256),
  isSymmetric: checks.boolean,
  activations: checks.oneOf('int8', 'float32'),
  name: checks.string,
  learningRate: checks.positive,
})

/**
 * QLoRA: the body's dense layers are kept in few bits, and LoRA is learnt beside them in float32. Heads, and tables of words, are
 * left as they are; a body that is of few bits already stays what it is.
 *
 * Dettmers et al. 2023, https://arxiv.org/abs/2305.14314. Numbers are evenly spaced within a block, as ONNX Runtime's products
 * have them, where the paper's NormalFloat has levels by the quantiles of a normal distribution.
 *
 * @param options LoRA's, whose targets are by default `'all-linear'`, and how the body is kept: products read it with float32
 * (`activations`) by default.
 * @throws ArgumentError for options that are none.
 * @example
 * await finetune(model, rows, { task, method: qlora({ rank: 16, bits: 4 }) })
 */
export function qlora(options: QloraOptions = {}): Method {
  const { bits = 4, blockSize, isSymmetric, activations = 'float32', name, learningRate, ...rest } = options
  const own = { bits, blockSize, isSymmetric, activations, name, learningRate }
  checkOptions('qlora', own, ownChecks)
  const { initializer } = rest
  if (initializer?.startsWith('pissa') === true) {
    throw new ArgumentError({
      where: 'qlora: initializer',
      expected: "'default' or 'gaussian': a body of few bits cannot have singular values taken off",
      received: `'${initializer}'`,
    })
  }
  const method = adapterMethod(lora({ targets: 'all-linear', ...rest }), {
    ...(name !== undefined && { name }),
    ...(learningRate !== undefined && { learningRate }),
  })
  return {
    ...method,
    name: 'qlora',
    async prepare(model) {
      const pretrained = pretrainedBase('qlora', model)
      const body = bodyOf(pretrained)
      const whole = new Set(
        modulesOf(pretrained)
          .filter(({ kind, isHead, read }) => kind === 'dense' && !isHead && read.definition === undefined)
          .map(({ kernel }) => kernel.weight)
          .filter((weight) => body.has(weight)),
      )
      if (whole.size > 0) {
        await quantizeModel(pretrained, {
          ...{ bits, activations, filter: (_, weight) => whole.has(weight) },
          ...(blockSize !== undefined && { blockSize }),
          ...(isSymmetric !== undefined && { isSymmetric }),
        })
      }
      await method.prepare(model)
    },
  }
}
