import type { DType } from '../base/dtype.ts'
import type { NamedShape } from '../layers/base/sizes.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { FileWeight, OnnxSource } from './source.ts'

/** An input of a graph, with the batch in front where it has one. */
export interface OnnxInput {
  readonly name: string
  readonly dtype: DType
  /** Names and null for what is open; `'batch'` is the size of the first axis of the first input wherever it stands. */
  readonly shape: NamedShape
}

export interface OnnxOutput {
  readonly name: string
  /** What the file declares; undefined for a tensor within the graph, which is what it is. */
  readonly dtype: DType | undefined
}

/** What a network of a file is made of. */
export interface NetworkParts {
  readonly source: OnnxSource
  readonly inputs: readonly OnnxInput[]
  readonly outputs: readonly OnnxOutput[]
  /** Inputs that have been given a value. */
  readonly constants: ReadonlyMap<string, Tensor>
  readonly weights: readonly FileWeight[]
  /** Which of the `candidates` of sizes stand for open ones where shapes are found. */
  readonly sizes: number
}
