// Exported models whose batch and other sizes are open give what predict gives, for sizes that no trace has seen.
import { describe, expect, test } from 'vitest'
import {
  defaultEngine,
  model as functional,
  input,
  type Layer,
  layers,
  type SymbolicTensor,
  sequential,
  type Tensor,
  tensor,
} from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import { decodeModel } from '../onnx/decode.ts'
import { encodeModel } from '../onnx/encode.ts'

const wave = (shape: readonly number[], whole: boolean): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  const values = Array.from({ length: size }, (_, i) => (whole ? (i * 7) % 5 : Math.sin(i * 0.7)))
  return tensor(values, { dtype: whole ? 'int32' : 'float32' }).reshape(shape)
}

/** What the file computes, with its open sizes as these inputs and outputs have them: the engine wants them known. */
async function run(
  bytes: Uint8Array,
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): Promise<number[][]> {
  const engine = await defaultEngine()
  const { graph, ...rest } = decodeModel(bytes)
  const sized = (values: typeof graph.inputs, tensors: readonly Tensor[]) =>
    values.map((value, i) => ({ ...value, shape: (tensors[i] as Tensor).shape }))
  const fixed = { ...graph, inputs: sized(graph.inputs, inputs), outputs: sized(graph.outputs, outputs) }
  const executable = await engine.load(encodeModel({ ...rest, graph: fixed }))
  const results = executable.outputs.map(({ dtype, shape }) => engine.allocate(dtype, shape))
  const given = await Promise.all(inputs.map(async (t) => engine.upload(await t.data(), t.dtype, t.shape)))
  await executable.run(given, results)
  return Promise.all(results.map(async (one) => Array.from(await engine.read(one), Number)))
}

const list = (value: unknown): readonly Tensor[] =>
  (Array.isArray(value) ? value : [value]) as readonly Tensor[]
const over = (shape: (number | null)[], ...made: Layer[]) => sequential([input({ shape }), ...made])

const words = () =>
  sequential([
    input({ shape: [null], dtype: 'int32' }),
    layers.embedding({ inputDim: 5, outputDim: 4, maskZero: true }),
    layers.bidirectional({ layer: layers.gru({ units: 3 }) }),
  ])
const attention = () => {
  const [query, value] = [
    input({ shape: [null, 4], name: 'query' }),
    input({ shape: [null, 4], name: 'value' }),
  ]
  const y = layers.multiHeadAttention({ numHeads: 2, keyDim: 3 }).apply([query, value])
  return functional({ inputs: [query, value], outputs: [y, layers.globalAveragePooling1d().apply(value)] })
}
const added = () => {
  const [a, b] = [input({ shape: [null, 3], name: 'a' }), input({ shape: [null, 3], name: 'b' })]
  const y = layers.add().apply([a, b]) as SymbolicTensor
  return functional({ inputs: [a, b], outputs: layers.dense({ units: 2 }).apply(y) })
}

interface Case {
  readonly make: () => AnyModel
  /** Open sizes of the inputs by name, and what stands for each in two runs. */
  readonly sizes: Readonly<Record<string, readonly [number, number]>>
}

describe.each<[string, Case]>([
  ['an LSTM', { make: () => over([4, 2], layers.lstm({ units: 3 })), sizes: { batch: [1, 5] } }],
  [
    'layers of an RNN',
    {
      make: () =>
        over([4, 2], layers.gru({ units: 3, returnSequences: true }), layers.simpleRNN({ units: 2 })),
      sizes: { batch: [2, 7] },
    },
  ],
  [
    'an LSTM of any length',
    {
      make: () => over([null, 2], layers.lstm({ units: 3, returnSequences: true })),
      sizes: { batch: [2, 3], '0_axis1': [1, 6] },
    },
  ],
  ['words that are masked', { make: words, sizes: { batch: [3, 1], '0_axis1': [4, 9] } }],
  [
    'convolutions of images of any size',
    {
      make: () =>
        over([null, null, 1], layers.conv2d({ filters: 3, kernelSize: 3 }), layers.globalAveragePooling2d()),
      sizes: { batch: [2, 1], '0_axis1': [5, 8], '0_axis2': [7, 4] },
    },
  ],
  [
    'windows that move on by several positions',
    {
      make: () => {
        const x = input({ shape: [null, 2] })
        let y = layers.conv1d({ filters: 3, kernelSize: 5, strides: 3 }).apply(x)
        y = layers.maxPooling1d({ poolSize: 3, strides: 2 }).apply(y)
        y = layers.conv1d({ filters: 4, kernelSize: 2, strides: 2, dilationRate: 1 }).apply(y)
        return functional({
          inputs: x,
          outputs: [layers.attention().apply([y, y]), layers.globalAveragePooling1d().apply(y)],
        })
      },
      sizes: { batch: [2, 3], '0_axis1': [41, 64] },
    },
  ],
  [
    'attention between two lengths',
    { make: attention, sizes: { batch: [2, 3], query_axis1: [5, 1], value_axis1: [3, 8] } },
  ],
  ['two inputs that have to agree', { make: added, sizes: { batch: [2, 4], axis1: [3, 6] } }],
])('%s', (_, { make, sizes }) => {
  test('gives what predict gives', async () => {
    const made = make()
    const bytes = await made.toOnnx()
    const { graph } = decodeModel(bytes)
    const names = Object.keys(sizes).map((name) => name.replace(/^0/, made.modelInputs[0]?.name ?? ''))
    expect(
      [...new Set(graph.inputs.flatMap(({ shape }) => shape.filter((d) => typeof d === 'string')))].sort(),
    ).toEqual([...names].sort())
    for (const which of [0, 1] as const) {
      const found = new Map(
        names.map((name, i) => [name, (Object.values(sizes)[i] as readonly [number, number])[which]]),
      )
      const inputs = graph.inputs.map(({ shape, dtype }) =>
        wave(
          shape.map((d) => (typeof d === 'string' ? (found.get(d) as number) : d)),
          dtype === 'int32',
        ),
      )
      const wanted = list(await made.predict(inputs.length === 1 ? (inputs[0] as Tensor) : inputs))
      const outputs = await run(bytes, inputs, wanted)
      for (const [i, output] of outputs.entries()) {
        const values = Array.from<number | bigint, unknown>(await (wanted[i] as Tensor).data(), (v) =>
          expect.closeTo(Number(v), 5),
        )
        expect(output).toEqual(values)
      }
    }
  })
})

test('a number of samples leaves other sizes open', async () => {
  const made = over([null, 2], layers.conv1d({ filters: 3, kernelSize: 3 }))
  const name = made.modelInputs[0]?.name
  const shapes = async (options?: { batchSize: number }) => {
    const { graph } = decodeModel(await made.toOnnx(options))
    return [graph.inputs[0]?.shape, graph.outputs[0]?.shape]
  }
  const out = made.modelOutputs[0]?.name
  expect(await shapes({ batchSize: 4 })).toEqual([
    [4, `${name}_axis1`, 2],
    [4, `${out}_axis1`, 3],
  ])
  expect(await shapes()).toEqual([
    ['batch', `${name}_axis1`, 2],
    ['batch', `${out}_axis1`, 3],
  ])
})
