import { join } from 'node:path'
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { beforeAll, expect, test } from 'vitest'
import { type PythonPackage, pythonPackage, wheels } from '../../../../tools/python-package.ts'
import type { DType, TypedArray } from '../base/dtype.ts'
import { sizeOf, stridesOf } from '../base/shape.ts'
import { type OnnxModelOptions, onnxModel, type Tensor, tensor } from '../index.ts'
import { expectClose } from '../testing/closeness.ts'
import { readGolden } from '../testing/golden.ts'
import { drawing } from '../testing/mutations.ts'

// Networks that others trained, exported and published: they are fetched with pip, and skipped where that cannot be.

const rapidOcr: PythonPackage = {
  what: 'RapidOCR',
  name: 'rapidocr-onnxruntime',
  version: '1.4.4',
  hash: '971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf',
  size: '15 MB',
}
const silero: PythonPackage = {
  what: 'Silero VAD',
  name: 'silero-vad',
  version: '6.2.3',
  hash: '7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8',
  size: '11 MB',
}

interface Given {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TypedArray
}

/** Floats by their places. */
const filled = (shape: readonly number[], at: (...place: readonly number[]) => number): Given => {
  const strides = stridesOf(shape)
  const data = Float32Array.from({ length: sizeOf(shape) }, (_, i) =>
    at(...shape.map((size, axis) => Math.floor(i / (strides[axis] as number)) % size)),
  )
  return { dtype: 'float32', shape, data }
}
/** Pixels of pages and lines. */
const drawn = (shape: readonly number[], seed: number): Given => {
  const draw = drawing(seed)
  return filled(shape, () => draw(2001) / 1000 - 1)
}
/** A byte of a file each, and 256 where it has none. */
const bytes = (shape: readonly [number, number]): Given => {
  const draw = drawing(7)
  return { dtype: 'int32', shape, data: Int32Array.from({ length: shape[0] * shape[1] }, () => draw(257)) }
}
const rate: Given = { dtype: 'int64', shape: [], data: BigInt64Array.of(16_000n) }

let sessions: typeof InferenceSession
beforeAll(async () => {
  const { InferenceSession } = await import('onnxruntime-node')
  sessions = InferenceSession
})

/** What ONNX Runtime itself makes of the file. */
async function expectedOf(path: string, inputs: Readonly<Record<string, Given>>) {
  const session = await sessions.create(path, { logSeverityLevel: 3 })
  const feeds = Object.entries(inputs).map(
    ([name, { dtype, shape, data }]) =>
      [name, new OrtTensor(dtype as 'float32', data as Float32Array, shape)] as const,
  )
  const outputs = await session.run(Object.fromEntries(feeds))
  await session.release()
  return outputs
}

const given = ({ data, shape, dtype }: Given): Tensor => tensor(data, { shape, dtype })

/** Reads a file and compares what it gives with ONNX Runtime. */
async function compared(
  path: string,
  inputs: Readonly<Record<string, Given>>,
  options: OnnxModelOptions = {},
) {
  const net = await onnxModel(path, options)
  const taken = Object.entries(inputs).filter(([name]) => !Object.hasOwn(options.constants ?? {}, name))
  const outputs = await net.run(Object.fromEntries(taken.map(([name, one]) => [name, given(one)])))
  const expected = await expectedOf(path, inputs)
  expect(Object.keys(outputs)).toEqual(Object.keys(expected))
  for (const [name, value] of Object.entries(outputs)) {
    expect(value.shape, name).toEqual(expected[name]?.dims)
    expectClose(await value.data(), expected[name]?.data as Float32Array, { scaled: 1e-4 }, name)
  }
  return { net, outputs }
}

test('Magika: the type of a file by its bytes', { timeout: 180_000 }, async ({ skip }) => {
  const fetched = await pythonPackage(wheels.magika)
  if ('missing' in fetched) return skip(fetched.missing)
  const path = join(fetched.folder, 'magika/models/standard_v3_3/model.onnx')
  const { net } = await compared(path, { bytes: bytes([3, 2048]) })
  expect(net.countParams()).toBe(784_215)
})

test('PaddleOCR: where a page has text, which way it stands, and what it says', { timeout: 180_000 }, async ({
  skip,
}) => {
  const fetched = await pythonPackage(rapidOcr)
  if ('missing' in fetched) return skip(fetched.missing)
  const of = (name: string): string => join(fetched.folder, `rapidocr_onnxruntime/models/${name}_infer.onnx`)
  await compared(of('ch_PP-OCRv4_det'), { x: drawn([1, 3, 64, 96], 1) })
  await compared(of('ch_ppocr_mobile_v2.0_cls'), { x: drawn([2, 3, 48, 192], 2) })
  const inputShapes = { x: [null, 3, 48, 160] }
  await compared(of('ch_PP-OCRv4_rec'), { x: drawn([2, 3, 48, 160], 3) }, { inputShapes })
})

test('Silero: its forms of ONNX are one network, which takes the weights of its safetensors', {
  timeout: 180_000,
}, async ({ skip }) => {
  const fetched = await pythonPackage(silero)
  if ('missing' in fetched) return skip(fetched.missing)
  const of = (name: string): string => join(fetched.folder, `silero_vad/data/${name}`)
  const sound = {
    input: filled([2, 576], (b, t) => 0.3 * Math.sin(0.013 * (b + 1) * t)),
    state: filled([2, 2, 128], (k, b, j) => 0.1 * Math.cos(j + 3 * k + 7 * b)),
  }
  const inputShapes = { input: [null, 576], state: [2, 'batch', 128] }
  const options = { inputShapes, constants: { sr: given(rate) } }

  // One has a network for each sampling rate in branches, the other has both side by side.
  const branches = await compared(of('silero_vad.onnx'), { ...sound, sr: rate }, options)
  const { net, outputs } = await compared(of('silero_vad_op18_ifless.onnx'), { ...sound, sr: rate }, options)
  for (const [name, value] of Object.entries(outputs)) {
    const same = await (branches.outputs[name] as Tensor).data()
    expectClose(await value.data(), same as Float32Array, { scaled: 1e-5 }, name)
  }

  // Those are of another training; what they give is PyTorch's (tools/golden/make_silero.py).
  await net.loadWeights(of('silero_vad_16k.safetensors'), {
    map: {
      'stft_conv.weight': 'model.stft.forward_basis_buffer',
      'conv*.*': (block, weight) => `model.encoder.${Number(block) - 1}.reparam_conv.${weight}`,
      'lstm_cell.*': 'model.decoder.rnn.*',
      'final_conv.*': 'model.decoder.decoder.2.*',
    },
  })
  const golden = readGolden<{ output: number[]; stateN: number[][] }>('silero.json')
  const { output, stateN } = await net.run({ input: given(sound.input), state: given(sound.state) })
  expectClose(await (output as Tensor).data(), golden.output, { scaled: 1e-5 })
  const states = await (stateN as Tensor).reshape([4, 128]).data()
  for (const [i, first] of golden.stateN.entries())
    expectClose((states as Float32Array).subarray(128 * i, 128 * i + 3), first, { scaled: 1e-5 })
})
