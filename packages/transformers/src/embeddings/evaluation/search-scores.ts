import { type RetrievalOptions, type RetrievalScores, retrievalScores } from '../../metrics/retrieval.ts'
import { cosineOf, type EmbedTextsOptions, embedTexts, type SentenceParts } from './embed-texts.ts'

export interface SearchScoresOptions extends Omit<EmbedTextsOptions, 'prompt'>, RetrievalOptions {
  /** What queries begin with. Default `''`. */
  readonly queryPrompt?: string | undefined
  /** What documents begin with. Default `''`. */
  readonly documentPrompt?: string | undefined
}

/** The places of documents in the order of their cosines with a query's vector, the nearest first. */
export function nearestOf(query: Float32Array, documents: readonly Float32Array[]): readonly number[] {
  const cosines = documents.map((document) => cosineOf(query, document))
  return [...documents.keys()].sort((a, b) => (cosines[b] as number) - (cosines[a] as number))
}

/**
 * How well queries find their documents among all, by the cosine of their vectors, as sentence-transformers'
 * `InformationRetrievalEvaluator` measures it.
 *
 * @param queries texts.
 * @param documents texts.
 * @param relevant of each query the places of the documents that answer it.
 * @example
 * const scores = await searchScores({ model, tokenizer }, ['how do I stop early?'], documents, [new Set([17])], { at: [5] })
 * scores.recall[5]
 */
export async function searchScores(
  parts: SentenceParts,
  queries: readonly string[],
  documents: readonly string[],
  relevant: readonly ReadonlySet<number>[],
  { queryPrompt, documentPrompt, at, ...options }: SearchScoresOptions = {},
): Promise<RetrievalScores> {
  const asked = await embedTexts(parts, queries, { ...options, prompt: queryPrompt })
  const found = await embedTexts(parts, documents, { ...options, prompt: documentPrompt })
  const rankings = asked.map((query) => nearestOf(query, found))
  return retrievalScores(rankings, relevant, at === undefined ? {} : { at })
}
