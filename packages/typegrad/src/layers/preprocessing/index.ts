/**
 * `layers/preprocessing/`: values as files hold them become what layers learn from. They know a layer's base alone.
 */
export { CategoryEncoding, type CategoryEncodingOptions, categoryEncoding } from './category-encoding.ts'
export { Discretization, type DiscretizationOptions, discretization } from './discretization.ts'
export { HashedCrossing, type HashedCrossingOptions, hashedCrossing } from './hashed-crossing.ts'
export { Hashing, type HashingOptions, hashing } from './hashing.ts'
export * from './images/index.ts'
export { IntegerLookup, type IntegerLookupOptions, integerLookup } from './integer-lookup.ts'
export { MelSpectrogram, type MelSpectrogramOptions, melSpectrogram } from './mel-spectrogram.ts'
export { Normalization, type NormalizationOptions, normalization } from './normalization.ts'
export { Pipeline, type PipelineOptions, pipeline } from './pipeline.ts'
export { Rescaling, type RescalingOptions, rescaling } from './rescaling.ts'
export {
  type SpectrogramMode,
  STFTSpectrogram,
  type STFTSpectrogramOptions,
  stftSpectrogram,
} from './stft-spectrogram.ts'
export { StringLookup, type StringLookupOptions, stringLookup } from './string-lookup.ts'
export { TextVectorization, type TextVectorizationOptions, textVectorization } from './text-vectorization.ts'
