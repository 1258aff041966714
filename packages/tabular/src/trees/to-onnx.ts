import { encodeModel } from 'typegrad/engine'
import type { BoostedTrees } from './boosted-trees.ts'
import type { TreeLossName } from './losses.ts'
import { ensembleOf, structureOf } from './tree-ensemble.ts'

const domain = 'ai.onnx.ml'
const opset = 21

/** The operator that a loss's scores go through. */
export const onnxLinks: Readonly<Record<TreeLossName, 'Identity' | 'Exp' | 'Sigmoid' | 'Softmax'>> = {
  squaredError: 'Identity',
  quantile: 'Identity',
  poisson: 'Exp',
  logistic: 'Sigmoid',
  softmax: 'Softmax',
  lambda: 'Identity',
}

/**
 * The trees as an ONNX model, with the operator `TreeEnsembleRegressor` of `ai.onnx.ml`, which every build of ONNX Runtime has.
 *
 * Its input `columns` is float32 `[rows, columns]`, with NaN for what is missing and categories by their numbers; its output
 * `predictions` is float32 `[rows, outputs]`, as `predict` gives it. For float32 inputs all comparisons are those of `predict`; sums are
 * in float32.
 *
 * @example
 * const bytes = treesToOnnx(await boost([{ values: [1, 2, 3] }], [1, 2, 3], { minRows: 1 }))
 */
export function treesToOnnx(trees: BoostedTrees): Uint8Array<ArrayBuffer> {
  const { begin, forest, loss } = trees
  const ensemble = ensembleOf(trees, floatBelow)
  const floats = (value: readonly number[]) => ({ type: 'floats', value }) as const
  return encodeModel({
    opset,
    domains: [domain],
    graph: {
      name: 'trees',
      inputs: [{ name: 'columns', dtype: 'float32', shape: ['rows', forest.bins.length] }],
      outputs: [{ name: 'predictions', dtype: 'float32', shape: ['rows', begin.length] }],
      initializers: [],
      nodes: [
        {
          op: 'TreeEnsembleRegressor',
          domain,
          inputs: ['columns'],
          outputs: ['scores'],
          attributes: {
            n_targets: { type: 'int', value: begin.length },
            base_values: floats(begin),
            ...structureOf(ensemble),
            nodes_values: floats(ensemble.value),
            target_weights: floats(ensemble.weight),
          },
        },
        { op: onnxLinks[loss], inputs: ['scores'], outputs: ['predictions'] },
      ],
    },
  })
}

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

/** The greatest float32 that a number is not below: what float32 exceeds the one exceeds the other. */
export function floatBelow(value: number): number {
  float[0] = value
  if ((float[0] as number) > value) bits[0] = (bits[0] as number) + (value > 0 ? -1 : 1)
  return float[0] as number
}
