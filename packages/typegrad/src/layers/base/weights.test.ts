import { describe, expect, test } from 'vitest'
import { deserializeLayer } from '../../doors/layers.ts'
import {
  compile,
  input,
  Layer,
  layers,
  Model,
  model,
  ones,
  regularizers,
  sequential,
  type Tensor,
  Variable,
  zeros,
} from '../../index.ts'
import { readGolden } from '../../testing/golden.ts'
import type { AnyLayer, CallContext, LayerOptions } from './layer.ts'
import { snakeCaseName } from './naming.ts'
import type { SymbolicShape } from './symbolic.ts'

interface OrderCase {
  readonly name: string
  readonly weights: readonly { readonly name: string; readonly shape: number[]; readonly trained: boolean }[]
  readonly trainable: readonly string[]
  readonly nonTrainable: readonly string[]
  readonly penalty: number
}

/** The same layers and variables in fields as `Own` in tools/golden/make_weight_orders.py. */
class Own extends Layer {
  readonly className = 'Own'
  readonly byName = { y: layers.dense({ units: 2 }), a: layers.dense({ units: 3 }) }
  readonly several = [layers.dense({ units: 4 }), [layers.dense({ units: 5 })]] as const
  readonly v = new Variable(zeros([6]), { name: 'v' })
  readonly counter = new Variable(zeros([7]), { name: 'counter', trainable: false })
  readonly listed = new Map([['a', [new Variable(zeros([8]), { name: 'listed' })]]])
  readonly inSet = new Set([layers.dense({ units: 9 })])
  lateLayer = layers.identity() as Layer

  override build(_: SymbolicShape) {
    this.addWeight({ name: 'late', shape: [10] })
    this.lateLayer = layers.dense({ units: 11 })
    this.addWeight({ name: 'moving', shape: [12], trainable: false })
    this.addWeight({ name: 'after', shape: [13] })
  }

  call(x: Tensor): Tensor {
    const { byName, several, inSet, lateLayer } = this
    const all = [byName.y, byName.a, several[0], ...several[1], ...inSet, lateLayer]
    return all.reduce((value, layer) => layer.apply(value), x)
  }
}

function nested() {
  const inner = sequential([
    input({ shape: [4] }),
    layers.batchNormalization(),
    layers.dense({ units: 3, name: 'middle' }),
    layers.batchNormalization(),
  ])
  return { inner, outer: sequential([input({ shape: [4] }), inner, layers.dense({ units: 2 })]) }
}

const squared = (units: number) =>
  layers.dense({ units, kernelInitializer: 'ones', kernelRegularizer: regularizers.l2({ l2: 0.5 }) })

function twice() {
  const shared = squared(4)
  const [x, y] = [input({ shape: [4] }), input({ shape: [4] })]
  const inner = model({ inputs: x, outputs: shared.apply(x) })
  return model({ inputs: y, outputs: shared.apply(inner.apply(y)) })
}

function frozen<M extends AnyLayer>(whole: M, part: { trainable: boolean }): M {
  part.trainable = false
  return whole
}

const makers: Record<string, () => AnyLayer> = {
  'batchNormalization first': () =>
    sequential([input({ shape: [4] }), layers.batchNormalization(), layers.dense({ units: 2 })]),
  'frozen batchNormalization': () => {
    const first = layers.batchNormalization()
    return frozen(sequential([input({ shape: [4] }), first, layers.dense({ units: 2 })]), first)
  },
  'stacked cells': () =>
    sequential([
      input({ shape: [3, 2] }),
      layers.rnn({
        cell: [layers.lstmCell({ units: 2 }), layers.gruCell({ units: 3 })],
      }) as AnyLayer as Layer,
    ]),
  bidirectional: () =>
    sequential([
      input({ shape: [3, 2] }),
      layers.bidirectional({ layer: layers.gru({ units: 2 }) }) as AnyLayer as Layer,
    ]),
  spectralNormalization: () =>
    sequential([
      input({ shape: [5, 5, 1] }),
      layers.spectralNormalization({ layer: layers.conv2d({ filters: 2, kernelSize: 2 }) }),
      layers.dense({ units: 1 }),
    ]),
  timeDistributed: () =>
    sequential([
      input({ shape: [3, 2] }),
      layers.timeDistributed({ layer: layers.batchNormalization() }),
      layers.dense({ units: 3 }),
    ]),
  attention: () => {
    const x = input({ shape: [3, 4] })
    const attended = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 }).apply([x, x])
    return model({ inputs: x, outputs: layers.dense({ units: 2 }).apply(attended) })
  },
  'scaled attention': () => {
    const x = input({ shape: [3, 4] })
    return model({
      inputs: x,
      outputs: layers.attention({ useScale: true, scoreMode: 'concat' }).apply([x, x]),
    })
  },
  nested: () => nested().outer,
  'nested, frozen': () => {
    const { inner, outer } = nested()
    return frozen(outer, inner)
  },
  'nested, frozen, one of its layers not': () => {
    const { inner, outer } = nested()
    inner.trainable = false
    inner.getLayer('middle').trainable = true
    return outer
  },
  'nested, one of its layers frozen': () => {
    const { inner, outer } = nested()
    return frozen(outer, inner.getLayer('middle'))
  },
  'frozen whole': () => {
    const { outer } = nested()
    return frozen(outer, outer)
  },
  regularized: () => sequential([input({ shape: [4] }), squared(2), squared(3)]),
  'regularized, first layer frozen': () => {
    const first = squared(2)
    return frozen(sequential([input({ shape: [4] }), first, squared(3)]), first)
  },
  'regularized, nested model frozen': () => {
    const inner = sequential([input({ shape: [4] }), squared(2)])
    return frozen(sequential([input({ shape: [4] }), inner, squared(3)]), inner)
  },
  'regularized, in two models': twice,
  'fields of every kind': () => sequential([input({ shape: [1] }), new Own()]),
  'fields of every kind, frozen but for one': () => {
    const own = new Own()
    const whole = sequential([input({ shape: [1] }), own])
    own.trainable = false
    own.lateLayer.trainable = true
    return whole
  },
}

/** The name that Keras has for it. */
const leaf = ({ name }: Variable): string => snakeCaseName(name.slice(name.lastIndexOf('/') + 1))

test.each(readGolden<{ cases: OrderCase[] }>('weight-orders.json').cases)(
  'weights are in the order of Keras: $name',
  async ({ name, weights, trainable, nonTrainable, penalty }) => {
    const made = makers[name]?.() as Layer
    // Variables in a Map are written down beside those of Keras, which has no such container but a dict.
    expect(
      made.weights.map((weight) => ({ name: leaf(weight), shape: weight.shape, trained: weight.trainable })),
    ).toEqual(weights)
    expect(made.trainableWeights.map(leaf)).toEqual(trainable)
    expect(made.nonTrainableWeights.map(leaf)).toEqual(nonTrainable)
    const costs = await Promise.all(made.penalties.map((cost) => cost.item()))
    expect(costs.reduce((a, b) => a + b, 0)).toBeCloseTo(penalty, 5)
  },
)

describe('frozen by an option', () => {
  // Keras lists such weights as trainable once the layer stands in a model; its documentation says otherwise.
  const inside: [string, (options: LayerOptions) => Layer][] = [
    ['a sequence', (options) => sequential([layers.dense({ units: 2 })], options)],
    ['a wrapper', (options) => layers.timeDistributed({ layer: layers.dense({ units: 2 }), ...options })],
    ['a layer', (options) => layers.dense({ units: 2, ...options })],
  ]
  test.each(inside)('%s within a model is not trained', (_, make) => {
    const whole = sequential([
      input({ shape: [3, 4] }),
      make({ trainable: false }),
      layers.dense({ units: 1 }),
    ])
    expect(whole.trainableWeights.map((weight) => weight.shape)).toEqual([[2, 1], [1]])
    const [, part] = whole.layers as readonly [Layer, Layer]
    part.trainable = true
    expect(whole.trainableWeights).toHaveLength(4)
  })

  // keras.Model(x, layer(x)).trainable_weights, of the layer and of type(layer).from_config(layer.get_config())
  test.each([
    ['gru', () => layers.gru({ units: 2, trainable: false })],
    ['lstm', () => layers.lstm({ units: 2, trainable: false })],
    ['simpleRNN', () => layers.simpleRNN({ units: 2, trainable: false })],
    ['a cell', () => layers.rnn({ cell: layers.gruCell({ units: 2, trainable: false }) })],
    ['both ways', () => layers.bidirectional({ layer: layers.lstm({ units: 2, trainable: false }) })],
  ] as [string, () => Layer][])('%s, also out of its configuration', (_, make) => {
    const place = input({ shape: [3, 4] })
    const again = deserializeLayer({ className: make().className, config: make().getConfig() })
    for (const layer of [make(), again]) {
      const whole = model({ inputs: place, outputs: layer.apply(place) })
      expect(whole.trainableWeights).toEqual([])
      expect(whole.nonTrainableWeights.length).toBeGreaterThan(2)
      layer.trainable = true
      expect(whole.nonTrainableWeights).toEqual([])
    }
  })
})

describe('layers that the model cannot find', () => {
  class Hidden extends Layer {
    readonly className = 'Hidden'
    readonly #inner = layers.dense({ units: 2, name: 'inner' })
    freeze(): this {
      this.#inner.trainable = false
      return this
    }
    call(x: Tensor): Tensor {
      return this.#inner.apply(x)
    }
  }

  test('in private fields are an error when the model is made', () => {
    expect(() => sequential([input({ shape: [3] }), new Hidden()])).toThrow(
      /Hidden 'hidden.*': expected .*'inner\/kernel', 'inner\/bias'.*#private.*inner\.trainable = false/s,
    )
  })

  test('in closures too', () => {
    const outside = layers.dense({ units: 2 })
    const layer = layers.lambda((x) => outside.apply(x))
    expect(() => layer.computeOutputShape([null, 3])).toThrow(/not among its weights/)
    outside.trainable = false
    expect(layer.computeOutputShape([null, 3])).toEqual([null, 2])
  })

  test('in a class of a model, read in training alone', async () => {
    class Noisy extends Model {
      readonly className = 'Noisy'
      readonly found = layers.dense({ units: 1 })
      readonly #lost = layers.dense({ units: 1 })
      override call(x: Tensor, { training }: CallContext): Tensor {
        const y = this.found.apply(x)
        return training ? y.add(this.#lost.apply(x)) : y
      }
    }
    const net = new Noisy()
    net.compile({ optimizer: 'sgd', loss: 'mse' })
    await expect(net.fit([[1]], [[1]], { verbose: 0 })).rejects.toThrow(/not among its weights/)
  })

  test('may be there if they are frozen', async () => {
    const whole = sequential([input({ shape: [3] }), new Hidden().freeze(), layers.dense({ units: 1 })])
    whole.compile({ optimizer: 'sgd', loss: 'mse' })
    await whole.fit(ones([2, 3]), ones([2, 1]), { verbose: 0 })
    expect(whole.weights).toHaveLength(2)
  })
})

test('a model that is frozen uses the moving statistics within it, as Keras does', async () => {
  const { inner, outer } = nested()
  inner.trainable = false
  const run = compile((x: Tensor) => outer.apply(x, { training: true }))
  const x = ones([2, 4])
  const before = await (await run(x)).data()
  expect(before).toEqual(await (await outer.predict(x)).data())
})
