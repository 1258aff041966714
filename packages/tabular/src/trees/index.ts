/**
 * `trees/`: gradient-boosted trees over histograms (Friedman 2001; Ke et al., "LightGBM", 2017; Chen and Guestrin, "XGBoost", 2016),
 * with the rules of scikit-learn's `HistGradientBoosting`. They know numbers in columns, and neither tables nor networks.
 */
export type { TreeColumn } from './bins.ts'
export { boost } from './boost.ts'
export type { BoostOptions } from './boost-options.ts'
export { BoostedTrees } from './boosted-trees.ts'
export type { TreeLossName } from './losses.ts'
export { treesToOnnx } from './to-onnx.ts'
