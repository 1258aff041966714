import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lenientSpans, strictSpans } from './entities.ts'
import * as textMetrics from './index.ts'
import { stemOf } from './porter-stemmer.ts'

interface Translation<O> {
  readonly options: O
  readonly score: number
  readonly signature: string
  readonly sentences: readonly number[]
}

interface GoldenBleu extends Translation<textMetrics.BleuOptions> {
  readonly precisions: readonly number[]
  readonly bp: number
  readonly lengths: readonly [number, number]
}

interface GoldenEntities {
  readonly scheme: textMetrics.EntityScheme | null
  readonly predicted: readonly (readonly string[])[]
  readonly actual: readonly (readonly string[])[]
  readonly spans: readonly (readonly (readonly [string, number, number])[])[]
  readonly report: Readonly<Record<string, readonly number[]>>
  readonly text: string
  readonly accuracy: number
}

interface Golden {
  readonly hypotheses: readonly string[]
  readonly references: readonly (readonly string[])[]
  readonly bleu: readonly GoldenBleu[]
  readonly chrf: readonly Translation<textMetrics.ChrfOptions>[]
  readonly rouge: readonly {
    readonly options: { readonly types: readonly textMetrics.RougeType[]; readonly useStemmer: boolean }
    readonly scores: readonly (readonly (readonly [number, number, number])[])[]
  }[]
  readonly stems: readonly (readonly [string, string])[]
  readonly entities: readonly GoldenEntities[]
  readonly schemes: readonly (readonly [string, string])[]
  readonly squad: {
    readonly answers: readonly (readonly string[])[]
    readonly replies: readonly string[]
    readonly probabilities: readonly number[]
    readonly first: { readonly exact_match: number; readonly f1: number }
    readonly second: readonly {
      readonly threshold: number
      readonly scores: Readonly<Record<string, number>>
    }[]
  }
  readonly edits: { readonly said: readonly string[]; readonly words: number; readonly characters: number }
  readonly retrieval: {
    readonly rankings: readonly (readonly string[])[]
    readonly relevant: readonly (readonly string[])[]
    readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>
  }
}

const golden = JSON.parse(
  readFileSync(new URL('../../golden/text-metrics.json', import.meta.url), 'utf8'),
) as Golden
const { hypotheses, references } = golden

const expectAll = (got: readonly number[], expected: readonly number[], name = '') => {
  expect(got.length, name).toBe(expected.length)
  // Python's numbers are rounded to nine places, and sums are taken in another order.
  for (const [i, value] of expected.entries()) expect(got[i], `${name} ${i}`).toBeCloseTo(value, 8)
}

describe('sacreBLEU', () => {
  test.each(golden.bleu)('bleu $options', ({ options, score, precisions, bp, lengths, ...one }) => {
    const got = textMetrics.bleu(hypotheses, references, options)
    expectAll([got.score, got.brevityPenalty, ...got.precisions], [score, bp, ...precisions])
    expect([got.hypothesisLength, got.referenceLength]).toEqual(lengths)
    expect(got.signature).toBe(one.signature)
    const sentences = hypotheses.map((text, i) =>
      textMetrics.sentenceBleu(text, references[i] as readonly string[], options),
    )
    expectAll(
      sentences.map((sentence) => sentence.score),
      one.sentences,
    )
  })

  test.each(golden.chrf)('chrf $options', ({ options, score, signature, sentences }) => {
    const got = textMetrics.chrf(hypotheses, references, options)
    expectAll([got.score], [score])
    expect(got.signature).toBe(signature)
    const each = hypotheses.map((text, i) => textMetrics.chrf([text], [references[i] ?? []], options).score)
    expectAll(each, sentences)
  })
})

describe('rouge-score', () => {
  test.each(golden.rouge)('rouge $options', ({ options, scores }) => {
    const rouge = new textMetrics.Rouge(options)
    const each = hypotheses.map((text, i) => {
      rouge.add(text, references[i] as readonly string[])
      return rouge.score(text, references[i] as readonly string[])
    })
    for (const [t, type] of options.types.entries()) {
      const got = each.map((score) => Object.values(score[type] as textMetrics.FMeasure))
      expectAll(
        got.flat(),
        scores.flatMap((score) => score[t] as readonly number[]),
        type,
      )
      const mean = scores.reduce((sum, score) => sum + (score[t]?.[2] as number), 0) / scores.length
      expectAll([rouge.result()[type]?.f1 as number], [mean])
    }
  })

  test('stems', () => {
    expect(golden.stems.map(([word]) => [word, stemOf(word)])).toEqual(golden.stems)
  })
})

describe('seqeval', () => {
  test.each(golden.entities)('$scheme', ({ scheme, predicted, actual, spans, report, text, accuracy }) => {
    // Python's lenient ends are inclusive.
    const found = actual.map((labels) =>
      scheme === null
        ? lenientSpans(labels).map(({ type, start, end }) => [type, start, end - 1])
        : strictSpans(labels, scheme).map(({ type, start, end }) => [type, start, end]),
    )
    expect(found).toEqual(spans)
    const scores = textMetrics.entityScores(predicted, actual, scheme === null ? {} : { scheme })
    const { micro, macro, weighted, types } = scores
    const all = { ...types, 'micro avg': micro, 'macro avg': macro, 'weighted avg': weighted }
    expect(Object.keys(all).sort()).toEqual(Object.keys(report).sort())
    for (const [name, measure] of Object.entries(all)) {
      expectAll(Object.values(measure), report[name] as readonly number[], name)
    }
    expectAll([scores.accuracy], [accuracy])
    expect(textMetrics.formatEntityScores(scores, 4)).toBe(text)
  })

  test('schemes are recognized', () => {
    for (const [prefixes, scheme] of golden.schemes) {
      const labels = [...prefixes].map((prefix) => (prefix === 'O' ? 'O' : `${prefix}-X`))
      expect(textMetrics.entitySchemeOf([labels])).toBe(scheme)
    }
    expect(() => textMetrics.entitySchemeOf([['B-X', 'U-X']])).toThrow(/one scheme.*received B, U/)
  })
})

describe('SQuAD', () => {
  const { answers, replies, probabilities, first, second } = golden.squad

  test('1.1', () => {
    const asked = answers.flatMap((answer, i) => (answer.length === 0 ? [] : [i]))
    const got = textMetrics.squad(
      asked.map((i) => replies[i] as string),
      asked.map((i) => answers[i] as readonly string[]),
    )
    expectAll([got.exactMatch, got.f1], [first.exact_match, first.f1])
  })

  test.each(second)('2.0, threshold $threshold', ({ threshold, scores }) => {
    const options = { noAnswerProbabilities: probabilities, noAnswerThreshold: threshold }
    const { exactMatch, f1, hasAnswer, noAnswer, best } = textMetrics.squadV2(replies, answers, options)
    const flat = {
      ...{ exact: exactMatch, f1, HasAns_exact: hasAnswer?.exactMatch, HasAns_f1: hasAnswer?.f1 },
      ...{ NoAns_exact: noAnswer?.exactMatch, NoAns_f1: noAnswer?.f1 },
      ...{ best_exact: best?.exactMatch, best_exact_thresh: best?.exactMatchThreshold },
      ...{ best_f1: best?.f1, best_f1_thresh: best?.f1Threshold },
    }
    const names = Object.keys(flat) as (keyof typeof flat)[]
    expectAll(
      names.map((name) => flat[name] as number),
      names.map((name) => scores[name] as number),
    )
  })
})

test('error rates are NLTK’s distances over the references’ lengths', () => {
  const { said, words, characters } = golden.edits
  const wanted = references.map(([reference]) => reference as string)
  expectAll(
    [textMetrics.wordErrorRate(said, wanted), textMetrics.characterErrorRate(said, wanted)],
    [words, characters],
  )
})

test('retrieval is sentence-transformers’', () => {
  const { rankings, relevant, scores } = golden.retrieval
  const at = Object.keys(scores['mrr@k'] ?? {}).map(Number)
  const got = textMetrics.retrievalScores(
    rankings,
    relevant.map((names) => new Set(names)),
    { at },
  )
  for (const [name, values] of Object.entries(got)) {
    const expected = scores[`${name}@k`] as Readonly<Record<number, number>>
    expectAll(
      at.map((k) => values[k]),
      at.map((k) => expected[k] as number),
      name,
    )
  }
})

test('perplexity weighs batches by their tokens', () => {
  expect(textMetrics.perplexity([2, 3], [3, 1])).toBeCloseTo(Math.exp(9 / 4), 12)
  expect(textMetrics.perplexity([2, 3])).toBeCloseTo(Math.exp(5 / 2), 12)
})

test('correlations: equal numbers share the mean of their ranks', () => {
  const { pearson, spearman } = textMetrics
  expect(pearson([1, 2, 3, 5], [2, 4, 6, 10])).toBeCloseTo(1, 12)
  // Ranks 1, 2½, 2½, 4 and 1, 3, 2, 4.
  expect(spearman([1, 2, 2, 9], [1, 3, 2, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12)
  expect(() => spearman([1], [1])).toThrow(/two or more, received 1 and 1/)
})

test('what does not belong together is refused before anything is counted', () => {
  expect(() => textMetrics.bleu(['a'], [])).toThrow(/as many references as hypotheses.*0 references and 1/)
  expect(() => textMetrics.chrf(['a'], [[]])).toThrow(/references: expected one or more/)
  expect(() => textMetrics.bleu(['a'], ['a'], { tokenize: 'mecab' as 'zh' })).toThrow(
    /tokenize: expected.*'13a'/,
  )
  expect(() => textMetrics.rouge(['a'], ['a'], { types: ['rouge9' as 'rouge1'] })).toThrow(/types/)
  expect(() => textMetrics.entityScores([['O']], [['O', 'O']])).toThrow(/each of 2 tokens, received 1/)
  expect(() => textMetrics.entityScores([['E-X']], [['O']], { scheme: 'IOB2' })).toThrow(
    /a prefix of IOB2 \(I, O, B\), received 'E-X'/,
  )
  expect(() => textMetrics.squad(['a'], [[]])).toThrow(/answers: 0: expected one or more.*squadV2/)
  expect(() => textMetrics.wordErrorRate(['a'], [' '])).toThrow(/expected some text/)
  expect(() => textMetrics.retrievalScores([['a', 'a']], [new Set(['a'])])).toThrow(/ranked twice/)
  expect(() => textMetrics.perplexity([1], [0])).toThrow(/not 0 for all/)
})
