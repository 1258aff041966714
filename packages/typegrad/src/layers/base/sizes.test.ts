import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  cloneModel,
  model as functional,
  input,
  layers,
  ones,
  ShapeError,
  type SymbolicTensor,
  sequential,
} from '../../index.ts'
import { checkNamedSizes, withoutNames } from './sizes.ts'

const at = (...names: readonly (string | number | null)[]) => input({ shape: names })
const sum = (...places: readonly SymbolicTensor[]) => layers.add().apply(places) as SymbolicTensor

describe('names of sizes', () => {
  test('stand beside a shape that is open, as in Keras', () => {
    const x = at('length', 8)
    expect(x.shape).toEqual([null, null, 8])
    expect(x.sizes).toEqual([null, 'length', 8])
    expect(String(x)).toContain('[batch, length, 8]')
    expect(withoutNames(x.sizes)).toEqual(x.shape)
  })

  test.each<[string, (x: SymbolicTensor) => SymbolicTensor, readonly (string | number | null)[]]>([
    ['dense', (x) => layers.dense({ units: 3 }).apply(x), [null, 'length', 3]],
    [
      'conv1d, same',
      (x) => layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same' }).apply(x),
      [null, 'length', 3],
    ],
    ['conv1d, valid', (x) => layers.conv1d({ filters: 3, kernelSize: 3 }).apply(x), [null, null, 3]],
    ['strides', (x) => layers.maxPooling1d({ poolSize: 2 }).apply(x), [null, null, 8]],
    ['lstm', (x) => layers.lstm({ units: 3, returnSequences: true }).apply(x), [null, 'length', 3]],
    ['permute', (x) => layers.permute({ dims: [2, 1] }).apply(x), [null, 8, 'length']],
    ['flatten', (x) => layers.flatten().apply(x), [null, null]],
    ['reshape', (x) => layers.reshape({ targetShape: [-1, 4, 2] }).apply(x), [null, 'length', 4, 2]],
    ['another reshape', (x) => layers.reshape({ targetShape: [-1, 4] }).apply(x), [null, null, 4]],
    ['global pooling', (x) => layers.globalAveragePooling1d().apply(x), [null, 8]],
    [
      'twice along it',
      (x) => layers.concatenate({ axis: 1 }).apply([x, x]) as SymbolicTensor,
      [null, null, 8],
    ],
    [
      'along the last axis',
      (x) => layers.concatenate().apply([x, x]) as SymbolicTensor,
      [null, 'length', 16],
    ],
    ['arithmetic', (x) => x.mul(2).add(x), [null, 'length', 8]],
    ['transpose', (x) => x.transpose([1, 0, 2]), ['length', 'batch', 8]],
  ])('go through %s', (_, apply, sizes) => {
    const y = apply(at('length', 8))
    expect(y.sizes).toEqual(sizes)
    expect(y.shape).toEqual(withoutNames(sizes))
  })

  test('of several are told apart, also by matmul and attention', () => {
    const [a, b] = [at('rows', 8), at('columns', 8)]
    expect(a.matmul(b.transpose([0, 2, 1])).sizes).toEqual([null, 'rows', 'columns'])
    expect(layers.dot({ axes: 2 }).apply([a, b]).sizes).toEqual([null, 'rows', 'columns'])
    expect(layers.attention().apply([a, b]).sizes).toEqual([null, 'rows', 8])
    expect(layers.multiHeadAttention({ numHeads: 2, keyDim: 2 }).apply([b, a]).sizes).toEqual([
      null,
      'columns',
      8,
    ])
    expect(at('height', 'width', 3).sizes).toEqual([null, 'height', 'width', 3])
  })

  test('that differ do not meet; one without a name fits any and takes it', () => {
    expect(() => sum(at('a', 3), at('b', 3))).toThrow(ShapeError)
    expect(() => sum(at('a', 3), at('b', 3))).toThrow(
      /add.*expected sizes of one name .* received 'a' and 'b' in \[batch, a, 3\] and \[batch, b, 3\]/,
    )
    expect(() => at('a', 3).add(at('b', 3))).toThrow(/\[batch, a, 3\] and \[batch, b, 3\]/)
    expect(sum(at('a', 3), at(null, 3)).sizes).toEqual([null, 'a', 3])
    expect(at('a', 3).mul(at(null, 3)).sizes).toEqual([null, 'a', 3])
    expect(sum(at(null, 3), at(null, 3)).sizes).toEqual([null, null, 3])
  })

  test('are held against the tensors of a call, and the data of predict', async () => {
    const [a, b] = [input({ shape: ['length', 3], name: 'a' }), input({ shape: ['length', 2], name: 'b' })]
    const made = functional({ inputs: [a, b], outputs: layers.concatenate().apply([a, b]) as SymbolicTensor })
    const [x, y] = [ones([2, 4, 3]), ones([2, 5, 2])]
    const told = /expected one size 'length', received 4 along axis 1 of 'a' and 5 along axis 1 of 'b'/
    expect(() => made.apply([x, y])).toThrow(told)
    await expect(made.predict([x, y])).rejects.toThrow(told)
    expect((await made.predict([x, ones([2, 4, 2])])).shape).toEqual([2, 4, 5])
    // Where nothing in the model would notice.
    const apart = functional({
      inputs: [a, b],
      outputs: [a, b].map((one) => layers.globalMaxPooling1d().apply(one)),
    })
    await expect(apart.predict([x, y])).rejects.toThrow(told)
    // In a model around it, whose sizes have other names.
    expect(made.apply([at('n', 3), at('n', 2)]).sizes).toEqual([null, 'n', 5])
    expect(() => made.apply([at('n', 3), at('m', 2)])).toThrow(
      /'n' and 'm' in \[batch, n, 3\] and \[batch, m, 2\]/,
    )
  })

  test('are shown', () => {
    const made = sequential([
      layers.embedding({ inputDim: 5, outputDim: 4, inputShape: ['length'] }),
      layers.dense({ units: 2 }),
    ])
    const shown = made.summary({ print: null })
    expect(shown).toContain('[batch, length, 4]')
    expect(shown).toContain('[batch, length, 2]')
    expect(made.modelOutputs[0]?.sizes).toEqual([null, 'length', 2])
    expect(made.modelInputs[0]?.sizes).toEqual([null, 'length'])
  })

  test('are kept by a copy of the model', () => {
    const x = at('length', 8)
    const made = functional({ inputs: x, outputs: layers.dense({ units: 2 }).apply(x) })
    expect(cloneModel(made).output.sizes).toEqual([null, 'length', 2])
  })

  test('are names, and the batch has its own', () => {
    expect(() => at('', 8)).toThrow(ArgumentError)
    expect(() => at('two words', 8)).toThrow(/received "two words"/)
    expect(() => at('batch', 8)).toThrow(/'batch' for the first axis alone/)
    expect(() => input({ batchShape: ['samples', 8] })).toThrow(/received "samples"/)
    expect(input({ batchShape: ['batch', 'length'] }).sizes).toEqual([null, 'length'])
    expect(() => at(1.5)).toThrow(/whole numbers/)
  })

  test('say nothing of inputs that have none', () => {
    const shapes = [
      [2, 3],
      [2, 4],
    ] as const
    expect(() =>
      checkNamedSizes('call', [{ name: 'a' }, { name: 'b', sizes: [null, null] }], shapes),
    ).not.toThrow()
    expect(() => checkNamedSizes('call', [{ name: 'a', sizes: [null, 'n', 'n'] }], [[2, 3, 4]])).toThrow(
      /3 along axis 1 of 'a' and 4 along axis 2 of 'a'/,
    )
  })
})

test('a slice of an open axis is open, as in Keras, and as long as the data lets it be', async () => {
  const x = at('length', 6)
  // keras.Input((None, 6))[:, 0:8], [:, :, 0:8], [:, -3:], [:, 2] and [:, ::2] of Keras 3.15.1.
  const first = x.slice([0, 0], [-1, 8])
  expect(first.shape).toEqual([null, null, 6])
  expect(x.slice([0, 0, 0], [-1, -1, 8]).shape).toEqual([null, null, 6])
  expect(x.slice([0, 0, 0], [-1, -1, 8]).sizes).toEqual([null, 'length', 6])
  expect(x.stridedSlice(1, -3).shape).toEqual([null, null, 6])
  expect(x.at(2, 1).shape).toEqual([null, 6])
  expect(x.stridedSlice(1, null, null, 2).shape).toEqual([null, null, 6])
  const made = functional({ inputs: x, outputs: first })
  const sizes = [3, 12].map(async (length) => (await made.predict(ones([1, length, 6]))).shape)
  expect(await Promise.all(sizes)).toEqual([
    [1, 3, 6],
    [1, 8, 6],
  ])
})
