import type { ArrayJson } from '../arrays.ts'
import type { KerasObject } from '../families/objects.ts'
import type { Json, JsonObject } from '../json.ts'

export interface InputSpec extends JsonObject {
  readonly name: string
  /** Of one sample; null for a size that is open. */
  readonly shape: readonly (number | null)[]
  readonly dtype: 'float32' | 'int32'
}

/** A layer, or a model that is used as one. */
export interface LayerSpec extends JsonObject {
  readonly name: string
  readonly class_name: string
  readonly config: JsonObject
  /** What a nested model consists of (`class_name` is `Functional`). */
  readonly graph: GraphSpec | null
}

/** One use of a layer. Tensors are named: inputs by their names, values by what a call says it makes. */
export interface CallSpec extends JsonObject {
  readonly layer: string
  readonly inputs: readonly string[]
  /** Whether the inputs are one list rather than arguments one by one. */
  readonly listed: boolean
  /** Further arguments; tensors among them as `{ ref }`. */
  readonly kwargs: JsonObject
  /** Names of what comes out. */
  readonly makes: readonly string[]
}

export interface GraphSpec extends JsonObject {
  readonly inputs: readonly InputSpec[]
  readonly layers: readonly LayerSpec[]
  readonly calls: readonly CallSpec[]
  readonly outputs: readonly string[]
}

export interface TrainingSpec extends JsonObject {
  readonly optimizer: KerasObject
  /** One for each output. */
  readonly losses: readonly KerasObject[]
  /** For each output, a list of names or objects. */
  readonly metrics: readonly (readonly Json[])[]
  readonly weighted_metrics: readonly (readonly Json[])[]
  readonly loss_weights: readonly number[] | null
  readonly labels: readonly ArrayJson[]
  readonly sample_weight: ArrayJson | null
  /** By class number; for one output with a class for each sample. */
  readonly class_weight: Readonly<Record<string, number>> | null
  readonly batch_size: number
}

export type Policy = 'mixed_float16' | 'mixed_bfloat16' | 'float64'

export interface ModelSpec extends JsonObject {
  readonly graph: GraphSpec
  /** What layers compute with; null: float32. */
  readonly policy: Policy | null
  /** The number of samples in every batch where layers keep their states; else null. */
  readonly batch: number | null
  /** Whether it is made by Sequential, from a chain of calls. */
  readonly sequential: boolean
  readonly data: readonly ArrayJson[]
  readonly training: TrainingSpec | null
  readonly format: 'keras' | 'h5'
  /** Decides the values of all weights. */
  readonly seed: number
}
