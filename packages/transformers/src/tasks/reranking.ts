import { tensor } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { retrievalScores } from '../metrics/retrieval.ts'
import { CrossEncoder, checkScorer, encodePair } from '../reranking/cross-encoder.ts'
import type { RerankingLoss } from '../reranking/losses/reranking-loss.ts'
import { RerankingTraining } from '../reranking/reranking-training.ts'
import type { Encoding } from '../tokenizers/encoding.ts'
import { type EncodedSample, type EvaluateTaskOptions, RowFault, type Scores, type Task } from './task.ts'
import {
  checkedLength,
  described,
  recordOf,
  type TextTaskOptions,
  textInputs,
  textOf,
  textTaskChecks,
} from './text-batches.ts'

/** A query with documents and how well they answer it, or with one that does and some that do not. */
export type RerankingRow =
  | { readonly query: string; readonly document: string; readonly label: number }
  | { readonly query: string; readonly documents: readonly string[]; readonly labels: readonly number[] }
  | { readonly query: string; readonly positive: string; readonly negative?: string | readonly string[] }

export interface RerankingOptions extends TextTaskOptions {
  /** What is learned, such as `rerankingLosses.binaryCrossEntropy()`. */
  readonly loss: RerankingLoss
  /** Whether pairs that are longer than the model reads are cut off, rather than refused. Default true. */
  readonly truncation?: boolean | undefined
}

const optionChecks = optionsOf<RerankingOptions>()({ ...textTaskChecks, loss: checks.needed(checks.named) })

/** What a row is as numbers. */
interface RerankingExample {
  readonly query: string
  readonly documents: readonly string[]
  readonly labels: readonly number[]
}

/**
 * How well documents answer queries. Rows are `{ query, document, label }`, `{ query, documents, labels }`, or for losses of
 * contrasts `{ query, positive, negative }`.
 *
 * Scores: of queries with several documents, one of them relevant (a label above 0), `mrr@10`, `ndcg@10` and `map` of the order
 * that the model puts them into; and the share of documents whose probability is on their label's side of ½ (`accuracy`).
 *
 * @throws ArgumentError for options that are none.
 * @example
 * await finetune(model, [{ query: 'stop early', document: 'EarlyStopping ends …', label: 1 }], {
 *   task: tasks.reranking({ tokenizer, loss: rerankingLosses.binaryCrossEntropy() }),
 * })
 */
export function reranking(options: RerankingOptions): Task<RerankingRow, RerankingExample, PretrainedModel> {
  const name = 're-ranking'
  checkOptions(name, options, optionChecks)
  const { tokenizer, loss, truncation = true } = options
  return {
    name,
    prepare(model) {
      const longest = checkedLength(name, model, options, ['logits'])
      checkScorer(name, model)
      const encoded = (query: string, document: string) => encodePair(tokenizer, query, document, longest)
      return {
        trained: new RerankingTraining(model, loss),
        compile: {},
        longest,
        truncates: truncation,
        encode(given) {
          const row = recordOf(given)
          const query = textOf(row, 'query')
          const { documents, labels } = documentsOf(row, loss)
          const lengths = documents.map((document) => tokenizer.encode(query, document).length)
          const most = Math.max(...lengths)
          return {
            row: row as unknown as RerankingRow,
            examples: [{ query, documents, labels }],
            tooLong: most > (longest ?? most) ? most : undefined,
          }
        },
        collate(examples) {
          const lists = examples.map((example, i) => [
            ...example.documents,
            ...drawn(examples, i, loss.inBatchNegatives ?? 0),
          ])
          const width = Math.max(...lists.map(({ length }) => length))
          // Places without a document repeat the first one, and are not counted.
          const filled = lists.map((list) =>
            Array.from({ length: width }, (_, i) => list[i] ?? (list[0] as string)),
          )
          const encodings: readonly Encoding[] = filled.flatMap((list, i) =>
            list.map((document) => encoded((examples[i] as RerankingExample).query, document)),
          )
          const { inputs, length } = textInputs(model, tokenizer, encodings, longest)
          const shape = [examples.length, width] as const
          const taken = Object.values(inputs).map((x) => x.reshape([...shape, length]))
          const matrix = (valueAt: (row: number, document: number) => number) =>
            tensor(lists.flatMap((_, i) => Array.from({ length: width }, (_, j) => valueAt(i, j)))).reshape(
              shape,
            )
          const labels = matrix((i, j) => examples[i]?.labels[j] ?? 0)
          const counted = matrix((i, j) => (j < (lists[i]?.length ?? 0) ? 1 : 0))
          return [[taken], [labels, counted]]
        },
        evaluate: (samples, told) => evaluate(new CrossEncoder(model, tokenizer), samples, told),
      }
    },
  }
}

/** @throws RowFault */
function documentsOf(
  row: Readonly<Record<string, unknown>>,
  { rows }: RerankingLoss,
): Pick<RerankingExample, 'documents' | 'labels'> {
  if (rows === 'contrasts') {
    const { negative } = row
    const negatives: readonly unknown[] =
      negative == null ? [] : Array.isArray(negative) ? negative : [negative]
    const documents = [
      textOf(row, 'positive'),
      ...negatives.map((text) => textOf({ negative: text }, 'negative')),
    ]
    return { documents, labels: documents.map((_, i) => (i === 0 ? 1 : 0)) }
  }
  const listed: unknown = row.documents
  if (listed === undefined) return { documents: [textOf(row, 'document')], labels: [numberOf(row.label)] }
  const { labels } = row
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new RowFault("a list of texts in 'documents'", described(listed))
  }
  if (!Array.isArray(labels) || labels.length !== listed.length) {
    throw new RowFault(`${listed.length} numbers in 'labels', as there are documents`, described(labels))
  }
  return {
    documents: listed.map((document: unknown) => textOf({ documents: document }, 'documents')),
    labels: labels.map(numberOf),
  }
}

/** Tables have numbers as text. @throws RowFault */
function numberOf(label: unknown): number {
  const number = typeof label === 'string' && label.trim() !== '' ? Number(label) : label
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw new RowFault("a number in 'label'", described(label))
}

/**
 * Documents of other rows of a batch, other than the row's own: a function of the batch, so that a training that goes on draws
 * what it would have drawn.
 */
function drawn(examples: readonly RerankingExample[], row: number, count: number): readonly string[] {
  const { query, documents } = examples[row] as RerankingExample
  const own = new Set(documents)
  const others = examples.flatMap((example, i) => (i === row ? [] : example.documents))
  const left = [...new Set(others)].filter((document) => !own.has(document))
  // FNV-1a of the query and its neighbours, then a linear congruence (Numerical Recipes' constants).
  let state = 2166136261
  for (const text of [query, ...left]) {
    for (let i = 0; i < text.length; i += 7) state = Math.imul(state ^ text.charCodeAt(i), 16777619)
  }
  const chosen: string[] = []
  while (chosen.length < count && left.length > 0) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    chosen.push(...left.splice(Math.floor((state / 2 ** 32) * left.length), 1))
  }
  return chosen
}

async function evaluate(
  encoder: CrossEncoder,
  samples: readonly EncodedSample<RerankingRow, RerankingExample>[],
  { batchSize, signal }: EvaluateTaskOptions,
): Promise<Scores> {
  const byQuery = new Map<string, { documents: string[]; labels: number[] }>()
  for (const { query, documents, labels } of samples.flatMap(({ examples }) => examples)) {
    const known = byQuery.get(query) ?? { documents: [], labels: [] }
    known.documents.push(...documents)
    known.labels.push(...labels)
    byQuery.set(query, known)
  }
  const lists = [...byQuery].map(([query, list]) => ({ query, ...list }))
  const pairs = lists.flatMap(({ query, documents }) =>
    documents.map((document) => [query, document] as const),
  )
  const scores = await encoder.scores(pairs, { batchSize, ...(signal !== undefined && { signal }) })
  let at = 0
  const scored = lists.map(({ labels }) => {
    const own = scores.slice(at, at + labels.length)
    at += labels.length
    return { labels, own }
  })
  const half = encoder.activation === 'sigmoid' ? 0.5 : 0
  const sides = scored.flatMap(({ labels, own }) =>
    labels.map((label, i) => label > 0.5 === (own[i] as number) > half),
  )
  const ranked = scored.filter(({ labels }) => labels.length > 1 && labels.some((label) => label > 0))
  const accuracy = sides.filter(Boolean).length / sides.length
  if (ranked.length === 0) return { accuracy }
  const most = Math.max(...ranked.map(({ labels }) => labels.length))
  const { mrr, ndcg, map } = retrievalScores(
    ranked.map(({ own }) => [...own.keys()].sort((a, b) => (own[b] as number) - (own[a] as number))),
    ranked.map(({ labels }) => new Set([...labels.keys()].filter((i) => (labels[i] as number) > 0))),
    { at: [10, most] },
  )
  return {
    accuracy,
    'mrr@10': mrr[10] as number,
    'ndcg@10': ndcg[10] as number,
    map: map[most] as number,
  }
}
