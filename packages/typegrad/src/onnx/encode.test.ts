import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteSize, type DType, dtypes, typedArray } from '../base/dtype.ts'
import { FormatError } from '../base/errors.ts'
import { sizeOf } from '../base/shape.ts'
import { decodeModel, decodeSignature } from './decode.ts'
import { encodeModel } from './encode.ts'
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from './model.ts'

function tensorOf(name: string, dtype: DType, shape: number[], seed: number): OnnxTensor {
  const data = typedArray(dtype, sizeOf(shape))
  const bytes = new Uint8Array(data.buffer)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (seed + i * 37) & 0x3f
  return { name, dtype, shape, data }
}

const name = fc.string({ unit: 'binary', maxLength: 40 })
const dtype = fc.constantFrom(...dtypes)
const tensor = fc
  .record({ name, dtype, shape: fc.array(fc.nat(4), { maxLength: 4 }), seed: fc.nat() })
  .map(({ name, dtype, shape, seed }) => tensorOf(name, dtype, shape, seed))
const value = fc.record({
  name,
  dtype,
  shape: fc.array(fc.oneof(fc.nat(1e6), fc.constantFrom('batch', '?')), { maxLength: 4 }),
})
const int = fc.maxSafeInteger()
const float = fc.float()

const { graph } = fc.letrec<{ graph: OnnxGraph; attribute: OnnxAttribute }>((tie) => ({
  attribute: fc.oneof(
    { depthSize: 'small' },
    fc.record({ type: fc.constant('int' as const), value: int }),
    fc.record({ type: fc.constant('float' as const), value: float }),
    fc.record({ type: fc.constant('string' as const), value: name }),
    fc.record({ type: fc.constant('ints' as const), value: fc.array(int) }),
    fc.record({ type: fc.constant('floats' as const), value: fc.array(float) }),
    fc.record({ type: fc.constant('strings' as const), value: fc.array(name) }),
    fc.record({ type: fc.constant('tensor' as const), value: tensor }),
    fc.record({ type: fc.constant('graph' as const), value: tie('graph') }),
  ),
  graph: fc.record({
    name,
    nodes: fc.array(
      fc
        .record({
          op: fc.constantFrom('MatMul', 'Conv', 'Ünïcode'),
          inputs: fc.array(name, { maxLength: 3 }),
          outputs: fc.array(name, { maxLength: 3 }),
          attributes: fc.dictionary(name, tie('attribute'), { maxKeys: 2, noNullPrototype: true }),
        })
        .map(
          ({ attributes, ...node }): OnnxNode =>
            Object.keys(attributes).length === 0 ? node : { ...node, attributes },
        ),
      { maxLength: 3 },
    ),
    inputs: fc.array(value, { maxLength: 3 }),
    outputs: fc.array(value, { maxLength: 3 }),
    initializers: fc.array(tensor, { maxLength: 3 }),
  }),
}))
const model: fc.Arbitrary<OnnxModel> = fc.record({ opset: fc.integer({ min: 1, max: 25 }), graph })

const small: OnnxModel = {
  opset: 21,
  graph: {
    name: 'small',
    nodes: [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'], attributes: { k: { type: 'int', value: -1 } } }],
    inputs: [{ name: 'x', dtype: 'float32', shape: [2, 'n'] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [2, 3] }],
    initializers: [tensorOf('w', 'float32', [2, 3], 1)],
  },
}

describe('encodeModel and decodeModel', () => {
  test('decoding gives back what was encoded', () => {
    fc.assert(
      fc.property(model, (model) => {
        const bytes = encodeModel(model)
        expect(decodeModel(bytes)).toEqual(model)
        expect(decodeSignature(bytes)).toEqual({ inputs: model.graph.inputs, outputs: model.graph.outputs })
      }),
    )
  })

  test('integers beyond int64 stop at its ends', () => {
    const ends = [Number.MAX_VALUE, -Infinity]
    const node: OnnxNode = {
      op: 'X',
      inputs: [],
      outputs: [],
      attributes: { ends: { type: 'ints', value: ends } },
    }
    const read = decodeModel(encodeModel({ ...small, graph: { ...small.graph, nodes: [node] } }))
    expect(read.graph.nodes[0]?.attributes?.ends).toEqual({ type: 'ints', value: [2 ** 63, -(2 ** 63)] })
  })

  test('a tensor whose data does not fill its shape is refused', () => {
    const w = { ...tensorOf('w', 'float32', [4], 0), shape: [5] }
    expect(() => encodeModel({ ...small, graph: { ...small.graph, initializers: [w] } })).toThrow(
      "encodeModel: tensor 'w': expected 5 elements for shape [5], received 4.",
    )
  })

  test('every truncation is a FormatError', () => {
    const bytes = encodeModel(small)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeModel(bytes.subarray(0, length))).toThrow(FormatError)
    }
  })

  test('garbage is a FormatError or a model, never another error', () => {
    const bytes = encodeModel(small)
    const damaged = fc
      .array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 })
      .map((edits) => {
        const copy = bytes.slice()
        for (const [position, byte] of edits) copy[position] = byte
        return copy
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => {
        for (const decode of [decodeModel, decodeSignature]) {
          try {
            decode(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError)
          }
        }
      }),
    )
    expect(() => decodeModel(new TextEncoder().encode('{"not": "onnx"}'))).toThrow(
      'decodeModel: these 15 bytes are not a whole ONNX model that typegrad can read',
    )
  })

  test('thousands of nodes and large initializers are written once', () => {
    const nodes = Array.from({ length: 5000 }, (_, i) => ({
      op: 'Add',
      inputs: [`t${i}`, 'w'],
      outputs: [`t${i + 1}`],
      attributes: { axis: { type: 'int' as const, value: i } },
    }))
    const w = tensorOf('w', 'float32', [8 << 20], 0)
    const bytes = encodeModel({ opset: 21, graph: { ...small.graph, nodes, initializers: [w] } })
    const numbers = w.data.length * byteSize.float32
    expect(bytes.length).toBeGreaterThan(numbers)
    // Twice as many nodes take twice the bytes, but for longer names: nothing is repeated.
    const sizeOf = (count: number) =>
      encodeModel({ opset: 21, graph: { ...small.graph, nodes: nodes.slice(0, count) } }).length
    expect(bytes.length - numbers).toBeLessThan(sizeOf(5000) + 100)
    expect(sizeOf(5000) / sizeOf(2500)).toBeLessThan(2.1)
  })
})
