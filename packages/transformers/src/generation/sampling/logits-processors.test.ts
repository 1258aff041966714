import { readFileSync } from 'node:fs'
import { expectClose } from 'typegrad/testing'
import { describe, expect, test } from 'vitest'
import type { LogitsProcessor } from '../logits-processor.ts'
import { badWords } from './bad-words.ts'
import { forcedTokens } from './forced-tokens.ts'
import { type LogitsOptions, logitsProcessors } from './logits-processors.ts'
import { minP } from './min-p.ts'
import { minimumLength } from './minimum-length.ts'
import { noRepeatNgrams } from './no-repeat-ngrams.ts'
import { presencePenalty } from './presence-penalty.ts'
import { repetitionPenalty } from './repetition-penalty.ts'
import { suppressedTokens } from './suppressed-tokens.ts'
import { temperature } from './temperature.ts'
import { topK } from './top-k.ts'
import { topP } from './top-p.ts'
import { typical } from './typical.ts'

type Scores = readonly (number | null)[]

interface Args {
  readonly value: number
  readonly k: number
  readonly p: number
  readonly share: number
  readonly mass: number
  readonly keep: number
  readonly penalty: number
  readonly ignored: number
  readonly n: number
  readonly words: readonly (readonly number[])[]
  readonly ends: readonly number[]
  readonly ids: readonly number[]
  readonly at?: number
  readonly length: number
}

interface GoldenCase {
  readonly kind: keyof typeof makers
  readonly args: Args
  readonly history: readonly number[]
  readonly scores: string
  readonly expected: Scores
}

const makers = {
  temperature: ({ value }) => temperature(value),
  topK: ({ k, keep }) => topK(k, { minTokensToKeep: keep }),
  topP: ({ p, keep }) => topP(p, { minTokensToKeep: keep }),
  minP: ({ share, keep }) => minP(share, { minTokensToKeep: keep }),
  typical: ({ mass, keep }) => typical(mass, { minTokensToKeep: keep }),
  repetition: ({ penalty, ignored }) => repetitionPenalty(penalty, { ignoredPrompt: ignored }),
  ngrams: ({ n }) => noRepeatNgrams(n),
  badWords: ({ words, ends }) => badWords(words, { endTokens: ends }),
  suppressed: ({ ids, at }) => suppressedTokens(ids, at === undefined ? {} : { at }),
  minimum: ({ length, ends }) => minimumLength(length, ends),
  forced: ({ ids, at = 0 }) => forcedTokens(ids, at),
} satisfies Record<string, (args: Args) => LogitsProcessor>

interface Golden {
  readonly inputs: Readonly<Record<string, Scores>>
  readonly cases: readonly GoldenCase[]
  readonly chain: readonly {
    readonly options: Readonly<Record<string, never>>
    readonly promptLength: number
    readonly history: readonly number[]
    readonly scores: string
    readonly expected: Scores
  }[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../../golden/logits.json', import.meta.url), 'utf8'),
) as Golden

const floats = (scores: Scores): Float32Array =>
  Float32Array.from(scores, (score) => score ?? Number.NEGATIVE_INFINITY)

function expectScores(got: Float32Array, expected: Scores, name: string): void {
  const kept = (list: ArrayLike<number>) =>
    Array.from(list, (score, i) => (score === Number.NEGATIVE_INFINITY ? -1 : i)).filter((i) => i >= 0)
  const wanted = floats(expected)
  expect(kept(got), name).toEqual(kept(wanted))
  // Hugging Face divides in float32, this in float64: they differ in the last bit.
  expectClose(got.filter(Number.isFinite), wanted.filter(Number.isFinite), { scaled: 5e-7 }, name)
}

describe('processors give what those of Hugging Face give', () => {
  for (const kind of Object.keys(makers))
    test(kind, () => {
      const cases = golden.cases.filter((one) => one.kind === kind)
      expect(cases.length).toBeGreaterThan(1)
      for (const { args, history, scores, expected } of cases) {
        const logits = floats(golden.inputs[scores] as Scores)
        makers[kind as keyof typeof makers](args).process(logits, history)
        expectScores(logits, expected, `${kind} ${JSON.stringify(args)} of ${scores}`)
      }
    })

  test.each(golden.chain.map((one) => [JSON.stringify(one.options), one] as const))(
    'in the order of generate: %s',
    (name, { options, promptLength, history, scores, expected }) => {
      const { max_length: maxLength, ...rest } = options as Readonly<Record<string, never>>
      const camel = Object.fromEntries(
        Object.entries(rest).map(([key, value]) => [
          key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
          value,
        ]),
      ) as LogitsOptions
      const logits = floats(golden.inputs[scores] as Scores)
      const context = { promptLength, endTokens: 1, ...(maxLength !== undefined && { maxLength }) }
      for (const processor of logitsProcessors(camel, context)) processor.process(logits, history)
      expectScores(logits, expected, name)
    },
  )
})

describe('presence and frequency', () => {
  test('count what was generated, not the prompt', () => {
    const logits = Float32Array.of(1, 2, 3, 4)
    presencePenalty({ presence: 0.5, frequency: 0.25, promptLength: 2 }).process(logits, [0, 1, 3, 1, 3])
    expect([...logits]).toEqual([1, 2 - 0.5 - 0.25, 3, 4 - 0.5 - 0.5])
  })

  test('ignore ids beyond the scores', () => {
    const logits = Float32Array.of(1, 2)
    presencePenalty({ presence: 1 }).process(logits, [7, 1])
    expect([...logits]).toEqual([1, 1])
  })
})

describe('values out of range are refused before anything runs', () => {
  test.each([
    ['temperature: expected', () => temperature(0)],
    ['topK: expected', () => topK(0)],
    ['topK: minTokensToKeep', () => topK(1, { minTokensToKeep: 0 })],
    ['topP: expected', () => topP(1.5)],
    ['topP: expected', () => topP(Number.NaN)],
    ['minP: expected', () => minP(-0.1)],
    ['typical: expected', () => typical(1)],
    ['repetitionPenalty: expected', () => repetitionPenalty(0)],
    ['noRepeatNgrams: expected', () => noRepeatNgrams(1.5)],
    ['badWords: expected sequences of at least one token', () => badWords([[]])],
    ['badWords: expected ids', () => badWords([[-1]])],
    ['suppressedTokens: expected ids', () => suppressedTokens([0.5])],
    ['minimumLength: expected', () => minimumLength(-1, 2)],
    ['forcedTokens: at', () => forcedTokens(1, -1)],
    ['presencePenalty: presence', () => presencePenalty({ presence: Number.NaN })],
    ['Did you mean topK', () => logitsProcessors({ top_k: 3 } as LogitsOptions)],
  ])('%s', (message, make) => {
    expect(make).toThrow(message)
  })
})
