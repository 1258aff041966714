import type { DType } from '../base/dtype.ts'
import { anything, boolean, optionsOf } from '../base/options.ts'
import type { Shape } from '../base/shape.ts'

/** A tensor of a file, as a rule sees it: after `split`, before `transpose`. */
export interface FileTensor {
  readonly dtype: DType
  readonly shape: Shape
}

/**
 * What holds for tensors of a file: a table by their names, in which `*` stands for one part of a name (up to `.` or `/`)
 * and `**` for any text, an exact name before patterns and these in their order; or a function, which says undefined where
 * nothing holds.
 */
export type WeightRule<T> =
  | Readonly<Record<string, T>>
  | ((name: string, tensor: FileTensor) => T | undefined)

/** Names of weights, in which stars stand for what those of the row's pattern stood for. */
export type WeightName = string | null | ((...captures: string[]) => string | null)

/** How one tensor is cut. */
export interface SplitInto {
  /** Names of the parts, with stars for what those of the row's pattern stood for. */
  readonly into: readonly string[]
  /** The axis that is cut. Default 0. */
  readonly axis?: number
  /** How long each part is. Default: all the same. */
  readonly sizes?: readonly number[]
}

export interface LoadWeightsOptions {
  /**
   * The model's weights by the file's names. A weight is named as in `summary` and `weights` (`fc/kernel`: the layer and
   * the weight), by its path (`encoder/3/query/kernel`, see `weightPaths`) or by structure, as files of typegrad have it
   * (`layers/dense/kernel`). Names that no row fits are taken
   * as they are; null leaves a tensor out. Default: all names as they are.
   *
   * @example
   * { 'h.*.mlp.weight': (block) => `mlp_${block}/kernel`, 'fc.weight': 'fc/kernel', '**.num_batches_tracked': null }
   */
  readonly map?: WeightRule<WeightName>
  /**
   * Tensors that hold several weights, cut before anything else: as if the file had the parts under the names that are
   * given here, which the other options then know. Default: nothing is cut.
   *
   * @example
   * { '**.in_proj_weight': ['**.q.weight', '**.k.weight', '**.v.weight'] } // [3·d, d] as three of [d, d]
   */
  readonly split?: WeightRule<readonly string[] | SplitInto>
  /**
   * Axes in another order: true reverses them (PyTorch's Linear keeps [out, in], a kernel here is [in, out]), a list says
   * which axis of the file's each is (`[2, 3, 1, 0]` for PyTorch's Conv2d). Default: axes as they are.
   */
  readonly transpose?: WeightRule<boolean | readonly number[]>
  /** Another shape for the same elements, after `transpose`; true for that of the weight. Default: shapes as they are. */
  readonly reshape?: WeightRule<true | Shape>
  /**
   * Whether everything has to fit: each weight of the model gets a tensor, each tensor of the file and each row of a table
   * is used. Default true. False assigns what fits and leaves the rest as it is: the report says what that is.
   */
  readonly strict?: boolean
  /** Whether checksums are compared, where the file has them (typegrad's own do). Default true. */
  readonly verify?: boolean
  /** Whether the file is mapped rather than read, where the platform can; see `readSafetensors`. Default true. */
  readonly mmap?: boolean
}

/** A function, or a table. */
export const loadWeightsChecks = optionsOf<LoadWeightsOptions>()({
  map: anything,
  split: anything,
  transpose: anything,
  reshape: anything,
  strict: boolean,
  verify: boolean,
  mmap: boolean,
})

/** What became of a file's tensors and a model's weights. */
export interface WeightsReport {
  /** Weights that have values of the file now. */
  readonly loaded: readonly string[]
  /** Weights that the file has nothing for. */
  readonly missing: readonly string[]
  /** Tensors of the file (after `split`) that are for no weight of the model. */
  readonly unexpected: readonly string[]
  /** Tensors whose shape (after `transpose` and `reshape`) or dtype is not that of their weight. */
  readonly mismatched: readonly WeightMismatch[]
  /** Rows of tables that fit no tensor, such as `transpose: 'fc.wieght'`. */
  readonly unused: readonly string[]
}

export interface WeightMismatch {
  readonly weight: string
  readonly tensor: string
  /** Dtype and shape, as `float32 [3, 4]`. */
  readonly expected: string
  readonly received: string
}
