import type { FileAttribute } from 'typegrad/engine'
import type { BoostedTrees } from '../trees/boosted-trees.ts'
import { ensembleOf, structureOf, type TreeEnsemble } from '../trees/tree-ensemble.ts'
import { linkedScores } from './linked-scores.ts'
import { doubles, mlDomain, type OnnxBuilder } from './onnx-builder.ts'

const tensor = (values: readonly number[]): FileAttribute => ({ type: 'tensor', value: doubles(values) })

/** Sums `[rows, targets]` of the leaves that features `[rows, columns]` in float64 come to, as float32. */
export const treeScores = (
  builder: OnnxBuilder,
  ensemble: TreeEnsemble,
  features: string,
  targets: number,
  begin?: readonly number[],
): string =>
  builder.op('TreeEnsembleRegressor', [features], {
    domain: mlDomain,
    attributes: {
      n_targets: { type: 'int', value: targets },
      ...(begin !== undefined && { base_values_as_tensor: tensor(begin) }),
      ...structureOf(ensemble),
      nodes_values_as_tensor: tensor(ensemble.value),
      target_weights_as_tensor: tensor(ensemble.weight),
    },
  })

/**
 * What trees predict of features `[rows, columns]` in float64, with the same comparisons and sums in float64 as `BoostedTrees.predict` has;
 * the operator gives float32.
 */
export function treePredictions(builder: OnnxBuilder, trees: BoostedTrees, features: string): string {
  const scores = treeScores(builder, ensembleOf(trees), features, trees.begin.length, trees.begin)
  return linkedScores(builder, trees.loss, builder.cast(scores, 'float64'))
}
