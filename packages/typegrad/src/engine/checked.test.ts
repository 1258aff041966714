import { afterEach, describe, expect, test } from 'vitest'
import type { TypedArray } from '../base/dtype.ts'
import {
  createEngine,
  grad,
  layers,
  ops,
  sequential,
  setEngine,
  setRandomSeed,
  type Tensor,
  tensor,
} from '../index.ts'
import { encodeModel } from '../onnx/encode.ts'
import { valuesOn } from '../testing/values-on.ts'
import { checkedEngine } from './checked.ts'
import type { Engine, Executable, Storage } from './engine.ts'

const plain = await createEngine()
const checked = await createEngine({ checked: true })
afterEach(() => setEngine(plain))

const waves = (shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
    { shape },
  )

test('a checked engine gives the same numbers, those that are no numbers among them', async () => {
  const [x, w] = [waves([130, 70]), waves([70, 1040])]
  const y = ops.relu(ops.matmul(x, w).add(waves([1040])))
  const [gx] = grad((a: readonly Tensor[]) =>
    ops
      .matmul(a[0] as Tensor, w)
      .square()
      .sum(),
  )([x]) as [Tensor]
  const odd = x.log().mul(2)
  const outputs = [y, gx, odd, waves([600, 73]).sum(0), x.greater(0)].map((t) => (t as Tensor).node)
  const expected = await valuesOn(plain, outputs, plain.kernelLimits)
  const received = await valuesOn(checked, outputs, checked.kernelLimits)
  expect(received.length).toBe(expected.length)
  received.forEach((values, i) => {
    expect(values.findIndex((value, at) => !Object.is(value, expected[i]?.[at]))).toBe(-1)
  })
  expect(expected[2]?.some(Number.isNaN)).toBe(true)
})

test('training and prediction on a checked engine are what they are on another', async () => {
  const trained = async (engine: Engine): Promise<number[]> => {
    setEngine(engine)
    setRandomSeed(3)
    const model = sequential([
      layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [9, 9, 8] }),
      layers.maxPooling2d(),
      layers.flatten(),
      layers.dense({ units: 3 }),
    ])
    model.compile({ optimizer: 'adam', loss: 'mse' })
    const x = waves([20, 9, 9, 8])
    await model.fit(x, waves([20, 3]), { epochs: 2, batchSize: 10, verbose: 0 })
    const predictions: number[] = []
    for (let i = 0; i < 20; i++)
      predictions.push(...Array.from(await (await model.predictOnBatch(x)).data(), Number))
    return predictions
  }
  expect(await trained(checked)).toEqual(await trained(plain))
})

/** What a pretended model does with the elements of its outputs, which may reach beyond them. */
type Fault = (output: Float32Array, whole: Float32Array) => void

/** A checked engine around one whose models do something wrong. */
function faulty(fault: Fault): Engine {
  const engine: Engine = {
    name: 'web',
    device: 'cpu',
    kernelLimits: undefined,
    allocate: () => {
      throw new Error('a checked engine guards its own memory')
    },
    upload: (host: TypedArray, dtype, shape): Storage => ({ host, dtype, shape }),
    write() {},
    read: (storage) => storage.host as TypedArray,
    load: async (_, known): Promise<Executable> => ({
      inputs: [],
      outputs: known?.signature?.outputs ?? [],
      run(_inputs, outputs) {
        for (const { host } of outputs) {
          const output = host as Float32Array
          output.fill(1)
          fault(output, new Float32Array(output.buffer))
        }
      },
      dispose() {},
    }),
  }
  return checkedEngine(engine)
}

const model = encodeModel({
  opset: 21,
  domains: ['typegrad'],
  graph: {
    name: 'test',
    nodes: [
      { op: 'Sums', domain: 'typegrad', inputs: ['x'], outputs: ['parts'] },
      { op: 'Identity', inputs: ['parts'], outputs: ['y'] },
    ],
    inputs: [],
    outputs: [{ name: 'y', dtype: 'float32', shape: [2, 5] }],
    initializers: [],
  },
})
const kernels = new Map([
  ['Sums', { kind: 'sumRows', rows: 4, columns: 5, isOfSquares: false, parts: 2 } as const],
])

describe('a fault is an error that says where', () => {
  const run = async (fault: Fault): Promise<void> => {
    const engine = faulty(fault)
    const executable = await engine.load(model, { kernels })
    expect(executable.outputs.map(({ name }) => name)).toEqual(['y'])
    await executable.run([], [engine.allocate('float32', [2, 5])])
  }
  const poison = (output: Float32Array, i: number): void => {
    new Uint32Array(output.buffer, output.byteOffset)[i] = 0x7fa0beef
  }

  test.each<[string, Fault, RegExp]>([
    [
      'an element that was not written',
      (output) => poison(output, 7),
      /output 'y': expected all of its 10 elements to be written, received element 7 of shape \[2, 5\]/,
    ],
    [
      'a write behind the end',
      (_, whole) => {
        whole[74] = 3
      },
      /output 'y': expected nothing to be written outside of its memory, received a change of byte \d behind/,
    ],
    [
      'a write before the beginning',
      (_, whole) => {
        whole[63] = 3
      },
      /output 'y': .* received a change of byte \d before its first/,
    ],
  ])('%s', async (_, fault, message) => {
    await expect(run(fault)).rejects.toThrow(message)
  })

  test('of a kernel in the middle of a model', async () => {
    let calls = 0
    const fault: Fault = (output) => {
      calls += 1
      if (calls === 2) poison(output, 3)
    }
    await expect(run(fault)).rejects.toThrow(/a value of the kernel Sums \({"kind":"sumRows".*element 3 of/)
  })

  test('nothing is wrong where nothing is', async () => {
    await expect(run(() => {})).resolves.toBeUndefined()
  })
})

test('other devices cannot be checked', async () => {
  await expect(createEngine({ checked: true, device: 'webgpu' })).rejects.toThrow(
    /createEngine: checked: expected the device 'cpu'/,
  )
})
