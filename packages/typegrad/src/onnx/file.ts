import type { StoredDType } from '../base/stored-dtype.ts'
import type { PlainAttribute } from './model.ts'

/**
 * ONNX's ModelProto as any producer writes it: more operator domains, functions and element types than typegrad's own
 * files have (`model.ts`), and tensors as the bytes that they are stored as.
 * https://onnx.ai/onnx/repo-docs/IR.html
 */
export interface OnnxFile {
  /** Version of each operator domain; that of ONNX's own is `''`. */
  readonly opsets: ReadonlyMap<string, number>
  readonly producer: string
  readonly graph: FileGraph
  /** Operators that the file itself defines, by `functionKey`. */
  readonly functions: ReadonlyMap<string, FileFunction>
}

export interface FileGraph {
  readonly name: string
  readonly nodes: readonly FileNode[]
  readonly inputs: readonly FileValue[]
  readonly outputs: readonly FileValue[]
  readonly initializers: readonly FileTensor[]
}

/** A body of nodes under the name of an operator. */
export interface FileFunction {
  readonly name: string
  readonly domain: string
  /** Which of several functions of one name it is. */
  readonly overload: string
  readonly opsets: ReadonlyMap<string, number>
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Values of attributes that a call leaves out. */
  readonly defaults: Readonly<Record<string, FileAttribute>>
  readonly nodes: readonly FileNode[]
}

export interface FileNode {
  readonly op: string
  readonly name: string
  /** `''` for ONNX's own. */
  readonly domain: string
  /** Which of several functions of one name is meant. */
  readonly overload: string
  /** Names of values; an empty one leaves an optional input out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, FileAttribute>>
}

/** Name and type of an input or output. */
export interface FileValue {
  readonly name: string
  /** Anything but a tensor is named and nothing more. */
  readonly kind: 'tensor' | 'sequence' | 'map' | 'sparse tensor' | 'optional' | 'value without a type'
  /** Of a tensor's elements. */
  readonly type: FileType
  /** A string is a symbolic size, null an open one without a name; undefined where not even the rank is known. */
  readonly shape: readonly (number | string | null)[] | undefined
}

/** `TensorProto.DataType` by its codes; those that no tensor of typegrad can hold or be read from are there for errors. */
export const fileTypes = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
} as const satisfies Readonly<Record<number, StoredDType | (string & {})>>
export type FileType = (typeof fileTypes)[keyof typeof fileTypes]

export interface FileTensor {
  /** Empty for the tensor of an attribute. */
  readonly name: string
  readonly type: FileType
  readonly shape: readonly number[]
  readonly content: FileContent
}

/** Where the elements of a tensor are. */
export type FileContent =
  /** As they lie in memory, little-endian. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** One by one; those of 16 bits and less as the integers that their bits are. */
  | { readonly kind: 'numbers'; readonly numbers: readonly (number | bigint)[] }
  | { readonly kind: 'strings'; readonly strings: readonly string[] }
  /** In another file, whose path is relative to this one's folder. */
  | {
      readonly kind: 'external'
      readonly location: string
      readonly offset: number
      /** Bytes. Default: to the file's end. */
      readonly length: number | undefined
    }

export type FileAttribute =
  | PlainAttribute
  | { readonly type: 'tensor'; readonly value: FileTensor }
  | { readonly type: 'graph'; readonly value: FileGraph }
  /** In a function: the attribute of this name that the call has. */
  | { readonly type: 'reference'; readonly value: string }
  /** A type that no operator here has, by its number. */
  | { readonly type: 'other'; readonly value: number }

/** What a function's calls name it by. */
export const functionKey = (of: Pick<FileFunction, 'name' | 'domain'>, overload = ''): string =>
  `${of.domain}:${of.name}:${overload}`
