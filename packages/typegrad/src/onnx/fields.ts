import type { DType } from '../base/dtype.ts'
import type { OnnxAttribute } from './model.ts'

/** Version of ONNX's file format; 10 is what opsets 21 and later are published with. */
export const irVersion = 10

/**
 * Field numbers of the messages in onnx.proto, under the names that they have there.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export const fields = {
  model: { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, functions: 25 },
  operatorSet: { domain: 1, version: 2 },
  graph: { node: 1, name: 2, initializer: 5, input: 11, output: 12, valueInfo: 13, sparseInitializer: 15 },
  function: {
    name: 1,
    input: 4,
    output: 5,
    node: 7,
    opsetImport: 9,
    domain: 10,
    attributeProto: 11,
    overload: 13,
  },
  node: { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7, overload: 8 },
  attribute: {
    name: 1,
    f: 2,
    i: 3,
    s: 4,
    t: 5,
    g: 6,
    floats: 7,
    ints: 8,
    strings: 9,
    type: 20,
    reference: 21,
  },
  tensor: {
    dims: 1,
    dataType: 2,
    floatData: 4,
    int32Data: 5,
    stringData: 6,
    int64Data: 7,
    name: 8,
    rawData: 9,
    doubleData: 10,
    uint64Data: 11,
    externalData: 13,
    dataLocation: 14,
  },
  entry: { key: 1, value: 2 },
  valueInfo: { name: 1, type: 2 },
  type: { tensorType: 1, sequenceType: 4, mapType: 5, sparseTensorType: 8, optionalType: 9 },
  tensorType: { elemType: 1, shape: 2 },
  shape: { dim: 1 },
  dimension: { value: 1, param: 2 },
} as const

/** `TensorProto.DataType`; ONNX Runtime's C API uses the same codes. */
export const dtypeCode: Readonly<Record<DType | 'int8', number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  bfloat16: 16,
}

/** `TensorProto.DataLocation.EXTERNAL`. */
export const externalLocation = 1

/** `AttributeProto.AttributeType`. */
export const attributeCode: Readonly<Record<OnnxAttribute['type'], number>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
}
