export {
  type BatchHardTripletOptions,
  type BatchTripletOptions,
  batchAllTriplet,
  batchHardTriplet,
  batchSemiHardTriplet,
} from './batch-triplets.ts'
export { type ContrastiveOptions, contrastive, onlineContrastive } from './contrastive.ts'
export { angle, type CosentOptions, cosent } from './cosent.ts'
export { cosineSimilarity } from './cosine-similarity.ts'
export type { EmbeddingLabel, EmbeddingLoss, EmbeddingRows } from './embedding-loss.ts'
export { type MatryoshkaOptions, matryoshka } from './matryoshka.ts'
export { meanSquaredError } from './mean-squared-error.ts'
export {
  type MultipleNegativesRankingOptions,
  multipleNegativesRanking,
  multipleNegativesSymmetricRanking,
  type RankingDirection,
} from './multiple-negatives-ranking.ts'
export { type SimilarityName, similarityNames } from './similarity.ts'
export { type SoftmaxOptions, softmax } from './softmax.ts'
export { type TripletOptions, triplet } from './triplet.ts'
