import { describe, expect, test } from 'vitest'
import type { TypedArray } from '../base/dtype.ts'
import { defaultEngine, model as functional, input, layers, sequential, type Tensor } from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import { decodeModel } from '../onnx/decode.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { OnnxModel } from '../onnx/model.ts'
import { expectClose } from '../testing/closeness.ts'

const wave = (size: number) => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.7))

/** Runs an ONNX model with so many samples where its sizes say 'batch': the engine wants them known. */
async function run(
  bytes: Uint8Array,
  samples: number,
  inputs: readonly TypedArray[],
): Promise<Float32Array[]> {
  const engine = await defaultEngine()
  const decoded = decodeModel(bytes)
  const fixed = (values: OnnxModel['graph']['inputs']) =>
    values.map((value) => ({ ...value, shape: value.shape.map((d) => (d === 'batch' ? samples : d)) }))
  const [ins, outs] = [fixed(decoded.graph.inputs), fixed(decoded.graph.outputs)]
  const graph = { ...decoded.graph, inputs: ins, outputs: outs }
  const executable = await engine.load(encodeModel({ ...decoded, graph }))
  const outputs = executable.outputs.map(({ dtype, shape }) => engine.allocate(dtype, shape))
  const storages = executable.inputs.map(({ dtype, shape }, i) =>
    engine.upload(inputs[i] as TypedArray, dtype, shape),
  )
  await executable.run(storages, outputs)
  return Promise.all(outputs.map(async (output) => (await engine.read(output)) as Float32Array))
}

describe('toOnnx', () => {
  const convnet = () =>
    sequential([
      layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 4, activation: 'softmax' }),
    ])
  const words = () =>
    sequential([
      layers.embedding({ inputDim: 10, outputDim: 4, inputShape: [5] }),
      layers.globalAveragePooling1d(),
    ])
  const twins = () => {
    const [a, b] = [input({ shape: [3], name: 'a' }), input({ shape: [3], name: 'b' })]
    const tower = layers.dense({ units: 2, name: 'tower' })
    return functional({
      inputs: [a, b],
      outputs: [layers.add().apply([tower.apply(a), tower.apply(b)]), tower.apply(b)],
    })
  }
  const nested = () =>
    // Weights of one name in two models.
    sequential([
      sequential([layers.dense({ units: 3, inputShape: [3], name: 'dense' })], { name: 'one' }),
      sequential([layers.dense({ units: 2, name: 'dense' })], { name: 'two' }),
    ])
  const echo = () => {
    const x = input({ shape: [3], name: 'x' })
    return functional({ inputs: x, outputs: [x, layers.activation({ activation: 'relu' }).apply(x)] })
  }

  test.each<[string, () => AnyModel]>([
    ['a convnet', convnet],
    ['an embedding', words],
    ['two inputs and outputs of a shared layer', twins],
    ['models within a model', nested],
    ['an input that is an output', echo],
  ])('of %s gives what predict gives, for any number of samples', async (_, make) => {
    const model = make()
    const bytes = await model.toOnnx()
    const { graph } = decodeModel(bytes)
    expect(graph.inputs.map(({ name, shape }) => [name, shape])).toEqual(
      model.modelInputs.map(({ name, shape }) => [name, ['batch', ...(shape ?? []).slice(1)]]),
    )
    expect(graph.outputs.map(({ shape }) => shape[0])).toEqual(model.modelOutputs.map(() => 'batch'))
    expect(new Set(graph.initializers.map(({ name }) => name)).size).toBe(graph.initializers.length)
    for (const samples of [1, 3]) {
      const inputs = model.modelInputs.map(({ shape, dtype }) => {
        const values = wave(samples * (shape ?? []).slice(1).reduce<number>((a, b) => a * (b ?? 1), 1))
        return dtype === 'int32' ? Int32Array.from(values, (v) => Math.floor(4 + 4 * v)) : values
      })
      const predicted = await model.predict(inputs.length === 1 ? (inputs[0] as TypedArray) : inputs)
      const list: readonly Tensor[] = Array.isArray(predicted) ? predicted : [predicted]
      const results = await run(bytes, samples, inputs)
      expect(results.length).toBe(list.length)
      for (const [i, output] of list.entries()) {
        expectClose(results[i] as Float32Array, (await output.data()) as Float32Array)
      }
    }
  })

  test('of a fixed number of samples has it in its shapes', async () => {
    const { graph } = decodeModel(await convnet().toOnnx({ batchSize: 2 }))
    expect(graph.inputs[0]?.shape).toEqual([2, 8, 8, 1])
    expect(graph.outputs[0]?.shape).toEqual([2, 4])
  })
})
