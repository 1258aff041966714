import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { onnxModel, TypegradError } from '../index.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { OnnxNode } from '../onnx/model.ts'
import { damagedBytes, drawing } from '../testing/mutations.ts'

const x = { name: 'x', dtype: 'float32', shape: ['batch', 4] } as const
const y = { name: 'y', dtype: 'float32', shape: ['batch', 4] } as const

/** A file of these nodes from x to y. */
const fileOf = (nodes: readonly OnnxNode[]): Uint8Array =>
  encodeModel({
    opset: 21,
    domains: ['acme'],
    graph: { name: 'bad', nodes, inputs: [x], outputs: [y], initializers: [] },
  })

test('all that is not known is named at once, with how often it occurs', async () => {
  const bytes = fileOf([
    { op: 'Frobnicate', name: 'first', inputs: ['x'], outputs: ['a'] },
    { op: 'Frobnicate', inputs: ['a'], outputs: ['b'] },
    { op: 'Add', domain: 'acme', inputs: ['b', 'b'], outputs: ['c'] },
    { op: 'Relu', inputs: ['c'], outputs: ['y'] },
  ])
  await expect(onnxModel(bytes)).rejects.toThrow(
    "Frobnicate (2 times, first in 'first'); acme.Add (once in 'c'). Take the part of the network before them",
  )
})

test('attributes that are not known, and values of known ones that would change what is computed', async () => {
  const softmax = (
    outputs: string[],
    inputs: string[],
    attributes: OnnxNode['attributes'],
    name?: string,
  ) => ({
    ...{ op: 'Softmax', inputs, outputs },
    ...(attributes && { attributes }),
    ...(name !== undefined && { name }),
  })
  const sharp = { type: 'float', value: 2 } as const
  const bytes = fileOf([
    softmax(['a'], ['x'], { sharpness: sharp }, 'first'),
    softmax(['b'], ['a'], { sharpness: sharp }),
    { op: 'Dropout', inputs: ['b'], outputs: ['c'], attributes: { ratio: sharp } },
    {
      ...{ op: 'MeanVarianceNormalization', name: 'mvn', inputs: ['c'], outputs: ['y'] },
      attributes: { axes: { type: 'ints', value: [1] }, across_channels: { type: 'int', value: 1 } },
    },
  ])
  await expect(onnxModel(bytes)).rejects.toThrow(
    "Softmax with the attribute sharpness, which is not known (2 times, first in 'first'); " +
      "MeanVarianceNormalization with across_channels = 1 (once in 'mvn')",
  )
  const plain = { across_channels: { type: 'int', value: 0 }, axes: { type: 'ints', value: [1] } } as const
  await onnxModel(
    fileOf([{ op: 'MeanVarianceNormalization', inputs: ['x'], outputs: ['y'], attributes: plain }]),
  )
})

test('nodes in a circle, and names that nothing gives', async () => {
  const circle = fileOf([
    { op: 'Add', name: 'one', inputs: ['x', 'b'], outputs: ['a'] },
    { op: 'Relu', name: 'two', inputs: ['a'], outputs: ['b'] },
    { op: 'Relu', inputs: ['b'], outputs: ['y'] },
  ])
  await expect(onnxModel(circle)).rejects.toThrow(
    "Add whose input 'b' is not given by a node before it (once in 'one')",
  )
  const whole = fileOf([{ op: 'Relu', name: 'only', inputs: ['x'], outputs: ['y'] }])
  await expect(onnxModel(whole, { outputs: 'onli' })).rejects.toThrow('a node of the graph')
  await expect(onnxModel(whole, { inputShapes: { z: [1] } })).rejects.toThrow("received 'z'")
})

test('damaged files are refused, and nothing else happens', async () => {
  const sound = new Uint8Array(
    readFileSync(new URL('../../golden/onnx-models/mlp-dynamo.onnx', import.meta.url)),
  )
  for (let seed = 0; seed < 60; seed++) {
    const outcome = await onnxModel(damagedBytes(sound, drawing(seed))).catch((error: unknown) => error)
    if (outcome instanceof Error && !(outcome instanceof TypegradError)) throw outcome
  }
  await expect(onnxModel(sound.subarray(0, 300))).rejects.toThrow('not a whole ONNX model')
})
