import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asWork } from '../../base/work.ts'
import type { AnyLayer, SymbolicShape } from '../../doors/layers.ts'
import { topologicalOrder } from '../../graph/node.ts'
import {
  ArgumentError,
  adapt,
  adaptEach,
  adapters,
  compile,
  constraints,
  input,
  Layer,
  layers,
  mergeAdapters,
  model,
  optimizers,
  regularizers,
  removeAdapters,
  type Shape,
  ShapeError,
  StateError,
  sequential,
  setRandomSeed,
  type Tensor,
  TraceError,
  tensor,
  Variable,
  valueAndGrad,
  WeightAdapter,
} from '../../index.ts'
import { optimize } from '../../passes/optimize.ts'
import { expectClose } from '../../testing/closeness.ts'
import { peakBytes } from '../../transforms/peak-bytes.ts'
import { traceWork } from '../../transforms/trace.ts'

const { lowRank } = adapters

const numbersOf = async (x: Tensor): Promise<number[]> => Array.from((await x.data()) as Float32Array)
const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)

/** Numbers from −1 to 1 that look random and are the same each time. */
const wave = (count: number, phase: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase * 2.3) * 0.7)
const waves = (shape: Shape, phase: number): Tensor => tensor(wave(size(shape), phase)).reshape(shape)

const isMatrix = (_: string, weight: Variable): boolean => weight.shape.length >= 2

/** Every way in which layers of the library read their weights. */
const cases: readonly (readonly [string, () => AnyLayer, readonly Shape[]])[] = [
  ['dense', () => layers.dense({ units: 3, activation: 'tanh' }), [[2, 4]]],
  // Of sizes at which products with A and B take the merged weight's place (passes/low-rank-products.ts).
  ['wide dense', () => layers.dense({ units: 40 }), [[3, 48]]],
  ['wide dense of sequences', () => layers.dense({ units: 40, activation: 'tanh' }), [[2, 3, 48]]],
  [
    'wide attention',
    () => layers.multiHeadAttention({ numHeads: 4, keyDim: 12 }),
    [
      [2, 3, 48],
      [2, 5, 48],
    ],
  ],
  ['wide GRU', () => layers.gru({ units: 24 }), [[2, 4, 24]]],
  ['convolution', () => layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }), [[2, 5, 5, 2]]],
  ['transposed convolution', () => layers.conv2dTranspose({ filters: 3, kernelSize: 3 }), [[2, 4, 4, 2]]],
  ['depthwise convolution', () => layers.depthwiseConv2d({ kernelSize: 3 }), [[2, 5, 5, 2]]],
  ['separable convolution', () => layers.separableConv1d({ filters: 3, kernelSize: 3 }), [[2, 6, 2]]],
  ['LSTM', () => layers.lstm({ units: 3, returnSequences: true }), [[2, 4, 3]]],
  ['LSTM cell in RNN', () => layers.rnn({ cell: layers.lstmCell({ units: 3 }) }), [[2, 4, 3]]],
  ['GRU', () => layers.gru({ units: 3 }), [[2, 4, 3]]],
  ['both ways', () => layers.bidirectional({ layer: layers.simpleRNN({ units: 2 }) }), [[2, 4, 3]]],
  ['convolutional LSTM', () => layers.convLSTM1d({ filters: 2, kernelSize: 2 }), [[2, 3, 4, 2]]],
  [
    'attention with heads',
    () => layers.multiHeadAttention({ numHeads: 2, keyDim: 3 }),
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
  ],
  [
    'grouped attention',
    () => layers.groupQueryAttention({ headDim: 3, numQueryHeads: 4, numKeyValueHeads: 2 }),
    [
      [2, 3, 4],
      [2, 5, 4],
    ],
  ],
  ['embedding', () => layers.embedding({ inputDim: 7, outputDim: 3 }), [[2, 5]]],
  ['einsum', () => layers.einsumDense({ equation: 'abc,cde->abde', outputShape: [null, 2, 3] }), [[2, 3, 4]]],
  ['in time', () => layers.timeDistributed({ layer: layers.dense({ units: 2 }) }), [[2, 3, 4]]],
]

function whole(make: () => AnyLayer, shapes: readonly Shape[], dtype: 'int32' | 'float32') {
  setRandomSeed(7)
  const places = shapes.map((shape) => input({ shape: shape.slice(1), dtype }))
  const layer = make() as unknown as Layer<readonly Tensor[]>
  return model({ inputs: places, outputs: layer.apply(places.length === 1 ? (places[0] as never) : places) })
}

const samples = (shapes: readonly Shape[], dtype: 'int32' | 'float32'): Tensor[] =>
  shapes.map((shape, i) =>
    dtype === 'int32'
      ? tensor(
          wave(size(shape), i).map((x) => Math.floor(3 + 3 * x)),
          { dtype },
        ).reshape(shape)
      : waves(shape, i),
  )

/** W + scale · A · B in JavaScript. */
async function mergedValue(base: Variable, a: Variable, b: Variable, scale: number): Promise<number[]> {
  const [w, left, right] = await Promise.all([base, a, b].map(({ value }) => numbersOf(value)))
  const [rank, columns] = b.shape as readonly [number, number]
  return (w as number[]).map((value, i) => {
    let sum = 0
    for (let k = 0; k < rank; k++)
      sum +=
        (left?.[Math.floor(i / columns) * rank + k] as number) *
        (right?.[k * columns + (i % columns)] as number)
    return value + scale * sum
  })
}

describe.each(cases)('%s', (kind, make, shapes) => {
  const dtype = kind === 'embedding' ? 'int32' : 'float32'
  const x = samples(shapes, dtype)
  const given = (x.length === 1 ? x[0] : x) as Tensor

  /** An adapted model with an update that is not zero, and one of the merged weights. */
  const both = async () => {
    const [tuned, merged] = [whole(make, shapes, dtype), whole(make, shapes, dtype)]
    merged.setWeights(tuned.getWeights())
    tuned.freeze()
    const paths = adapt(tuned, isMatrix, lowRank({ rank: 2, alpha: 3 }))
    const adapted = paths.map((path, i) => {
      const at = (name: string) => tuned.weightPaths.get(name) as Variable
      const [base, a, b] = [at(path), at(`${path}/low_rank/a`), at(`${path}/low_rank/b`)]
      b.assign(waves(b.shape, i))
      return { path, base, a, b }
    })
    for (const { path, base, a, b } of adapted) {
      const value = tensor(await mergedValue(base, a, b, 1.5)).reshape(base.shape)
      merged.weightPaths.get(path)?.assign(value)
    }
    return { tuned, merged, adapted, paths }
  }

  test('computes what it would with the merged weights, alone and compiled', async () => {
    const { tuned, merged, paths } = await both()
    expect(paths).toEqual(
      [...merged.weightPaths].filter(([path, weight]) => isMatrix(path, weight)).map(([path]) => path),
    )
    const expected = await numbersOf(merged.apply(given) as Tensor)
    expectClose(await numbersOf(tuned.apply(given) as Tensor), expected)
    expectClose(
      await numbersOf(await compile((inputs: Tensor) => tuned.apply(inputs) as Tensor)(given)),
      expected,
    )
    expect(mergeAdapters(tuned)).toEqual(paths)
    expect(tuned.weights.length).toBe(merged.weights.length)
    expectClose(await numbersOf(tuned.apply(given) as Tensor), expected)
  })

  test('gives its gradients to A and B: s · G · Bᵀ and s · Aᵀ · G of the merged weight', async () => {
    const { tuned, merged, adapted } = await both()
    const loss = (of: typeof tuned) => () => (of.apply(given) as Tensor).square().sum()
    expect(tuned.trainableWeights).toEqual(adapted.flatMap(({ a, b }) => [a, b]))
    const { grads } = valueAndGrad(loss(tuned), tuned.trainableWeights)
    const weights = adapted.map(({ path }) => merged.weightPaths.get(path) as Variable)
    const { grads: whole } = valueAndGrad(loss(merged), weights)
    for (const [i, { a, b }] of adapted.entries()) {
      const g = (whole[i] as Tensor).reshape([a.shape[0] as number, b.shape[1] as number])
      const byA = g.matmul(b.value.transpose()).mul(1.5)
      const byB = a.value.transpose().matmul(g).mul(1.5)
      // Keys' gradients are differences of larger terms: softmax does not see what all scores have in common.
      const tolerance = { scaled: 5e-5 }
      expectClose(await numbersOf(grads[2 * i] as Tensor), await numbersOf(byA), tolerance)
      expectClose(await numbersOf(grads[2 * i + 1] as Tensor), await numbersOf(byB), tolerance)
    }
  })

  test('begins as the layer was, and its gradients are those of central differences', async () => {
    const tuned = whole(make, shapes, dtype)
    const before = await numbersOf(tuned.apply(given) as Tensor)
    tuned.freeze()
    const paths = adapt(tuned, isMatrix, lowRank({ rank: 1 }))
    expectClose(await numbersOf(tuned.apply(given) as Tensor), before, { scaled: 1e-6 })
    const loss = compile(() => (tuned.apply(given) as Tensor).square().sum())
    const { grads } = valueAndGrad(
      () => (tuned.apply(given) as Tensor).square().sum(),
      tuned.trainableWeights,
    )
    // B begins as zeros, so that A has no gradient yet: of each B the first number.
    for (const [i, path] of paths.entries()) {
      const b = tuned.weightPaths.get(`${path}/low_rank/b`) as Variable
      const gradient = (await numbersOf(grads[tuned.trainableWeights.indexOf(b)] as Tensor))[0] as number
      const at = async (first: number): Promise<number> => {
        b.assign(
          tensor(Array.from({ length: size(b.shape) }, (_, k) => (k === 0 ? first : 0))).reshape(b.shape),
        )
        return Number(await (await loss()).item())
      }
      const difference = ((await at(0.02)) - (await at(-0.02))) / 0.04
      await at(0)
      // Of float32: sums of some units, differences of steps of 0.02.
      expect(Math.abs(difference - gradient), `${i}`).toBeLessThan(2e-3 + 2e-2 * Math.abs(gradient))
    }
  })

  test('trains A and B alone', async () => {
    const { tuned, adapted } = await both()
    tuned.compile({ optimizer: 'adam', loss: 'mse' })
    const before = await Promise.all(tuned.weights.map(({ value }) => numbersOf(value)))
    const y = (tuned.apply(given) as Tensor).mul(0.5)
    await tuned.trainOnBatch(x, y)
    const after = await Promise.all(tuned.weights.map(({ value }) => numbersOf(value)))
    const changed = tuned.weights.filter((_, i) => JSON.stringify(before[i]) !== JSON.stringify(after[i]))
    expect(changed).toEqual(adapted.flatMap(({ a, b }) => [a, b]))
    // Adam keeps two numbers for each that it trains, and its step; nothing of the frozen weights.
    const trained = adapted.reduce((sum, { a, b }) => sum + size(a.shape) + size(b.shape), 0)
    const kept = tuned.optimizer.variables.filter(({ shape }) => shape.length > 0)
    expect(kept.reduce((sum, { shape }) => sum + size(shape), 0)).toBe(2 * trained)
  })
})

describe('the rank-2 axes of an update', () => {
  const shapesOf = (make: () => AnyLayer, shapes: readonly Shape[], filter: string) => {
    const one = whole(make, shapes, 'float32')
    const [path] = adapt(one, filter, lowRank({ rank: 2 }))
    return ['a', 'b'].map((name) => one.weightPaths.get(`${path}/low_rank/${name}`)?.shape)
  }

  test('are chosen for the fewest parameters, or given', () => {
    const attention = () => layers.multiHeadAttention({ numHeads: 4, keyDim: 16 })
    const inputs: Shape[] = [
      [1, 3, 64],
      [1, 3, 64],
    ]
    expect(shapesOf(attention, inputs, '**/query/kernel')).toEqual([
      [64, 2],
      [2, 64],
    ])
    expect(shapesOf(attention, inputs, '**/attention_output/kernel')).toEqual([
      [64, 2],
      [2, 64],
    ])
    const conv = () => layers.conv2d({ filters: 32, kernelSize: 3 })
    expect(shapesOf(conv, [[1, 5, 5, 16]], '**/kernel')).toEqual([
      [144, 2],
      [2, 32],
    ])
    const given = whole(conv, [[1, 5, 5, 16]], 'float32')
    adapt(given, '**/kernel', lowRank({ rank: 1, inputAxes: 2 }))
    expect(given.weightPaths.get('conv2d/kernel/low_rank/a')?.shape).toEqual([9, 1])
  })
})

const dense = (units = 3) => {
  setRandomSeed(3)
  return sequential([layers.dense({ units, inputShape: [4], name: 'first' })])
}
const x = waves([2, 4], 5)

/** g · V / |V|, of Salimans and Kingma 2016. */
class WeightNorm extends WeightAdapter<'g'> {
  readonly className = 'WeightNorm'
  addedWeights(weight: Tensor) {
    return { g: { value: weight.square().sum(0).sqrt() } }
  }
  compute(base: Tensor, { g }: { readonly g: Tensor }): Tensor {
    return base.mul(g.div(base.square().sum(0).sqrt()))
  }
}

/** int8 with a scale for each column. */
class Quantized extends WeightAdapter<'scale'> {
  readonly className = 'Quantized'
  #scale(weight: Tensor): Tensor {
    return weight.abs().max(0).div(127)
  }
  override encode(weight: Tensor): Tensor {
    return weight.div(this.#scale(weight)).round().cast('int32')
  }
  addedWeights(weight: Tensor) {
    return { scale: { value: this.#scale(weight), trainable: false } }
  }
  compute(base: Tensor, { scale }: { readonly scale: Tensor }): Tensor {
    return base.cast('float32').mul(scale)
  }
}

/** Counts how often the value is made. */
class Counting extends WeightAdapter {
  readonly className = 'Counting'
  made = 0
  addedWeights() {
    return {}
  }
  compute(base: Tensor): Tensor {
    this.made++
    return base.mul(2)
  }
}

describe('adapters of their own for each weight', () => {
  const kernels = (model: ReturnType<typeof sequential>) =>
    [...model.weightPaths.keys()].filter((path) => path.endsWith('kernel'))
  const made = () =>
    sequential([
      layers.dense({ units: 5, inputShape: [4] }),
      layers.dense({ units: 3 }),
      layers.dense({ units: 2 }),
    ])

  test('are what one call each would have put there', () => {
    const [each, one] = [made(), made()]
    const paths = kernels(each)
    const ranks = new Map(paths.map((path, i) => [path, lowRank({ rank: i + 1 })]))
    expect(adaptEach(each, ranks)).toEqual(paths)
    paths.forEach((path, i) => {
      adapt(one, path, lowRank({ rank: i + 1 }))
    })
    const shapes = (model: typeof each) => [...model.weightPaths].map(([path, { shape }]) => [path, shape])
    expect(shapes(each)).toEqual(shapes(one))
    expect(each.trainableWeights.length).toBe(one.trainableWeights.length)
  })

  test('change nothing where one path fits no weight', () => {
    const model = made()
    const [first] = kernels(model) as [string]
    const wanted = new Map([
      [first, lowRank({ rank: 1 })],
      ['dense_9/kernel', lowRank({ rank: 1 })],
    ])
    expect(() => adaptEach(model, wanted)).toThrow("received 'dense_9/kernel', which fits none of 6")
    expect([...model.weightPaths.keys()].some((path) => path.includes('low_rank'))).toBe(false)
  })
})

describe('any function of variables', () => {
  test('normalises a weight, whose direction and length are trained', async () => {
    const one = dense()
    const expected = await numbersOf(one.apply(x))
    adapt(one, 'first/kernel', new WeightNorm())
    expectClose(await numbersOf(one.apply(x)), expected)
    expect(one.trainableWeights.map(({ name }) => name)).toEqual([
      'first/kernel',
      'first/kernel/weight_norm/g',
      'first/bias',
    ])
    // A weight of a given length has no gradient along itself.
    const [base] = one.trainableWeights as [Variable]
    const { grads } = valueAndGrad(() => one.apply(x).square().sum(), [base])
    const along = grads[0].mul(base.value).sum(0)
    expectClose(await numbersOf(along), [0, 0, 0], { scaled: 1e-5 })
  })

  test('keeps a weight in another dtype, with low-rank updates over it', async () => {
    const [one, plain] = [dense(), dense()]
    adapt(one, 'first/kernel', new Quantized())
    adapt(one, 'first/kernel', lowRank({ rank: 2 }))
    const [base] = one.weightsWhere('first/kernel') as [Variable]
    expect([base.dtype, base.trainable]).toEqual(['int32', false])
    expect(one.trainableWeights.map(({ name }) => name)).toEqual([
      'first/kernel/low_rank/a',
      'first/kernel/low_rank/b',
      'first/bias',
    ])
    // Half a step of 127 of the largest weight (below 1) for each of four products.
    expectClose(await numbersOf(one.apply(x)), await numbersOf(plain.apply(x)), { scaled: 4 / 254 })
    one.unfreeze()
    expect(base.trainable).toBe(false)
    const rounded = await numbersOf(one.apply(x))
    removeAdapters(one)
    expect(one.weights.map(({ dtype }) => dtype)).toEqual(['float32', 'float32'])
    expectClose(await numbersOf(one.apply(x)), rounded)
  })

  test('is computed once for several reads of a trace, and again when a source is assigned', async () => {
    class Twice extends Layer {
      readonly className = 'Twice'
      kernel!: Variable
      override build(inputShape: SymbolicShape): void {
        this.kernel = this.addWeight({ name: 'kernel', shape: [inputShape.at(-1) as number] })
      }
      call(x: Tensor): Tensor {
        return x.mul(this.kernel.value).add(this.kernel.value)
      }
    }
    const layer = new Twice()
    layer.ensureBuilt([null, 4])
    const adapter = new Counting()
    adapt(layer, 'kernel', adapter)
    const [base] = layer.weights as [Variable]
    base.assign(tensor([1, 2, 3, 4]))
    adapter.made = 0
    const twice = compile(() => {
      const before = layer.apply(tensor([[1, 1, 1, 1]]))
      base.assign(base.value.mul(10))
      return [before, layer.kernel.value] as const
    })
    const [before, after] = await twice()
    expect(await before.toArray()).toEqual([[4, 8, 12, 16]])
    expect(await after.toArray()).toEqual([20, 40, 60, 80])
    expect(adapter.made).toBe(2)
  })
})

describe('adapters', () => {
  test('come and go under compiled functions', async () => {
    const one = dense()
    const [kernel] = one.weights as [Variable]
    const run = compile((inputs: Tensor) => one.apply(inputs))
    const plain = await numbersOf(await run(x))
    const predicted = await numbersOf(await one.predict(x))
    adapt(one, 'first/kernel', new Counting())
    const doubled = await numbersOf(one.apply(x))
    expect(doubled).not.toEqual(plain)
    expect(await numbersOf(await run(x))).toEqual(doubled)
    expect(await numbersOf(await one.predict(x))).toEqual(doubled)
    expect(removeAdapters(one, 'first/kernel')).toEqual(['first/kernel'])
    expect(one.weights[0]).toBe(kernel)
    expect(await numbersOf(await run(x))).toEqual(plain)
    expect(await numbersOf(await one.predict(x))).toEqual(predicted)
    expect(removeAdapters(one)).toEqual([])
  })

  test('of several names are switched by a variable that they share, and go one by one', async () => {
    const wide = () => {
      setRandomSeed(3)
      return sequential([layers.dense({ units: 40, inputShape: [48], name: 'first' })])
    }
    const [one, other] = [wide(), wide()]
    /** W + on · A · B */
    class Switched extends adapters.LowRank {
      readonly on = new Variable(tensor(0), { name: `${this.name}/on`, trainable: false })
      override addedWeights(weight: Tensor) {
        return { ...super.addedWeights(weight), on: { variable: this.on } }
      }
      override compute(base: Tensor, added: Readonly<Record<'a' | 'b' | 'on', Tensor>>): Tensor {
        return base.add(added.a.matmul(added.b).mul(added.on))
      }
    }
    const inputs = waves([2, 48], 5)
    const [french, german] = ['french', 'german'].map((name) => new Switched({ rank: 2, name })) as [
      Switched,
      Switched,
    ]
    adapt(one, 'first/kernel', french)
    adapt(one, 'first/kernel', german)
    for (const [i, weight] of one.weightsWhere('first/kernel/*/b').entries())
      weight.assign(waves(weight.shape, i))
    const run = compile((given: Tensor) => one.apply(given))
    const plain = await numbersOf(other.apply(inputs))
    expectClose(await numbersOf(await run(inputs)), plain)
    const updated = async (name: string, i: number): Promise<number[]> => {
      const a = one.weightPaths.get(`first/kernel/${name}/a`) as Variable
      return await numbersOf(inputs.matmul(a.value).matmul(waves([2, 40], i)))
    }
    const [byFrench, byGerman] = [await updated('french', 0), await updated('german', 1)]
    french.on.assign(tensor(1))
    expectClose(
      await numbersOf(await run(inputs)),
      plain.map((x, i) => x + (byFrench[i] as number)),
    )
    german.on.assign(tensor(0.5))
    const both = plain.map((x, i) => x + (byFrench[i] as number) + 0.5 * (byGerman[i] as number))
    expectClose(await numbersOf(await run(inputs)), both)
    expect(removeAdapters(one, '**', 'german')).toEqual(['first/kernel'])
    expect([...one.weightPaths.keys()].some((path) => path.includes('german'))).toBe(false)
    expectClose(
      await numbersOf(await run(inputs)),
      plain.map((x, i) => x + (byFrench[i] as number)),
    )
    expect(removeAdapters(one, '**', 'french')).toEqual(['first/kernel'])
    expect(one.weights.length).toBe(2)
    expectClose(await numbersOf(await run(inputs)), plain)
    adapt(one, 'first/kernel', new Quantized())
    adapt(one, 'first/kernel', lowRank({ rank: 1 }))
    expect(() => removeAdapters(one, '**', 'quantized')).toThrow(/keeps it in other words/)
  })

  test('have inputs dropped of their own in training, position by position', async () => {
    class Dropping extends adapters.LowRank {
      override get inputDropout() {
        return 0.5
      }
      override update(_: Tensor, { a, b }: Readonly<Record<'a' | 'b', Tensor>>) {
        return a.matmul(b)
      }
    }
    setRandomSeed(5)
    const place = input({ shape: [48] })
    const layer = layers.dense({ units: 40, name: 'first' })
    const one = model({ inputs: place, outputs: layer.apply(place) })
    // The same sample often, so that the rows differ by what is dropped alone.
    const rows = 2000
    const inputs = waves([1, 48], 2).broadcastTo([rows, 48])
    const plain = await numbersOf(one.apply(inputs).slice([0, 0], [1, 40]))
    adapt(one, 'first/kernel', new Dropping({ rank: 2 }))
    // B is zeros: the base has all of its inputs.
    const train = compile(() => one.apply(inputs, { training: true }))
    expectClose(await numbersOf((await train()).slice([rows - 1, 0], [1, 40])), plain)
    const [b] = one.weightsWhere('**/b') as [Variable]
    b.assign(waves([2, 40], 3))
    const expected = await numbersOf(one.apply(inputs).slice([0, 0], [1, 40]))
    const got = await train()
    const [mean, deviation] = [got.mean(0), got.sub(got.mean(0)).square().mean(0).sqrt()]
    const [means, deviations] = await Promise.all([numbersOf(mean), numbersOf(deviation)])
    // Each input is 0 or twice itself: its square is the variance that it brings.
    const [a] = one.weightsWhere('**/a') as [Variable]
    const effect = inputs.slice([0, 0], [1, 48]).reshape([48, 1]).mul(a.value.matmul(b.value))
    const spread = await numbersOf(effect.square().sum(0).sqrt())
    expectClose(deviations, spread, { scaled: 0.1 })
    for (const [i, x] of means.entries())
      expect(Math.abs(x - (expected[i] as number))).toBeLessThan(
        (5 * (spread[i] as number)) / Math.sqrt(rows),
      )
    // Predictions drop nothing.
    expectClose(await numbersOf(await compile(() => one.apply(inputs).slice([0, 0], [1, 40]))()), expected)
  })

  test('come while weights are constants of predictions', async () => {
    const one = dense()
    for (let i = 0; i < 20; i++) await one.predictOnBatch(x)
    adapt(one, 'first/kernel', new Counting())
    const doubled = await numbersOf(one.apply(x))
    for (let i = 0; i < 20; i++) expectClose(await numbersOf(await one.predictOnBatch(x)), doubled)
  })

  test('are trained in layers that are frozen, and leave all else frozen', () => {
    const one = dense()
    one.trainable = false
    adapt(one, '**/kernel', lowRank({ rank: 1 }))
    expect(one.trainableWeights.map(({ name }) => name)).toEqual([
      'first/kernel/low_rank/a',
      'first/kernel/low_rank/b',
    ])
    one.freeze('**/low_rank/*')
    expect(one.trainableWeights).toEqual([])
    one.trainable = true
    expect(one.trainableWeights.map(({ name }) => name)).toEqual([
      'first/kernel/low_rank/a',
      'first/kernel/low_rank/b',
      'first/bias',
    ])
    mergeAdapters(one)
    expect(one.trainableWeights.map(({ name }) => name)).toEqual(['first/kernel', 'first/bias'])
  })

  test('are reached through one layer where several share a weight', async () => {
    const shared = layers.dense({ units: 4, name: 'shared' })
    const place = input({ shape: [4] })
    const one = model({ inputs: place, outputs: shared.apply(shared.apply(place)) })
    adapt(one, 'shared/kernel', new Counting())
    const [kernel] = (await Promise.all(
      one.weightsWhere('shared/kernel').map(({ value }) => numbersOf(value)),
    )) as [number[]]
    const merged = tensor(kernel.map((value) => 2 * value)).reshape([4, 4])
    expectClose(await numbersOf(one.apply(x)), await numbersOf(x.matmul(merged).matmul(merged)))
  })

  test('leave regularizers and constraints to the base', async () => {
    setRandomSeed(1)
    const one = sequential([
      layers.dense({
        units: 2,
        inputShape: [4],
        name: 'held',
        kernelRegularizer: regularizers.l2({ l2: 0.5 }),
        kernelConstraint: constraints.unitNorm(),
      }),
    ])
    adapt(one, 'held/kernel', new WeightNorm())
    const [base] = one.weights as [Variable]
    const penalty = one.penalties[0] as Tensor
    const squares = (await numbersOf(base.value)).reduce((sum, w) => sum + w * w, 0)
    expectClose(await numbersOf(penalty), [0.5 * squares])
    one.compile({ optimizer: optimizers.sgd({ learningRate: 0.1 }), loss: 'mse' })
    await one.trainOnBatch(x, waves([2, 2], 8))
    expectClose(await numbersOf(base.value.square().sum(0)), [1, 1])
  })

  test('of low rank train a deep model in the memory of its batch, not of its frozen weights', async () => {
    const deep = () =>
      sequential([
        input({ shape: [256] }),
        ...Array.from({ length: 8 }, () => layers.dense({ units: 256, activation: 'tanh' })),
      ])
    const held = async (one: ReturnType<typeof deep>) => {
      const step = (samples: Tensor) =>
        asWork(() => valueAndGrad(() => one.apply(samples).square().mean(), one.trainableWeights).grads)
      const { results } = await traceWork(step, [waves([4, 256], 1)])
      const outputs = optimize([...results])
      return peakBytes(topologicalOrder(outputs), outputs)
    }
    const [full, tuned] = [deep(), deep()]
    tuned.freeze()
    adapt(tuned, '**/kernel', lowRank({ rank: 2 }))
    const kernel = 4 * 256 * 256
    expect(await held(full)).toBeGreaterThan(8 * kernel)
    // One transposed kernel, which engines read as it lies, and the batch.
    expect(await held(tuned)).toBeLessThan(1.5 * kernel)
  })

  test('are saved and loaded with the weights', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'typegrad-adapters-'))
    try {
      const [one, other] = [dense(), dense()]
      for (const each of [one, other]) adapt(each, 'first/kernel', lowRank({ rank: 2 }))
      for (const weight of one.weights) weight.assign(waves(weight.shape, 9))
      await one.saveWeights(join(folder, 'all.safetensors'))
      await other.loadWeights(join(folder, 'all.safetensors'))
      expect(await numbersOf(other.apply(x))).toEqual(await numbersOf(one.apply(x)))
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('are refused where they cannot be', () => {
    const one = dense()
    expect(() => adapt(one, 'first/kernal', new Counting())).toThrow("Did you mean 'first/kernel'?")
    expect(() => adapt(one, '**', lowRank({ rank: 1 }))).toThrow(
      /a weight of at least 2 axes, received shape \[3\]/,
    )
    expect(one.weights.map(({ definition }) => definition)).toEqual([undefined, undefined])
    expect(() => adapt(layers.dense({ units: 1 }), '**', new Counting())).toThrow(StateError)
    expect(() => adapt(one, 'first/kernel', {} as never)).toThrow(ArgumentError)
    expect(() => compile(() => adapt(one, 'first/kernel', new Counting())).explain()).toThrow(TraceError)
    class Wrong extends WeightAdapter {
      readonly className = 'Wrong'
      addedWeights() {
        return {}
      }
      compute(base: Tensor): Tensor {
        return base.sum(0)
      }
    }
    expect(() => adapt(one, 'first/kernel', new Wrong())).toThrow(ShapeError)
    adapt(one, 'first/kernel', lowRank({ rank: 1 }))
    expect(() => adapt(one, 'first/kernel', lowRank({ rank: 1 }))).toThrow("a second 'low_rank'")
    expect(() => adapt(one, 'first/kernel', new Quantized())).toThrow(/adapted already/)
    adapt(one, 'first/kernel', lowRank({ rank: 1, name: 'second' }))
    expect(one.weights.length).toBe(6)
  })

  test('are noticed by a training that began before', async () => {
    const one = dense()
    const [kernel] = one.weights as [Variable]
    one.compile({ optimizer: 'sgd', loss: 'mse' })
    await one.trainOnBatch(x, waves([2, 3], 1))
    adapt(one, 'first/kernel', lowRank({ rank: 1 }))
    await expect(one.trainOnBatch(x, waves([2, 3], 1))).rejects.toThrow(/has to be compiled again/)
    expect(() => kernel.assign(kernel.value)).toThrow(/merge the adapters first/)
    one.compile({ optimizer: 'sgd', loss: 'mse' })
    await one.trainOnBatch(x, waves([2, 3], 1))
  })
})
