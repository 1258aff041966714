// Slices of an open axis in exported models: short inputs have fewer positions than were asked for.
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import {
  ArgumentError,
  model as functional,
  input,
  layers,
  type SymbolicTensor,
  type Tensor,
  tensor,
} from '../index.ts'
import type { AnyModel } from '../models/model.ts'
import { expectClose } from '../testing/closeness.ts'

async function sessionOf(model: AnyModel): Promise<InferenceSession> {
  const { InferenceSession } = await import('onnxruntime-node')
  return InferenceSession.create(await model.toOnnx(), { logSeverityLevel: 3 })
}

const wave = (length: number): Tensor =>
  tensor(Array.from({ length: 2 * length * 4 }, (_, i) => Math.sin(i * 0.7))).reshape([2, length, 4])

async function expectSame(model: AnyModel, lengths: readonly number[]): Promise<void> {
  const session = await sessionOf(model)
  for (const length of lengths) {
    const x = wave(length)
    const expected = [await model.predict(x)].flat() as Tensor[]
    const data = (await x.data()) as Float32Array
    const results = await session.run({
      [session.inputNames[0] as string]: new OrtTensor('float32', data, x.shape),
    })
    for (const [i, name] of session.outputNames.entries()) {
      const got = results[name] as OrtTensor
      expect(got.dims, `shape for length ${length}`).toEqual(expected[i]?.shape)
      expectClose(
        Array.from(got.data as Float32Array),
        Array.from((await expected[i]?.data()) as Float32Array),
      )
    }
  }
}

/** Layers behind which the number of positions counts. */
const counted = (make: (x: SymbolicTensor) => SymbolicTensor): AnyModel => {
  const x = input({ shape: ['length', 4], name: 'x' })
  const y = make(x)
  return functional({
    inputs: x,
    outputs: [
      layers.globalAveragePooling1d().apply(y),
      layers.attention().apply([y, y]),
      layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same' }).apply(y),
    ],
  })
}

test.each<[string, (x: SymbolicTensor) => SymbolicTensor]>([
  ['x[:8]', (x) => x.slice([0, 0], [-1, 8])],
  ['x[:1]', (x) => x.slice([0, 0], [-1, 1])],
  ['x[:300], longer than the traces', (x) => x.slice([0, 0], [-1, 300])],
  ['x[:900], longer than any trace', (x) => x.slice([0, 0], [-1, 900])],
  ['x[2:8]', (x) => x.slice([0, 2], [-1, 6])],
  ['x[-8:]', (x) => x.stridedSlice(1, -8)],
  ['x[-1:]', (x) => x.stridedSlice(1, -1)],
  ['x[-8:-2]', (x) => x.stridedSlice(1, -8, -2)],
  ['x[:7:2]', (x) => x.stridedSlice(1, 0, 7, 2)],
  ['x[-7::3]', (x) => x.stridedSlice(1, -7, null, 3)],
  ['x[1:]', (x) => x.stridedSlice(1, 1)],
  ['x[:-1]', (x) => x.stridedSlice(1, null, -1)],
  ['x[::-1]', (x) => x.stridedSlice(1, null, null, -1)],
  ['x[:8][-5:]', (x) => x.slice([0, 0], [-1, 8]).stridedSlice(1, -5)],
  [
    'x[:8] behind a convolution',
    (x) => layers.conv1d({ filters: 4, kernelSize: 2 }).apply(x).slice([0, 0], [-1, 8]),
  ],
  [
    'two different slices, one of which attends to the other',
    (x) => layers.attention().apply([x.slice([0, 0], [-1, 5]), x.stridedSlice(1, -9)]),
  ],
  ['x[:8] + x[:8]', (x) => x.slice([0, 0], [-1, 8]).add(x.slice([0, 0], [-1, 8]))],
])('%s gives in ONNX Runtime what predict gives, for short lengths too', async (_, make) => {
  await expectSame(counted(make), [3, 4, 5, 7, 8, 9, 20, 320])
})

test('a mean over the sum of several lengths is refused, not wrong', async () => {
  const x = input({ shape: ['length', 4] })
  const joined = layers
    .concatenate({ axis: 1 })
    .apply([x.slice([0, 0], [-1, 5]), x.stridedSlice(1, -9), x]) as SymbolicTensor
  const model = functional({ inputs: x, outputs: layers.globalAveragePooling1d().apply(joined) })
  await expect(model.toOnnx()).rejects.toThrow(ArgumentError)
})

test('slices along a fixed axis need nothing', async () => {
  await expectSame(
    counted((x) => x.slice([0, 0, 0], [-1, -1, 3])),
    [3, 20],
  )
})

test('a slice that cannot be said is refused', async () => {
  const x = input({ shape: ['length', 4] })
  const y = x.stridedSlice(1, 8, null, -1)
  const model = functional({ inputs: x, outputs: layers.globalAveragePooling1d().apply(y) })
  const refused = model.toOnnx()
  await expect(refused).rejects.toThrow(ArgumentError)
  await expect(refused).rejects.toThrow('the slice 8::-1')
})
