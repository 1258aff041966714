export { Bleu, type BleuOptions, type BleuScore, bleu, sentenceBleu } from './bleu.ts'
export { type BleuTokenizer, bleuTokenizers } from './bleu-tokenizers.ts'
export { Chrf, type ChrfOptions, type ChrfScore, chrf } from './chrf.ts'
export { pearson, spearman } from './correlation.ts'
export { type EntityScheme, entitySchemeOf, entitySchemes } from './entities.ts'
export {
  Entities,
  type EntityMeasure,
  type EntityOptions,
  type EntityScores,
  entityScores,
  formatEntityScores,
} from './entity-scores.ts'
export { characterErrorRate, editDistance, wordErrorRate } from './error-rate.ts'
export type { References } from './paired.ts'
export { perplexity } from './perplexity.ts'
export { type AtK, type RetrievalOptions, type RetrievalScores, retrievalScores } from './retrieval.ts'
export {
  type FMeasure,
  Rouge,
  type RougeOptions,
  type RougeScores,
  type RougeType,
  rouge,
  rougeTypes,
} from './rouge.ts'
export {
  type AnswerScores,
  type SquadV2Options,
  type SquadV2Scores,
  squad,
  squadV2,
} from './squad.ts'
