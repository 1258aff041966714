// Exported models with open sizes, run by ONNX Runtime's own package as they are: one session for all sizes.
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import {
  ArgumentError,
  model as functional,
  input,
  type Layer,
  Layer as LayerClass,
  layers,
  type SymbolicTensor,
  sequential,
  type Tensor,
  tensor,
} from '../index.ts'
import type { NamedShape } from '../layers/base/sizes.ts'
import type { AnyModel } from '../models/model.ts'
import { decodeModel } from '../onnx/decode.ts'
import { expectClose } from '../testing/closeness.ts'

/** ONNX Runtime prints what it has against a graph's shapes; level 3 leaves errors alone. */
async function sessionOf(bytes: Uint8Array): Promise<InferenceSession> {
  const { InferenceSession } = await import('onnxruntime-node')
  return InferenceSession.create(bytes, { logSeverityLevel: 3 })
}

const wave = (shape: readonly number[], whole: boolean): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  const values = Array.from({ length: size }, (_, i) => (whole ? (i * 7) % 5 : Math.sin(i * 0.7)))
  return tensor(values, { dtype: whole ? 'int32' : 'float32' }).reshape(shape)
}

const asList = (value: unknown): readonly Tensor[] =>
  (Array.isArray(value) ? value : [value]) as readonly Tensor[]

const over = (shape: NamedShape, ...made: Layer[]) => sequential([input({ shape }), ...made])
const words = (...made: Layer[]) =>
  sequential([
    input({ shape: ['length'], dtype: 'int32' }),
    layers.embedding({ inputDim: 5, outputDim: 4, maskZero: true }),
    ...made,
  ])
const pair = (
  names: readonly [string, string],
  join: (a: SymbolicTensor, b: SymbolicTensor) => SymbolicTensor,
) => {
  const [a, b] = [
    input({ shape: [names[0], 4], name: 'a' }),
    input({ shape: [names[1], 4], name: 'b' }),
  ] as const
  return functional({ inputs: [a, b], outputs: join(a, b) })
}
/** A block of a transformer's encoder over words. */
const encoder = () => {
  const ids = input({ shape: ['length'], dtype: 'int32', name: 'ids' })
  const x = layers.embedding({ inputDim: 5, outputDim: 8, maskZero: true }).apply(ids)
  const attended = layers.multiHeadAttention({ numHeads: 2, keyDim: 4 }).apply([x, x])
  const y = layers.layerNormalization().apply(layers.add().apply([x, attended]) as SymbolicTensor)
  return functional({
    inputs: ids,
    outputs: [layers.dense({ units: 3 }).apply(y), layers.globalAveragePooling1d().apply(y)],
  })
}
const images = () => {
  const x = input({ shape: ['height', 'width', 1] })
  const y = layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same' }).apply(x)
  return functional({ inputs: x, outputs: [y, layers.globalMaxPooling2d().apply(y)] })
}

interface Case {
  readonly make: () => AnyModel
  /** Sizes of three runs, by name. */
  readonly sizes: Readonly<Record<string, readonly [number, number, number]>>
  /** Shapes of the outputs in the file. */
  readonly outputs: readonly NamedShape[]
}
const lengths = { batch: [2, 1, 3], length: [9, 5, 16] } as const
const sequence = ['batch', 'length'] as const

describe.each<[string, Case]>([
  [
    'dense layers',
    {
      make: () => over(['length', 4], layers.dense({ units: 3 })),
      sizes: lengths,
      outputs: [[...sequence, 3]],
    },
  ],
  [
    'a convolution that keeps the length, and pooling over all of it',
    {
      make: () =>
        over(
          ['length', 4],
          layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same' }),
          layers.globalMaxPooling1d(),
        ),
      sizes: lengths,
      outputs: [['batch', 3]],
    },
  ],
  [
    'a convolution and pooling that shorten it',
    {
      make: () =>
        over(
          ['length', 4],
          layers.conv1d({ filters: 3, kernelSize: 3, padding: 'causal' }),
          layers.conv1d({ filters: 3, kernelSize: 2 }),
          layers.averagePooling1d({ poolSize: 2, strides: 1 }),
        ),
      sizes: lengths,
      outputs: [['batch', 'OTHER', 3]],
    },
  ],
  [
    'windows with strides',
    {
      make: () =>
        over(['length', 4], layers.conv1d({ filters: 3, kernelSize: 2, strides: 2 }), layers.maxPooling1d()),
      sizes: lengths,
      outputs: [['batch', 'OTHER', 3]],
    },
  ],
  ['words', { make: () => words(), sizes: lengths, outputs: [[...sequence, 4]] }],
  [
    'an encoder',
    {
      make: encoder,
      sizes: lengths,
      outputs: [
        [...sequence, 3],
        ['batch', 8],
      ],
    },
  ],
  [
    'an LSTM over masked words',
    {
      make: () => words(layers.lstm({ units: 3, returnSequences: true }), layers.dense({ units: 2 })),
      sizes: lengths,
      outputs: [[...sequence, 2]],
    },
  ],
  [
    'both directions of a GRU',
    {
      make: () => words(layers.bidirectional({ layer: layers.gru({ units: 3 }) })),
      sizes: lengths,
      outputs: [['batch', 6]],
    },
  ],
  [
    'flatten of fixed sizes, step by step',
    {
      make: () =>
        over(
          ['length', 2, 4],
          layers.timeDistributed({ layer: layers.flatten() }),
          layers.dense({ units: 3 }),
        ),
      sizes: lengths,
      outputs: [[...sequence, 3]],
    },
  ],
  [
    'reshape with what is left',
    {
      make: () => over(['length', 4], layers.reshape({ targetShape: [-1, 2] }), layers.dense({ units: 3 })),
      sizes: lengths,
      outputs: [['batch', 'OTHER', 3]],
    },
  ],
  [
    'reshape of the open axis as it is',
    {
      make: () =>
        over(['length', 4], layers.reshape({ targetShape: [-1, 2, 2] }), layers.dense({ units: 3 })),
      sizes: lengths,
      outputs: [[...sequence, 2, 3]],
    },
  ],
  [
    'concatenation of two lengths',
    {
      make: () =>
        pair(['first', 'second'], (a, b) => layers.concatenate({ axis: 1 }).apply([a, b]) as SymbolicTensor),
      sizes: { batch: [2, 1, 3], first: [3, 7, 1], second: [5, 2, 4] },
      outputs: [['batch', 'OTHER', 4]],
    },
  ],
  [
    'a sum of inputs of one length',
    {
      make: () => pair(['length', 'length'], (a, b) => layers.add().apply([a, b]) as SymbolicTensor),
      sizes: lengths,
      outputs: [[...sequence, 4]],
    },
  ],
  [
    'attention between two lengths',
    {
      make: () => pair(['target', 'source'], (a, b) => layers.attention().apply([a, b])),
      sizes: { batch: [2, 1, 3], target: [3, 7, 1], source: [5, 2, 4] },
      outputs: [['batch', 'target', 4]],
    },
  ],
  [
    'images of any height and width',
    {
      make: images,
      sizes: { batch: [2, 1, 3], height: [5, 8, 3], width: [7, 4, 9] },
      outputs: [
        ['batch', 'height', 'width', 3],
        ['batch', 3],
      ],
    },
  ],
])('%s', (_, { make, sizes, outputs: shapes }) => {
  test('give in ONNX Runtime what predict gives, at all sizes', async () => {
    const made = make()
    const bytes = await made.toOnnx()
    const { graph } = decodeModel(bytes)
    const declared = made.modelInputs.map(({ sizes = [] }) => ['batch', ...sizes.slice(1)])
    expect(graph.inputs.map(({ shape }) => shape)).toEqual(declared)
    // What only follows from the inputs' sizes has a name of its own in the file.
    const known = new Set<unknown>(Object.keys(sizes))
    expect(
      graph.outputs.map(({ shape }) =>
        shape.map((size) => (typeof size === 'string' && !known.has(size) ? 'OTHER' : size)),
      ),
    ).toEqual(shapes)
    const session = await sessionOf(bytes)
    for (const run of [0, 1, 2] as const) {
      const inputs = graph.inputs.map(({ shape, dtype }) =>
        wave(
          shape.map((d) => (typeof d === 'string' ? ((sizes[d] as readonly number[])[run] as number) : d)),
          dtype === 'int32',
        ),
      )
      const wanted = asList(await made.predict(inputs.length === 1 ? (inputs[0] as Tensor) : inputs))
      const feeds = await Promise.all(
        inputs.map(async (x, i) => {
          const data = (await x.data()) as Float32Array
          return [graph.inputs[i]?.name, new OrtTensor(x.dtype as 'float32', data, [...x.shape])] as const
        }),
      )
      const results = await session.run(Object.fromEntries(feeds))
      for (const [i, output] of wanted.entries()) {
        const result = results[graph.outputs[i]?.name ?? ''] as OrtTensor
        expect(result.dims).toEqual([...output.shape])
        expectClose(result.data as Float32Array, (await output.data()) as Float32Array)
      }
    }
  })
})

test('values that follow from a size in a way that a file cannot say are refused by their name', async () => {
  /** Adds the square root of the length. */
  class Rooted extends LayerClass {
    readonly className = 'Rooted'
    call(x: Tensor): Tensor {
      return x.add(Math.sqrt(x.shape[1] ?? 1))
    }
  }
  const refused = over(['length', 4], new Rooted()).toOnnx()
  await expect(refused).rejects.toThrow(ArgumentError)
  await expect(refused).rejects.toThrow(/toOnnx: expected .*\('batch', 'length'\)/)
})
