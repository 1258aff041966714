export { badWords } from './bad-words.ts'
export { forcedTokens } from './forced-tokens.ts'
export {
  type LogitsContext,
  type LogitsOptions,
  logitsChecks,
  logitsProcessors,
} from './logits-processors.ts'
export { minP } from './min-p.ts'
export { minimumLength } from './minimum-length.ts'
export { noRepeatNgrams } from './no-repeat-ngrams.ts'
export { type PresencePenalties, presencePenalty } from './presence-penalty.ts'
export { repetitionPenalty } from './repetition-penalty.ts'
export { greedy, type Sampler, seededSampler } from './sampler.ts'
export { suppressedTokens } from './suppressed-tokens.ts'
export { temperature } from './temperature.ts'
export { type KeepOptions, topK } from './top-k.ts'
export { topP } from './top-p.ts'
export { typical } from './typical.ts'
