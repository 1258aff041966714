import { describe, expect, it } from 'vitest'
import {
  constraints,
  Functional,
  type GradientContext,
  input,
  layers,
  type Model,
  ops,
  optimizers,
  random,
  type StepBatch,
  sequential,
  setRandomSeed,
  type Tensor,
  tensor,
  valueAndGrad,
} from '../index.ts'
import { flatWeights } from '../testing/linear-reference.ts'

const x = Array.from({ length: 12 }, (_, i) => [Math.sin(i), Math.cos(3 * i), i / 12])
const y = x.map(([a = 0, b = 0, c = 0]) => [a - 2 * b + c])

function network(constrained = false): Model {
  setRandomSeed(7)
  return sequential([
    layers.dense({ units: 5, activation: 'tanh', inputShape: [3] }),
    layers.dense({
      units: 1,
      ...(constrained && { kernelConstraint: constraints.maxNorm({ maxValue: 0.9 }) }),
    }),
  ])
}

type Hooks = Pick<Parameters<Model['compile']>[0], 'gradients' | 'exchange'>

/** The weights after three epochs of two batches. */
async function trained(optimizer: optimizers.Optimizer, hooks: Hooks = {}): Promise<number[]> {
  const model = network(true)
  model.compile({ optimizer, loss: 'meanSquaredError', ...hooks })
  await model.fit(x, y, { epochs: 3, batchSize: 6, shuffle: false, verbose: 0 })
  return flatWeights(model)
}

const sgd = (options: Parameters<typeof optimizers.sgd>[0] = {}) =>
  optimizers.sgd({ learningRate: 0.1, ...options })
const clippedTo = (most: number) => (g: Tensor) => {
  const norm = g.square().sum().sqrt()
  return g.mul(ops.where(norm.greater(most), norm.reciprocal().mul(most), 1))
}

describe('gradients', () => {
  it('steps by signs change each weight by the learning rate', async () => {
    const model = network()
    model.compile({
      optimizer: sgd({ learningRate: 0.01 }),
      loss: 'meanSquaredError',
      gradients: (grads) => grads.map((g) => g.sign()),
    })
    const before = await flatWeights(model)
    const loss = () => model.apply(tensor(x)).sub(tensor(y)).square().mean()
    const { grads } = valueAndGrad(loss, model.trainableWeights)
    const signs = (await Promise.all(grads.map(async (g) => [...(await g.sign().data())]))).flat()
    await model.trainOnBatch(x, y)
    const after = await flatWeights(model)
    after.forEach((w, i) => {
      expect(w).toBeCloseTo((before[i] as number) - 0.01 * Number(signs[i]), 6)
    })
  })

  it('clipped to a norm each are those of the option clipnorm', async () => {
    const clipped = await trained(sgd(), { gradients: (grads) => grads.map(clippedTo(0.3)) })
    const option = await trained(sgd({ clipnorm: 0.3 }))
    clipped.forEach((w, i) => {
      expect(w).toBeCloseTo(option[i] as number, 6)
    })
    expect(clipped).not.toEqual(await trained(sgd()))
  })

  it('with noise of zero are as they were, and with noise repeat with the seed', async () => {
    const noisy = (stddev: number): Hooks => ({
      gradients: (grads, { batchSize }) =>
        grads.map((g) => g.add(random.normal(g.shape).mul(stddev / batchSize))),
    })
    expect(await trained(sgd(), noisy(0))).toEqual(await trained(sgd()))
    const [once, again] = [await trained(sgd(), noisy(0.5)), await trained(sgd(), noisy(0.5))]
    expect(once).toEqual(again)
    expect(once).not.toEqual(await trained(sgd()))
  })

  it('come with their variables, the size of the batch and the steps made', async () => {
    const contexts: GradientContext[] = []
    const model = network()
    // A loss scale counts nothing itself.
    const optimizer = optimizers.lossScaleOptimizer({ innerOptimizer: sgd(), initialScale: 2 })
    model.compile({
      optimizer,
      loss: 'meanSquaredError',
      gradients: (grads, context) => {
        contexts.push(context)
        return grads.map((g) => g.mul(context.iterations.less(2).cast('float32')))
      },
    })
    const looks: number[][] = []
    for (let i = 0; i < 4; i++) {
      await model.trainOnBatch(x, y)
      looks.push(await flatWeights(model))
    }
    expect(contexts).toHaveLength(1)
    expect(contexts[0]).toMatchObject({ variables: model.trainableWeights, batchSize: 12 })
    expect(looks[0]).not.toEqual(looks[1])
    expect(looks[2]).toEqual(looks[1])
    expect(looks[3]).toEqual(looks[1])
  })

  // A power of two scales float32 exactly.
  it('are those of the loss itself, whatever it is scaled by', async () => {
    const seen = { gradients: (grads: readonly Tensor[]) => grads.map(clippedTo(0.2)) }
    expect(await trained(sgd({ lossScaleFactor: 1024 }), seen)).toEqual(await trained(sgd(), seen))
    const scaled = optimizers.lossScaleOptimizer({ innerOptimizer: sgd(), initialScale: 64 })
    expect(await trained(scaled, seen)).toEqual(await trained(sgd(), seen))
  })

  it.each(['gradients', 'exchange'] as const)(
    'that are not finite are left out by a loss scale, though the function of %s hides them',
    async (hook) => {
      const inner = sgd()
      const optimizer = optimizers.lossScaleOptimizer({ innerOptimizer: inner, initialScale: 64 })
      const signs = {
        gradients: (grads: readonly Tensor[]) => grads.map((g) => g.sign().clip({ min: -1, max: 1 })),
      }
      const model = network()
      model.compile({
        optimizer,
        loss: 'meanSquaredError',
        ...(hook === 'gradients' ? signs : { ...signs, exchange: (grads) => grads }),
      })
      const before = await flatWeights(model)
      await model.trainOnBatch(
        x,
        y.map(() => 2e38),
      )
      expect(await flatWeights(model)).toEqual(before)
      expect(await optimizer.dynamicScale.value.item()).toBe(32)
    },
  )

  it('are added up over calls after the function', async () => {
    const accumulating = () => sgd({ gradientAccumulationSteps: 2 })
    const signs = await trained(accumulating(), { gradients: (grads) => grads.map((g) => g.sign()) })
    const start = await flatWeights(network())
    // Six calls are three updates by the learning rate times the mean of two signs, which is −1, 0 or 1. (The last layer's
    // kernel is constrained.)
    const moves = signs.slice(0, 20).map((w, i) => (w - (start[i] as number)) / 0.1)
    for (const move of moves) {
      expect(Math.abs(move)).toBeLessThan(3.001)
      expect(move).toBeCloseTo(Math.round(move), 4)
    }
  })

  it('that do not fit are refused by name', async () => {
    const failing = async (gradients: Hooks['gradients']) => {
      await trained(sgd(), { ...(gradients && { gradients }) })
    }
    await expect(failing((grads) => grads.slice(1))).rejects.toThrow(
      /^compile: gradients: expected a list of gradients for the 4 weights, received 3/,
    )
    await expect(failing((grads) => grads.map((g) => g.sum()))).rejects.toThrow(
      /expected a gradient of shape \[3, 5\] for .*kernel.*received \[\]/,
    )
    // @ts-expect-error It is traced and cannot wait.
    await expect(failing(async (grads) => grads)).rejects.toThrow(/received a promise.*exchange can/s)
    // @ts-expect-error Not a function.
    expect(() => network().compile({ gradients: 3 })).toThrow(/gradients.*a function/)
  })
})

describe('exchange', () => {
  it.each([
    ['SGD with momentum', () => sgd({ momentum: 0.9 })],
    ['Adam', () => optimizers.adam({ learningRate: 0.05 })],
    ['clipping', () => sgd({ globalClipnorm: 0.1 })],
    ['accumulation', () => sgd({ gradientAccumulationSteps: 2 })],
    ['a loss scale', () => sgd({ lossScaleFactor: 256 })],
    ['a dynamic loss scale', () => optimizers.lossScaleOptimizer({ innerOptimizer: 'adam' })],
    ['averages of weights', () => sgd({ useEma: true, emaMomentum: 0.5 })],
  ])('of nothing learns as one program does: %s', async (_, optimizer) => {
    const [two, one] = [
      await trained(optimizer(), { exchange: (grads) => grads }),
      await trained(optimizer()),
    ]
    two.forEach((w, i) => {
      expect(w).toBeCloseTo(one[i] as number, 6)
    })
  })

  it('has float32 of every weight, comes after gradients and may wait', async () => {
    const model = network()
    const sizes: number[][] = []
    model.compile({
      optimizer: sgd({ learningRate: 1 }),
      loss: 'meanSquaredError',
      gradients: (grads) => grads.map((g) => g.mul(0).add(0.25)),
      exchange: async (grads, { variables, batchSize }) => {
        await new Promise((resolve) => setTimeout(resolve, 1))
        sizes.push([batchSize, ...grads.map(({ length }) => length)])
        expect(variables).toEqual(model.trainableWeights)
        expect(grads.every((g) => g instanceof Float32Array && g.every((v) => v === 0.25))).toBe(true)
        return grads.map((g) => g.map((v) => v / 2))
      },
    })
    const before = await flatWeights(model)
    const logs = await model.trainOnBatch(x, y)
    expect(logs.loss).toBeGreaterThan(0)
    expect(sizes).toEqual([[12, 15, 5, 5, 1]])
    const after = await flatWeights(model)
    for (let i = 0; i < 20; i++) expect(after[i]).toBeCloseTo((before[i] as number) - 0.125, 6)
    await model.evaluate(x, y, { verbose: 0 })
    expect(sizes).toHaveLength(1)
  })

  it('that fails leaves the weights as they were, and training can go on', async () => {
    const model = network()
    let fails = true
    model.compile({
      optimizer: sgd(),
      loss: 'meanSquaredError',
      exchange: async (grads) => {
        if (fails) throw new RangeError('a worker is gone')
        return grads
      },
    })
    const before = await flatWeights(model)
    await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow('a worker is gone')
    expect(await flatWeights(model)).toEqual(before)
    fails = false
    await model.fit(x, y, { verbose: 0 })
    expect(await flatWeights(model)).not.toEqual(before)
  })

  it('of what does not fit is refused by name', async () => {
    const fix = /Return an array for each one that is given/
    const training = (exchange: Hooks['exchange']) => trained(sgd(), { ...(exchange && { exchange }) })
    await expect(training((grads) => grads.slice(1))).rejects.toThrow(
      /^compile: exchange: expected a list of Float32Arrays for the 4 weights, received 3/,
    )
    await expect(training((grads) => grads.map((g) => g.slice(1)))).rejects.toThrow(
      /expected a Float32Array of 15 elements for .*kernel.*received 14 elements/,
    )
    await expect(training((grads) => grads.map((g) => g.slice(1)))).rejects.toThrow(fix)
    // @ts-expect-error Nothing is returned.
    await expect(training(() => {})).rejects.toThrow(/received undefined/)
  })
})

describe("a model's own trainStep", () => {
  class Own extends Functional<Tensor> {
    passes = false
    override trainStep(batch: StepBatch) {
      if (this.passes) return super.trainStep(batch)
      const { grads } = valueAndGrad(
        () => this.computeLoss({ y: batch.y, yPred: this.apply(batch.x) }),
        this.trainableWeights,
      )
      this.optimizer.apply(grads, this.trainableWeights)
    }
  }
  const own = (hooks: Hooks) => {
    const inputs = input({ shape: [3] })
    const model = new Own({ inputs, outputs: layers.dense({ units: 1 }).apply(inputs) })
    model.compile({ optimizer: sgd(), loss: 'meanSquaredError', ...hooks })
    return model
  }

  it.each([
    { gradients: (grads: readonly Tensor[]) => grads },
    { exchange: (grads: readonly Float32Array[]) => grads },
  ])('is refused where it updates past the functions of compile', async (hooks) => {
    await expect(own(hooks).trainOnBatch(x, y)).rejects.toThrow(
      /^compile: (gradients|exchange): expected .*received '.*', whose own trainStep updates the weights itself/,
    )
  })

  it('may hand on to the library’s', async () => {
    const model = own({ gradients: (grads) => grads.map((g) => g.mul(0)) })
    model.passes = true
    const before = await flatWeights(model)
    await model.trainOnBatch(x, y)
    expect(await flatWeights(model)).toEqual(before)
  })
})
