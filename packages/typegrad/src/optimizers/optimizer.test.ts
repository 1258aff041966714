import { describe, expect, it } from 'vitest'
import { ArgumentError, StateError, UnknownNameError } from '../base/errors.ts'
import { serialize } from '../base/serialization.ts'
import { compile, ones, type Tensor, tensor, Variable, zeros } from '../index.ts'
import { exponentialDecay } from '../schedules/index.ts'
import { expectClose } from '../testing/closeness.ts'
import {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  getOptimizer,
  lamb,
  lion,
  lossScaleOptimizer,
  multiOptimizer,
  muon,
  nadam,
  Optimizer,
  type OptimizerOptions,
  rmsprop,
  type Step,
  sgd,
  type UpdateRule,
} from './index.ts'

const weightOf = (value: Tensor, name = 'kernel') => new Variable(value, { name })
const valuesOf = async (weight: Variable) => Array.from(await weight.value.data(), Number)

describe('the learning rate', () => {
  it('can be set between steps of one compiled function', async () => {
    const weight = weightOf(zeros([2]))
    const optimizer = sgd({ learningRate: 0.1 })
    const step = compile((g: Tensor) => optimizer.apply([g], [weight]))
    await step(ones([2]))
    optimizer.learningRateValue /= 10
    await step(ones([2]))
    expectClose(await valuesOf(weight), [-0.11, -0.11])
    expect(optimizer.learningRateValue).toBe(0.1 / 10)
    expect(await optimizer.iterations.value.item()).toBe(2)
  })

  it('follows a schedule', async () => {
    const weight = weightOf(zeros([1]))
    const schedule = exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 })
    const optimizer = sgd({ learningRate: schedule })
    const step = compile((g: Tensor) => optimizer.apply([g], [weight]))
    for (const sum of [-1, -1.5, -1.75]) {
      await step(ones([1]))
      expectClose(await valuesOf(weight), [sum])
    }
    expect(await optimizer.learningRate.value.item()).toBe(0.25)
    expect(optimizer.learningRateValue).toBe(0.25)
    expect(() => {
      optimizer.learningRateValue = 1
    }).toThrow(StateError)
    expect(serialize(getOptimizer(serialize(optimizer)))).toEqual(serialize(optimizer))
  })

  it('is read from the state when that was restored', () => {
    const optimizer = adam({ learningRate: 0.1 })
    optimizer.learningRate.assign(tensor(0.25))
    expect(optimizer.learningRateValue).toBe(0.25)
    expect(optimizer.getConfig().learningRate).toBe(0.25)
  })

  it('must be a number', () => {
    expect(() => adam({ learningRate: Number.NaN })).toThrow(ArgumentError)
    expect(() => adam({ learningRate: -1 })).toThrow('learningRate: expected a number of at least 0')
  })
})

describe('state', () => {
  it("stands in Keras's order under names of the weights", () => {
    const weights = [weightOf(zeros([2, 3]), 'dense/kernel'), weightOf(zeros([3]), 'dense/bias')]
    const namesOf = (optimizer: Optimizer) => {
      optimizer.build(weights)
      return optimizer.variables.map((variable) => variable.name)
    }
    expect(namesOf(sgd())).toEqual(['iteration', 'learning_rate'])
    expect(namesOf(adam({ amsgrad: true }))).toEqual([
      'iteration',
      'learning_rate',
      'dense/kernel/momentum',
      'dense/kernel/velocity',
      'dense/bias/momentum',
      'dense/bias/velocity',
      'dense/kernel/velocity_hat',
      'dense/bias/velocity_hat',
    ])
    expect(namesOf(rmsprop({ momentum: 0.5, centered: true })).slice(2)).toEqual([
      'dense/kernel/velocity',
      'dense/bias/velocity',
      'dense/kernel/momentum',
      'dense/bias/momentum',
      'dense/kernel/average_gradient',
      'dense/bias/average_gradient',
    ])
  })

  it('belongs to the weights that it was made for', async () => {
    const [kernel, other] = [weightOf(zeros([2])), weightOf(zeros([3]), 'other')]
    const optimizer = adagrad()
    optimizer.build([kernel])
    const [before] = optimizer.variables.slice(2)
    optimizer.build([kernel])
    expect(optimizer.variables[2]).toBe(before)
    expectClose(await (before as Variable).value.data(), [0.1, 0.1])
    expect(() => optimizer.build([other])).toThrow(StateError)
    expect(() => optimizer.build([other])).toThrow(
      'adagrad: expected the 1 weights that the optimizer was built for, received other [3]',
    )
  })

  it('is written in place', async () => {
    const memoryOf = ({ node }: Variable) => (node.kind === 'data' ? node.params.source : undefined)
    const optimizers = [
      adam({ useEma: true, emaMomentum: 0.9 }),
      sgd(),
      sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
      adam({ amsgrad: true, clipnorm: 1 }),
      adamw({ globalClipnorm: 1 }),
      rmsprop({ momentum: 0.5, centered: true }),
      adagrad({ clipvalue: 1 }),
      adadelta(),
      adafactor(),
      adamax(),
      lamb(),
      nadam(),
    ]
    for (const optimizer of optimizers) {
      const weight = weightOf(zeros([4]))
      // The gradient reads the weight, as a model's does.
      const step = compile((x: Tensor) => optimizer.apply([weight.value.sub(x).exp()], [weight]))
      await step(ones([4]))
      const state = [weight, ...optimizer.variables]
      const before = state.map(memoryOf)
      await step(ones([4]))
      state.forEach((variable, i) => {
        if (variable.name === 'learning_rate' || variable.name === 'iteration') return
        expect(memoryOf(variable), `${optimizer.className}: ${variable.name}`).toBe(before[i])
      })
    }
  })
})

describe('apply', () => {
  it('works outside of compiled functions', async () => {
    const weight = weightOf(ones([2]))
    const optimizer = sgd({ learningRate: 0.5 })
    for (let i = 0; i < 3; i++) optimizer.apply([tensor([1, 2])], [weight])
    expectClose(await valuesOf(weight), [-0.5, -2])
  })

  it('keeps the dtype of the weights', async () => {
    const weight = weightOf(ones([2], { dtype: 'float64' }))
    const optimizer = adam({ learningRate: 0.1, weightDecay: 0.1, clipnorm: 1 })
    const step = compile((g: Tensor) => optimizer.apply([g], [weight]))
    await step(ones([2], { dtype: 'float64' }))
    expect(weight.value.dtype).toBe('float64')
    expectClose(await valuesOf(weight), [0.89, 0.89])
  })

  it('refuses gradients that are not those of the weights', () => {
    const weight = weightOf(zeros([2]))
    expect(() => sgd().apply([], [weight])).toThrow(
      'expected a gradient for each of the 1 weights, received 0',
    )
    expect(() => sgd().apply([zeros([3])], [weight])).toThrow(ArgumentError)
  })
})

describe('weight decay and clipping', () => {
  it('leaves out what is excluded', async () => {
    const weights = [weightOf(ones([1]), 'dense/kernel'), weightOf(ones([1]), 'dense/bias')]
    const optimizer = adamw({ learningRate: 0.1, weightDecay: 0.5 })
    optimizer.excludeFromWeightDecay(['bias'])
    const step = compile((...grads: Tensor[]) => optimizer.apply(grads, weights))
    await step(zeros([1]), zeros([1]))
    expectClose((await Promise.all(weights.map(valuesOf))).flat(), [0.95, 1])
  })

  it('makes a global norm that is not finite known', async () => {
    const weight = weightOf(zeros([2]))
    const optimizer = sgd({ globalClipnorm: 1 })
    const step = compile((g: Tensor) => optimizer.apply([g], [weight]))
    await step(zeros([2]))
    expect(await valuesOf(weight)).toEqual([0, 0])
    await step(tensor([1, Number.POSITIVE_INFINITY]))
    expect(await valuesOf(weight)).toEqual([Number.NaN, Number.NaN])
  })

  it('clips in one way alone', () => {
    expect(() => adam({ clipnorm: 1, clipvalue: 2 })).toThrow(
      'adam: expected at most one of clipnorm, clipvalue and globalClipnorm, received clipnorm 1, clipvalue 2.',
    )
  })
})

describe('getOptimizer', () => {
  it('makes an optimizer again from its configuration', () => {
    for (const first of [
      sgd({ momentum: 0.9, nesterov: true, clipvalue: 0.5 }),
      adam({ beta1: 0.8, amsgrad: true }),
      adamw({ weightDecay: 0.1 }),
      rmsprop({ centered: true }),
      adagrad({ name: 'own' }),
      adam({ useEma: true, emaMomentum: 0.5, emaOverwriteFrequency: 3, gradientAccumulationSteps: 2 }),
      adafactor({ epsilon1: 1e-20, relativeStep: false }),
      muon({ excludeLayers: ['head'], nsSteps: 3 }),
      lossScaleOptimizer({ innerOptimizer: lion({ beta1: 0.8 }), initialScale: 8 }),
      multiOptimizer({ defaultOptimizer: 'adam', optimizerMap: { '.*bias': sgd({ momentum: 0.5 }) } }),
    ]) {
      const again = getOptimizer(serialize(first))
      expect(again.constructor).toBe(first.constructor)
      expect(serialize(again)).toEqual(serialize(first))
    }
  })

  it('knows names in every spelling', () => {
    expect(getOptimizer('RMSprop').className).toBe('RMSprop')
    expect(getOptimizer('AdamW').className).toBe('AdamW')
    expect(() => getOptimizer('adm')).toThrow(UnknownNameError)
    expect(() => getOptimizer('adm')).toThrow("Did you mean 'adam'?")
    expect(() => sgd({ momentum: 2 })).toThrow(ArgumentError)
  })
})

describe('gradient accumulation', () => {
  it('is one step with the mean of the gradients', async () => {
    const [weight, other] = [weightOf(zeros([2])), weightOf(zeros([2]))]
    const [optimizer, plain] = [adam({ gradientAccumulationSteps: 2 }), adam()]
    const step = compile((g: Tensor) => optimizer.apply([g], [weight]))
    await step(tensor([1, 4]))
    expect(await valuesOf(weight)).toEqual([0, 0])
    await step(tensor([3, -2]))
    plain.apply([tensor([2, 1])], [other])
    expectClose(await valuesOf(weight), await valuesOf(other))
    expect(() => adam({ gradientAccumulationSteps: 1 })).toThrow(ArgumentError)
  })
})

describe('moving averages', () => {
  it('are the first weights and then move towards them', async () => {
    const weight = weightOf(zeros([1]))
    const optimizer = sgd({ learningRate: 1, useEma: true, emaMomentum: 0.5 })
    const step = compile((g: Tensor) => optimizer.apply([g], [weight]))
    for (const average of [-1, -1.5, -2.25]) {
      await step(ones([1]))
      expectClose(await valuesOf(optimizer.slotsOf(weight).average as Variable), [average])
    }
    expect(await valuesOf(weight)).toEqual([-3])
    optimizer.finalizeVariableValues([weight])
    expect(await valuesOf(weight)).toEqual([-2.25])
  })

  it('need a momentum from 0 to 1 and a whole frequency', () => {
    expect(() => sgd({ useEma: true, emaMomentum: 2 })).toThrow(
      'emaMomentum: expected a number from 0 to 1, received 2',
    )
    expect(() => sgd({ useEma: true, emaOverwriteFrequency: 0.5 })).toThrow(ArgumentError)
  })
})

describe('loss scaling', () => {
  it('leaves out steps whose gradients are not finite, and adapts the scale', async () => {
    const weight = weightOf(zeros([2]))
    const inner = sgd({ learningRate: 1 })
    const optimizer = lossScaleOptimizer({ innerOptimizer: inner, initialScale: 4, dynamicGrowthSteps: 2 })
    const step = compile((g: Tensor) => optimizer.apply([g], [weight]))
    const scaled = async () => (await optimizer.scaleLoss(tensor(1)).item()) as number
    await step(tensor([4, 8]))
    expect([await valuesOf(weight), await scaled()]).toEqual([[-1, -2], 4])
    await step(tensor([4, 8]))
    expect([await valuesOf(weight), await scaled()]).toEqual([[-2, -4], 8])
    await step(tensor([Number.NaN, 1]))
    expect([await valuesOf(weight), await scaled()]).toEqual([[-2, -4], 4])
    await step(tensor([1, Number.NEGATIVE_INFINITY]))
    expect([await valuesOf(weight), await scaled()]).toEqual([[-2, -4], 2])
    expect(await inner.iterations.value.item()).toBe(2)
  })

  it('with a fixed factor divides the gradients', async () => {
    const weight = weightOf(zeros([1]))
    const optimizer = sgd({ learningRate: 1, lossScaleFactor: 8 })
    expect(await optimizer.scaleLoss(tensor(3)).item()).toBe(24)
    optimizer.apply([tensor([8])], [weight])
    expect(await valuesOf(weight)).toEqual([-1])
  })
})

describe('several optimizers', () => {
  it('move the weights that they are mapped to', async () => {
    const weights = [weightOf(zeros([1]), 'body/kernel'), weightOf(zeros([1]), 'head/kernel')]
    const optimizer = multiOptimizer({
      defaultOptimizer: sgd({ learningRate: 0.5 }),
      optimizerMap: { 'head/.*': adam({ learningRate: 0.1 }) },
    })
    const step = compile((...grads: Tensor[]) => optimizer.apply(grads, weights))
    await step(ones([1]), ones([1]))
    expectClose((await Promise.all(weights.map(valuesOf))).flat(), [-0.5, -0.1])
    expect(optimizer.variables.map(({ name }) => name)).toContain('head/kernel/velocity')
    expect(() => optimizer.slotsOf(weightOf(zeros([1])))).toThrow(StateError)
  })

  it('must not want the same weight', () => {
    const optimizerMap = { 'a.*': 'sgd', '.*b': 'sgd' }
    const optimizer = multiOptimizer({ defaultOptimizer: 'adam', optimizerMap })
    expect(() => optimizer.build([weightOf(zeros([1]), 'ab')])).toThrow(ArgumentError)
  })
})

it('an optimizer of its own is a rule', async () => {
  class SignDescent extends Optimizer {
    readonly className = 'SignDescent'
    constructor(options: OptimizerOptions = {}) {
      super(options, 'sign_descent', 0.5)
    }
    protected rule({ learningRate }: Step): UpdateRule {
      return (gradient, weight) => weight.assign(weight.value.sub(gradient.sign().mul(learningRate)))
    }
  }
  const weight = weightOf(zeros([2]))
  const optimizer = new SignDescent()
  await compile((g: Tensor) => optimizer.apply([g], [weight]))(tensor([3, -4]))
  expect(await valuesOf(weight)).toEqual([-0.5, 0.5])
})
