/**
 * `layers/preprocessing/features/`: columns of a table as what a model takes. It knows the layers of preprocessing.
 */
export type {
  CategoricalFeature,
  CodedFeature,
  Feature,
  FeatureCross,
  FeatureKind,
  FeatureOutput,
  NamedFeature,
} from './feature.ts'
export { type FeatureData, FeatureSpace, type FeatureSpaceOptions, featureSpace } from './feature-space.ts'
export type { FeatureRows, FeatureValues } from './table-rows.ts'
