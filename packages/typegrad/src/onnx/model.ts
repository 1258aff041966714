/** `onnx/`: ONNX's format, from plain data to bytes and back. It knows `base` alone: neither graphs nor engines. */
import type { DType, TypedArray } from '../base/dtype.ts'
import type { Shape } from '../base/shape.ts'

/**
 * The part of ONNX's ModelProto that typegrad writes and reads, as plain objects.
 * Field names follow onnx.proto (https://onnx.ai/onnx/repo-docs/IR.html).
 */
export interface OnnxModel {
  /** Version of the default operator domain. */
  readonly opset: number
  /** Other domains that operators are of, in version 1. */
  readonly domains?: readonly string[]
  readonly graph: OnnxGraph
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  /** Types and shapes on the way, where a runtime could not infer them. */
  readonly values?: readonly OnnxValue[]
  readonly initializers: readonly OnnxTensor[]
}

export interface OnnxNode {
  /** Operator of the domain: `MatMul`, `Conv`, … */
  readonly op: string
  /** What errors of a run call it. */
  readonly name?: string
  /** Default: ONNX's own. */
  readonly domain?: string
  /** Names of values; an empty name leaves an optional input out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}

/** Name, dtype and shape of a graph's input or output. */
export interface OnnxValue {
  readonly name: string
  readonly dtype: DType
  /** A string is a symbolic dimension, such as `batch`. */
  readonly shape: readonly (number | string)[]
}

export interface OnnxTensor {
  readonly name: string
  /** Weights may be int8, which no tensor of typegrad is. */
  readonly dtype: DType | 'int8'
  readonly shape: Shape
  readonly data: TypedArray | Int8Array
}

/** A tensor whose elements stand elsewhere. */
export type OnnxTensorType = Omit<OnnxTensor, 'data'>

/** An attribute that holds neither a tensor nor a graph. */
export type PlainAttribute =
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }
  | { readonly type: 'floats'; readonly value: readonly number[] }
  | { readonly type: 'strings'; readonly value: readonly string[] }

export type OnnxAttribute =
  | PlainAttribute
  | { readonly type: 'tensor'; readonly value: OnnxTensor }
  | { readonly type: 'graph'; readonly value: OnnxGraph }
