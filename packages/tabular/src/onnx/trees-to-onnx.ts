import type { FileAttribute } from 'typegrad/engine'
import type { BoostedTrees } from '../trees/boosted-trees.ts'
import { ensembleOf, structureOf } from '../trees/tree-ensemble.ts'
import { linkedScores } from './linked-scores.ts'
import { doubles, mlDomain, type OnnxBuilder } from './onnx-builder.ts'

const tensor = (values: readonly number[]): FileAttribute => ({ type: 'tensor', value: doubles(values) })

/**
 * What trees predict of features `[rows, columns]` in float64, with the same comparisons and sums in float64 as `BoostedTrees.predict` has;
 * the operator gives float32.
 */
export function treePredictions(builder: OnnxBuilder, trees: BoostedTrees, features: string): string {
  const ensemble = ensembleOf(trees)
  const scores = builder.op('TreeEnsembleRegressor', [features], {
    domain: mlDomain,
    attributes: {
      n_targets: { type: 'int', value: trees.begin.length },
      base_values_as_tensor: tensor(trees.begin),
      ...structureOf(ensemble),
      nodes_values_as_tensor: tensor(ensemble.value),
      target_weights_as_tensor: tensor(ensemble.weight),
    },
  })
  return linkedScores(builder, trees.loss, builder.cast(scores, 'float64'))
}
