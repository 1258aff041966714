// What steps of a model's own are given: the data as it comes, as Keras's train_step(self, data) has it.
import { expect, test } from 'vitest'
import {
  Functional,
  input,
  layers,
  Model,
  type StepBatch,
  type StepData,
  type StepOutputs,
  sequential,
  type Tensor,
  tensor,
  valueAndGrad,
} from '../index.ts'

const rows = (count: number, width: number, at: number) =>
  Array.from({ length: count }, (_, i) =>
    Array.from({ length: width }, (_, j) => Math.sin(at + i * width + j)),
  )

/** The shapes of data, in its own structure. */
const shapes = (data: unknown): unknown => {
  if (Array.isArray(data)) return data.map(shapes)
  const { shape } = data as Tensor
  if (shape !== undefined) return [...shape].join('×')
  return Object.fromEntries(Object.entries(data as object).map(([name, item]) => [name, shapes(item)]))
}

/** Tells what it was given, and trains nothing. */
class Watcher extends Model {
  readonly className = 'Watcher'
  readonly seen: unknown[] = []
  override trainStep({ data, inputs }: StepBatch) {
    this.seen.push(shapes(data))
    return { first: (inputs[0] as Tensor).mean() }
  }
}

test.each<[string, unknown, unknown, unknown, unknown]>([
  ['x alone', rows(4, 2, 0), null, undefined, ['4×2']],
  ['x and y', rows(4, 2, 0), [1, 2, 3, 4], undefined, ['4×2', '4']],
  ['weights', rows(4, 2, 0), [1, 2, 3, 4], [1, 1, 2, 2], ['4×2', '4', '4']],
  [
    'objects',
    { b: rows(4, 3, 0), a: rows(4, 2, 1) },
    { z: [1, 2, 3, 4] },
    { w: [1, 2, 3, 4], v: [1, 1, 1, 1] },
    [{ a: '4×2', b: '4×3' }, { z: '4' }, { v: '4', w: '4' }],
  ],
  [
    'lists in objects in lists',
    [tensor(rows(4, 2, 0)), { pair: [tensor(rows(4, 3, 0)), tensor(rows(4, 5, 0))] }],
    { deep: { er: rows(4, 1, 0) } },
    undefined,
    [['4×2', { pair: ['4×3', '4×5'] }], { deep: { er: '4×1' } }],
  ],
])('%s', async (_, x, y, sampleWeight, wanted) => {
  const fit = async (model: Watcher, given: object) => {
    model.compile({ optimizer: 'sgd' })
    return model.fit(x as number[][], y as number[] | null, { verbose: 0, ...given })
  }
  const model = new Watcher()
  await fit(model, sampleWeight === undefined ? {} : { sampleWeight })
  expect(model.seen).toEqual([wanted])
})

test('batches of a stream may be inputs alone', async () => {
  const model = new Watcher()
  model.compile({ optimizer: 'sgd' })
  const batches = [{ a: tensor(rows(2, 2, 0)), b: tensor(rows(2, 3, 0)) }]
  await model.fit((() => batches) as never, { verbose: 0 })
  expect(model.seen).toEqual([[{ a: '2×2', b: '2×3' }]])
})

/** Learns that an anchor is nearer to its like than to another: one input, three of which the data has. */
class Triplets extends Model {
  readonly className = 'Triplets'
  readonly embed = sequential([layers.dense({ units: 2, inputShape: [3] })])
  override trainStep({ data }: StepBatch<readonly [Readonly<Record<'anchor' | 'like' | 'other', Tensor>>]>) {
    const [{ anchor, like, other }] = data
    const weights = this.embed.trainableWeights
    const { value: loss, grads } = valueAndGrad(() => {
      const [a, b, c] = [anchor, like, other].map((x) => this.embed.apply(x)) as [Tensor, Tensor, Tensor]
      const gap = a.sub(b).square().sum(-1).sub(a.sub(c).square().sum(-1))
      return gap.mean()
    }, weights)
    this.optimizer.apply(grads, weights)
    return { loss }
  }
}

test('triplets without labels are learned from, in batches', async () => {
  const model = new Triplets()
  model.compile({ optimizer: 'adam' })
  const anchor = rows(12, 3, 0)
  const data = { anchor, like: anchor.map((row) => row.map((v) => v + 0.05)), other: rows(12, 3, 9) }
  const { history } = await model.fit(data, null, { epochs: 15, batchSize: 4, shuffle: false, verbose: 0 })
  // Without a bound below, each step lowers it.
  expect(history.loss?.at(-1)).toBeLessThan(history.loss?.[0] as number)
  const logs = await model.trainOnBatch(data, null)
  expect(Object.keys(logs)).toEqual(['loss'])
})

test('the inputs of a functional model are in their own order, whatever names come first', async () => {
  const seen: StepData[] = []
  class Named extends Functional {
    override trainStep(batch: StepBatch) {
      expect(batch.inputs.map(({ shape }) => shape[1])).toEqual([5, 2])
      seen.push(shapes(batch.data) as StepData)
      return { one: batch.x.mean() }
    }
  }
  const [b, a] = [input({ shape: [5], name: 'b' }), input({ shape: [2], name: 'a' })]
  const model = new Named({ inputs: [b, a], outputs: layers.concatenate().apply([b, a]) })
  model.compile({ optimizer: 'sgd' })
  await model.trainOnBatch({ a: rows(3, 2, 0), b: rows(3, 5, 0) }, null)
  await model.trainOnBatch([tensor(rows(3, 5, 0)), tensor(rows(3, 2, 0))], null)
  expect(seen).toEqual([[{ a: '3×2', b: '3×5' }], [['3×5', '3×2']]])
})

test('labels and weights by name reach the built-in parts in the order of the outputs', async () => {
  class Same extends Functional {
    override computeLoss(outputs: StepOutputs): Tensor {
      return super.computeLoss(outputs)
    }
  }
  const make = (Class: new (options: ConstructorParameters<typeof Same>[0]) => Functional) => {
    const x = input({ shape: [2] })
    const outputs = ['z', 'a'].map((name, i) =>
      layers.dense({ units: i + 1, name, kernelInitializer: 'ones' }).apply(x),
    )
    const model = new Class({ inputs: x, outputs })
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    return model
  }
  const [x, y] = [rows(4, 2, 0), { a: rows(4, 2, 1), z: rows(4, 1, 2) }]
  const [plain, own] = await Promise.all(
    [Functional, Same].map((Class) => make(Class).trainOnBatch(x, y, { sampleWeight: { a: [1, 2, 0, 4] } })),
  )
  expect(own?.loss).toBe(plain?.loss)
})
