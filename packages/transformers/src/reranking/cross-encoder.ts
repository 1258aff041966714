/**
 * `reranking/`: models that read a query and a document together and say how well one answers the other. It knows
 * `pipelines/`, `tokenizers/`, `checkpoint/` and `layers/`.
 */
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { ConfigReader } from '../base/config.ts'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { labelCountOf } from '../layers/labels.ts'
import { longestText } from '../pipelines/parts.ts'
import { predictRows } from '../pipelines/rows.ts'
import { loadTokenizer } from '../tokenizers/load-tokenizer.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

export interface CrossEncoderOptions {
  /**
   * What becomes of logits: `'sigmoid'` a probability from 0 to 1. Default: what the configuration says
   * (`sentence_transformers.activation_fn`), without an entry `'sigmoid'`, as in sentence-transformers.
   */
  readonly activation?: 'sigmoid' | 'none'
}

export interface RankOptions {
  /** How many of the best are given. Default: all. */
  readonly topK?: number
  /** Pairs that run at once. Default 16. */
  readonly batchSize?: number
  /** Ends the work after the batch that runs: its reason is thrown. Default none. */
  readonly signal?: AbortSignal
}

/** A document with its score. */
export interface Ranked {
  /** Its place among the documents that were given. */
  readonly index: number
  readonly score: number
  readonly document: string
}

const encoderChecks = optionsOf<CrossEncoderOptions>()({ activation: checks.oneOf('sigmoid', 'none') })
const rankChecks = optionsOf<RankOptions>()({
  topK: checks.count,
  batchSize: checks.count,
  signal: checks.abortSignal,
})

/**
 * A re-ranker: a classifier with one output that reads query and document together. It is better than vectors and slower, so
 * it sorts the few dozens that a search has found.
 *
 * Nogueira and Cho 2019, https://arxiv.org/abs/1901.04085
 *
 * @example
 * const reranker = await loadCrossEncoder('models/ms-marco-MiniLM-L6-v2')
 * const [best] = await reranker.rank('how do I stop early?', passages, { topK: 5 })
 */
export class CrossEncoder {
  readonly model: PretrainedModel
  readonly tokenizer: Tokenizer
  readonly activation: 'sigmoid' | 'none'

  /**
   * @param model with a head for sequence classification of one output.
   * @throws ArgumentError for a model with another head.
   */
  constructor(model: PretrainedModel, tokenizer: Tokenizer, options: CrossEncoderOptions = {}) {
    checkOptions('CrossEncoder', options, encoderChecks)
    checkScorer('CrossEncoder', model)
    this.model = model
    this.tokenizer = tokenizer
    this.activation = options.activation ?? activationIn(model)
  }

  /** The scores of pairs of a query and a document, in their order. Documents that are too long lose their ends. */
  async scores(
    pairs: readonly (readonly [query: string, document: string])[],
    options: Omit<RankOptions, 'topK'> = {},
  ): Promise<readonly number[]> {
    checkOptions('CrossEncoder.scores', options, rankChecks)
    const { batchSize = 16, signal } = options
    const longest = longestText(this)
    const encodings = pairs.map(([query, document]) => encodePair(this.tokenizer, query, document, longest))
    const rows = await predictRows(this, encodings, { batchSize, signal }, longest)
    const logits = rows.map((row) => row.whole('logits')[0] as number)
    return this.activation === 'none' ? logits : logits.map((logit) => 1 / (1 + Math.exp(-logit)))
  }

  /** Documents by how well they answer a query, the best first; of equal scores the earlier one. */
  async rank(
    query: string,
    documents: readonly string[],
    options: RankOptions = {},
  ): Promise<readonly Ranked[]> {
    checkOptions('CrossEncoder.rank', options, rankChecks)
    const { topK = documents.length, ...running } = options
    const scores = await this.scores(
      documents.map((document) => [query, document] as const),
      running,
    )
    return documents
      .map((document, index) => ({ index, score: scores[index] as number, document }))
      .sort((a, b) => b.score - a.score)
      .slice(0, topK)
  }
}

/** A query with a document, of which the longer one is cut first. */
export const encodePair = (
  tokenizer: Tokenizer,
  query: string,
  document: string,
  longest: number | undefined,
) =>
  tokenizer.encode(
    query,
    document,
    longest === undefined ? {} : { truncation: 'longest_first', maxLength: longest },
  )

/** @throws ArgumentError for a model that does not give one logit a text. */
export function checkScorer(where: string, model: PretrainedModel): void {
  const own = model.modelOutputs.map(({ name }) => name)
  const count = labelCountOf(new ConfigReader(model.config))
  if (own.includes('logits') && count === 1 && /SequenceClassification$/.test(model.network.className)) return
  throw new ArgumentError({
    where,
    expected: 'a model for sequence classification with one output',
    received: `${model.network.className} with ${count}`,
    fix: "fromPretrained(folder, { className: 'BertForSequenceClassification', config: { num_labels: 1, id2label: { 0: 'LABEL_0' } }, strict: false }) makes one of an encoder.",
  })
}

function activationIn({ config }: PretrainedModel): 'sigmoid' | 'none' {
  const own = config.sentence_transformers
  const named =
    typeof own === 'object' && own !== null && 'activation_fn' in own
      ? own.activation_fn
      : config.sbert_ce_default_activation_function
  return String(named).endsWith('Identity') ? 'none' : 'sigmoid'
}

/**
 * A re-ranker from its folder, as sentence-transformers keeps its cross-encoders.
 *
 * @throws as `fromPretrained`; ArgumentError for a model with another head.
 * @example
 * const reranker = await loadCrossEncoder('models/ms-marco-MiniLM-L6-v2')
 */
export async function loadCrossEncoder(
  folder: string,
  options: CrossEncoderOptions = {},
): Promise<CrossEncoder> {
  return new CrossEncoder(await fromPretrained(folder), await loadTokenizer(folder), options)
}
