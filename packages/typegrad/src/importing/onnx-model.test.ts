import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  adapt,
  adapters,
  grad,
  layers,
  mergeAdapters,
  onnxModel,
  optimizers,
  sequential,
  type Tensor,
  tensor,
} from '../index.ts'
import { encodeModel } from '../onnx/encode.ts'
import { expectClose } from '../testing/closeness.ts'
import { fromGolden, type GoldenTensor, goldenValues, readGolden } from '../testing/golden.ts'

interface Case {
  readonly name: string
  readonly file: string
  readonly inputs: Readonly<Record<string, GoldenTensor>>
  readonly outputs: Readonly<Record<string, GoldenTensor>>
  /** Of Σ y², by the parameters' names in PyTorch. */
  readonly gradients: Readonly<Record<string, GoldenTensor>>
}

/** Written by tools/golden/make_onnx_models.py: files of exporters, and what the frameworks themselves compute. */
const cases = readGolden<readonly Case[]>('onnx-models/cases.json')
const caseOf = (name: string): Case => cases.find((one) => one.name === name) as Case

const bytesOf = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../golden/onnx-models/${file}`, import.meta.url)))

const tensorsOf = (of: Readonly<Record<string, GoldenTensor>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, fromGolden(value)]))

describe('networks of PyTorch, Keras and scikit-learn', () => {
  test.each(cases)(
    '$name gives what its framework gives, forwards and backwards',
    async ({ file, ...golden }) => {
      const net = await onnxModel<Tensor | Record<string, Tensor>>(bytesOf(file))
      const inputs = tensorsOf(golden.inputs)
      const outputs = await net.run(inputs)
      for (const [name, expected] of Object.entries(golden.outputs)) {
        expect(outputs[name]?.shape, name).toEqual(expected.shape)
        expectClose(await (outputs[name] as Tensor).data(), goldenValues(expected), { scaled: 1e-5 }, name)
      }
      if (Object.keys(golden.gradients).length === 0) return
      const cast = net.modelInputs.map(({ name, dtype }) => (inputs[name] as Tensor).cast(dtype))
      const sumOfSquares = (values: Record<string, Tensor>): Tensor =>
        (net.applyWith(values, cast.length === 1 ? (cast[0] as Tensor) : cast) as Tensor).square().sum()
      const names = Object.keys(golden.gradients)
      const gradients = grad(sumOfSquares)(net.weightValues((path) => names.includes(path)))
      for (const name of names) {
        const expected = goldenValues(golden.gradients[name] as GoldenTensor)
        expectClose(
          await (gradients[name] as Tensor).data(),
          expected,
          { scaled: 5e-5 },
          `gradient of ${name}`,
        )
      }
    },
  )
})

describe('onnxModel', () => {
  const mlp = caseOf('mlp-dynamo')
  const x = (): Tensor => fromGolden(mlp.inputs.x as GoldenTensor)

  test('weights have the names of the initializers, and are frozen unless they are asked for', async () => {
    const net = await onnxModel(bytesOf(mlp.file))
    expect(net.initializers()).toEqual(
      [
        ['0.weight', [8, 6]],
        ['0.bias', [8]],
        ['3.weight', [3, 8]],
        ['3.bias', [3]],
      ].map(([name, shape]) => ({ name, shape, type: 'float32', trainable: false, usedBy: ['Gemm'] })),
    )
    expect([...net.weightPaths.keys()]).toEqual(['0.weight', '0.bias', '3.weight', '3.bias'])
    net.unfreeze('3.*')
    expect(net.trainableWeights.map(({ name }) => name)).toEqual(['3.weight', '3.bias'])
    const some = await onnxModel(bytesOf(mlp.file), { trainable: '*.bias' })
    expect(some.trainableWeights.map(({ name }) => name)).toEqual(['0.bias', '3.bias'])
  })

  test('is cut anywhere, gets a head, and learns through it; parts share their weights', async () => {
    const net = await onnxModel(bytesOf(mlp.file))
    const tanh = net.network.parts.source.file.graph.nodes.find(({ op }) => op === 'Tanh')
      ?.outputs[0] as string
    const body = net.cut({ outputs: tanh })
    expect(body.weights.map(({ name }) => name)).toEqual(['0.weight', '0.bias'])
    const features = await body.predict(x())
    expect(features.shape).toEqual([4, 8])

    const model = sequential([body, layers.dense({ units: 1, name: 'head' })])
    expect([...model.weightPaths.keys()]).toEqual([
      'onnx_model/0.weight',
      'onnx_model/0.bias',
      'head/kernel',
      'head/bias',
    ])
    const before = await net.getWeights()[0]?.data()
    model.compile({ optimizer: 'adam', loss: 'mse' })
    await model.fit(x(), tensor([[0], [1], [0], [1]]), { epochs: 3, verbose: 0 })
    expect(await net.getWeights()[0]?.data()).toEqual(before)

    body.unfreeze('0.weight')
    model.compile({ optimizer: optimizers.adam({ learningRate: 0.05 }), loss: 'mse' })
    const { history } = await model.fit(x(), tensor([[0], [1], [0], [1]]), { epochs: 60, verbose: 0 })
    expect(history.loss?.at(-1)).toBeLessThan((history.loss?.[0] as number) / 2)
    expect(await net.getWeights()[0]?.data()).not.toEqual(before)
  })

  test('products take adapters; written back, a file has the inputs and outputs that it had, and what was learnt', async () => {
    const golden = caseOf('words-dynamo')
    const net = await onnxModel(bytesOf(golden.file))
    const products = net
      .initializers()
      .filter(({ usedBy, shape }) => shape.length === 2 && !usedBy.includes('Gather'))
    const adapted = adapt(
      net,
      products.map(({ name }) => name),
      adapters.lowRank({ rank: 2 }),
    )
    expect(adapted.length).toBeGreaterThan(3)
    expect(net.trainableWeights.every(({ name }) => name.includes('/low_rank/'))).toBe(true)
    net.compile({ optimizer: 'adam', loss: 'mse' })
    const inputs = tensorsOf(golden.inputs)
    const y = tensor([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
    const { history } = await net.fit(inputs, y, { epochs: 40, verbose: 0 })
    expect(history.loss?.at(-1)).toBeLessThan((history.loss?.[0] as number) / 3)
    const learnt = await net.predict(inputs)

    mergeAdapters(net)
    const again = await onnxModel(await net.toOnnx())
    expect(again.modelInputs.map(({ name, dtype, sizes }) => [name, dtype, sizes])).toEqual([
      ['ids', 'int64', [null, expect.any(String)]],
      ['mask', 'int64', [null, expect.any(String)]],
    ])
    expect(again.modelOutputs.map(({ name }) => name)).toEqual(['y'])
    expectClose(await (await again.predict(inputs)).data(), Array.from(await learnt.data()))
    const shorter = { ids: tensor([[3, 1]], { dtype: 'int64' }), mask: tensor([[1, 1]], { dtype: 'int64' }) }
    expectClose(
      await (await again.predict(shorter)).data(),
      Array.from(await (await net.predict(shorter)).data()),
    )
  })
})

test('several inputs and outputs go by their names, in whichever order the file has them', async () => {
  const shape = ['batch', 2] as const
  const float = (name: string) => ({ name, dtype: 'float32', shape }) as const
  const bytes = encodeModel({
    opset: 21,
    graph: {
      name: 'several',
      nodes: [
        { op: 'Sub', inputs: ['query', 'key'], outputs: ['difference'] },
        { op: 'Mul', inputs: ['query', 'query'], outputs: ['area'] },
      ],
      inputs: [float('query'), float('key')],
      outputs: [float('difference'), float('area')],
      initializers: [],
    },
  })
  const net = await onnxModel<Record<string, Tensor>>(bytes)
  const given = { query: tensor([[1, 2]]), key: tensor([[10, 30]]) }
  const wanted = { difference: [[-9, -28]], area: [[1, 4]] }
  const all = async (by: Record<string, Tensor>) => ({
    difference: await by.difference?.toArray(),
    area: await by.area?.toArray(),
  })
  expect(await all(await net.predict(given))).toEqual(wanted)
  expect(await all(await net.run(given))).toEqual(wanted)
  expect(await all(net.apply(given))).toEqual(wanted)
  expect(net.modelInputs.map(({ name }) => name)).toEqual(['query', 'key'])
  expect(await all(await net.predict([given.query, given.key]))).toEqual(wanted)
  net.compile({ loss: { difference: 'mse', area: 'mae' }, optimizer: 'sgd' })
  const logs = await net.evaluate(given, { difference: [[-9, -28]], area: [[1, 5]] }, { verbose: 0 })
  expect(logs).toMatchObject({ difference_loss: 0, area_loss: 0.5 })
})
