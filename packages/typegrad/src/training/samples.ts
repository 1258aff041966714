import type { Shape } from '../base/shape.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { DataTrees } from './data-tree.ts'

/**
 * Samples, taken apart: lists of arrays, in the order of the model's inputs and outputs.
 *
 * What users hand in becomes such lists of arrays in memory, once (`read-samples.ts`), and these become batches: such
 * lists of tensors (`array-source.ts`, or `stream-source.ts` where the caller's code makes the batches), which is what a
 * step takes.
 */
export interface Samples<A> {
  /** One for each input: (batch, …). */
  readonly x: readonly A[]
  /** One for each output: (batch, …); none where there are no labels. */
  readonly y: readonly A[]
  /** One for each output: (batch), or (batch, time); none where all count the same. */
  readonly weights: readonly A[]
  /** How they hang together in the data, where a model's own steps are given them. */
  readonly trees?: DataTrees | undefined
  /** Steps that predictions of each output have by right, where inputs were made longer (`padded-lengths.ts`). */
  readonly lengths?: readonly (number | undefined)[] | undefined
}

/** What a step is run on. Its memory may be that of the next batch: use it before asking for another. */
export type Batch = Samples<Tensor>

/** The same with something else in the place of each array. */
export const mapSamples = <A, B>(samples: Samples<A>, make: (array: A) => B): Samples<B> => ({
  ...samples,
  x: samples.x.map(make),
  y: samples.y.map(make),
  weights: samples.weights.map(make),
})

/** Number of samples. */
export const countOf = ({ x }: Samples<{ readonly shape: Shape }>): number => x[0]?.shape[0] ?? 0
