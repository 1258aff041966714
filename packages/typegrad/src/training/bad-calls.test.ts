import { describe, expect, test } from 'vitest'
import { deserializeLayer } from '../doors/layers.ts'
import {
  type CompileOptions,
  type Data,
  model as functional,
  input,
  layers,
  sequential,
  tensor,
} from '../index.ts'
import { classifier, labels, rows } from '../testing/bad-input.ts'
import { flatWeights } from '../testing/linear-reference.ts'

describe('names', () => {
  const make = () => sequential([layers.dense({ units: 3, inputShape: [4] })])
  test.each<[string, CompileOptions, RegExp]>([
    [
      'optimizer',
      { optimizer: 'adamm', loss: 'mse' },
      /^optimizer: .*received "adamm"\. Did you mean 'adamW?'\?$/,
    ],
    ['loss', { loss: 'mean_sqared_error' }, /^loss: .*Did you mean 'meanSquaredError'\?$/],
    ['loss in a list', { loss: ['mean_sqared_error'] }, /^loss: .*Did you mean 'meanSquaredError'\?$/],
    ['metric', { loss: 'mse', metrics: ['acuracy'] }, /^metric: .*Did you mean 'accuracy'\?$/],
    ['metric in a list', { loss: 'mse', metrics: [['acuracy']] }, /^metric: .*Did you mean 'accuracy'\?$/],
    ['weighted metric', { loss: 'mse', weightedMetrics: ['maee'] }, /^metric: .*Did you mean 'mae'\?$/],
  ])('of a %s that there is not', (_, options, text) => {
    const model = make()
    expect(() => model.compile(options)).toThrow(
      expect.objectContaining({ code: 'name', message: expect.stringMatching(text) }),
    )
    expect(model.isCompiled).toBe(false)
  })

  test('of an activation and a layer', () => {
    expect(() => layers.dense({ units: 1, activation: 'rellu' })).toThrow(/Did you mean 'relu6?'\?/)
    expect(() => deserializeLayer({ className: 'Dens', config: {} })).toThrow(/Did you mean 'Dense'\?/)
  })

  test('of outputs', () => {
    const x = input({ shape: [2] })
    const two = functional({
      inputs: x,
      outputs: [
        layers.dense({ units: 1, name: 'left' }).apply(x),
        layers.dense({ units: 1, name: 'right' }).apply(x),
      ],
    })
    expect(() => two.compile({ loss: { lefft: 'mse', right: 'mse' } })).toThrow(
      "compile: loss: expected names of outputs (left, right), received 'lefft'. Did you mean 'left'?",
    )
    expect(() => two.compile({ loss: ['mse'] })).toThrow(
      'compile: loss: expected one for each of the 2 outputs (left, right), received a list of 1.',
    )
    expect(() => two.compile({ loss: 'mse', metrics: ['mae'] })).toThrow(
      "compile: metrics: expected a list for each of the 2 outputs, or lists by the outputs' names (left, right), " +
        'received one list.',
    )
    expect(() => two.compile({ loss: 'mse', lossWeights: { up: 1 } })).toThrow("received 'up'")
  })
})

describe('too early', () => {
  const bare = () => sequential([layers.dense({ units: 1, inputShape: [2] })])
  test('fit before compile', async () => {
    const model = bare()
    const fix = "Call model.compile({ optimizer: 'adam', loss: 'meanSquaredError' }) first."
    for (const call of ['fit', 'evaluate', 'trainOnBatch', 'testOnBatch'] as const) {
      const text = `${call}: expected a compiled model, received Sequential '${model.name}', which is not. ${fix}`
      const calling = (model[call] as (x: Data, y: Data) => Promise<unknown>).call(model, rows(2, 2), [1, 2])
      await expect(calling).rejects.toMatchObject({ code: 'state', message: text })
    }
    expect(() => model.optimizer).toThrow('optimizer: expected a compiled model')
  })

  test('fit without a loss', async () => {
    const model = bare()
    model.compile({ optimizer: 'sgd' })
    await expect(model.fit(rows(2, 2), [1, 2], { verbose: 0 })).rejects.toMatchObject({
      code: 'state',
      message: expect.stringContaining('fit: expected a loss for at least one output'),
    })
  })

  test('what needs weights before there are any', async () => {
    const model = sequential([layers.dense({ units: 1 })])
    expect(() => model.countParams()).toThrow(/expected a layer that is built/)
    await expect(model.save('/nowhere/model')).rejects.toThrow('save: expected a model that is built')
    await expect(model.toOnnx()).rejects.toThrow('toOnnx: expected a model that is built')
    await expect(sequential().predict([[1]])).rejects.toThrow('expected at least one layer')
  })
})

describe('a model of layers', () => {
  const x = input({ shape: [2], name: 'x' })
  const y = input({ shape: [2], name: 'y' })
  const dense = (name: string) => layers.dense({ units: 2, name })
  test.each<[string, () => unknown, string]>([
    [
      'without an input that it needs',
      () => functional({ inputs: x, outputs: layers.add().apply([x, y]) }),
      "model: expected all inputs that the outputs depend on, received inputs without 'y'. Add it to inputs.",
    ],
    [
      'of one name',
      () => functional({ inputs: x, outputs: dense('a').apply(dense('a').apply(x)) }),
      "model: expected layers of different names, received two named 'a'. Give one of them another name.",
    ],
    [
      'of one name in a row',
      () => sequential([dense('a'), dense('a')]),
      "sequential: expected layers of different names, received two named 'a'. Give one of them another name.",
    ],
    [
      'without outputs',
      () => functional({ inputs: x, outputs: [] }),
      'model: outputs: expected symbolic tensors, made by input({ shape }) and layers applied to them, received none.',
    ],
    [
      'of a layer in place of its result',
      () => functional({ inputs: x, outputs: dense('a') as unknown as typeof x }),
      'received Dense.',
    ],
  ])('%s', (_, make, text) => {
    expect(make).toThrow(
      expect.objectContaining({ code: 'argument', message: expect.stringContaining(text) }),
    )
  })

  test('of a layer that is not there', () => {
    const model = sequential([dense('a')])
    expect(() => model.getLayer('b')).toThrow("getLayer: expected one of 'a', received 'b'.")
  })

  test('with too few or too many arrays', async () => {
    const both = functional({ inputs: [x, y], outputs: layers.add().apply([x, y]) })
    await expect(both.predict([rows(2, 2)] as unknown as Data)).rejects.toMatchObject({ code: 'argument' })
    await expect(both.predict([rows(2, 2), rows(2, 2), rows(2, 2)] as unknown as Data)).rejects.toThrow(
      'predict: x: expected a list of 2 arrays (x, y), received a list of 3.',
    )
    await expect(both.predict([rows(2, 2), rows(3, 2)] as unknown as Data)).rejects.toThrow(
      'predict: expected 2 samples in x[1], as in x[0], received 3.',
    )
    const one = sequential([layers.dense({ units: 1, inputShape: [2] })])
    const t = tensor(rows(2, 2))
    await expect(one.predict([t, t])).rejects.toThrow('predict: x: expected one array, received a list of 2.')
  })
})

test('a hint is one that would do', () => {
  const compile = (options: object) => () => classifier().compile(options as CompileOptions)
  // An array of what is no name would be refused as well.
  for (const options of [{ loss: 5 }, { optimizer: 5 }, { metrics: 5 }, { loss: true }])
    expect(compile(options)).not.toThrow(/Put it into an array/)
  expect(compile({ loss: 5 })).toThrow('compile: loss: expected a name, a function or an object, received 5.')
  expect(compile({ metrics: 'accuracy' })).toThrow('Put it into an array: metrics: ["accuracy"].')
  expect(compile({ lossWeights: 2 })).toThrow('Put it into an array: lossWeights: [2].')
  expect(compile({ loss: 'mse', lossWeights: ['2'] })).toThrow(/an array of numbers/)
})

test('options of fit that are none', async () => {
  for (const options of [
    { epochs: -1 },
    { epochs: 1.5 },
    { initialEpoch: -1 },
    { stepsPerEpoch: 0 },
    { validationSteps: 0 },
  ]) {
    const [name] = Object.keys(options)
    await expect(classifier().fit(rows(3), labels(3), options)).rejects.toMatchObject({
      code: 'argument',
      message: expect.stringContaining(`fit: ${name}: expected a whole number of at least`),
    })
  }
  for (const [where, call] of [
    ['predict', classifier().predict(rows(3), { steps: 0 })],
    ['evaluate', classifier().evaluate(rows(3), labels(3), { steps: 0 })],
  ] as const)
    await expect(call).rejects.toThrow(`${where}: steps: expected a whole number of at least 1, received 0`)
  await expect(classifier().fit(rows(3), labels(3), { classWeight: { 1: -1 } })).rejects.toThrow(
    'received -1 for "1"',
  )
  const stream = () => [[rows(3), labels(3)]] as never
  await expect(classifier().fit(stream, { validationSplit: 0.5 })).rejects.toThrow(
    'received a stream of batches',
  )
  await expect(
    classifier().fit(
      (function* () {
        yield 5 as never
      })(),
      { verbose: 0 },
    ),
  ).rejects.toThrow('fit, batch 0: expected a batch of the form [x, y] or [x, y, sampleWeight]')
})

test('weights that do not fit change nothing', async () => {
  const model = classifier()
  const before = await flatWeights(model)
  const kernel = tensor(rows(4, 3))
  expect(() => model.setWeights([kernel])).toThrow(expect.objectContaining({ code: 'argument' }))
  expect(() => model.setWeights([kernel, tensor([1, 2])])).toThrow(expect.objectContaining({ code: 'shape' }))
  expect(await flatWeights(model)).toEqual(before)
})
