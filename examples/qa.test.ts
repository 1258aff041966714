import { expect, test } from 'vitest'
import { isWhole } from '../tools/whole-tests.ts'
import { miniLMFolder } from './minilm.ts'
import { output } from './program.ts'
import { answerByWords, questionSet, split } from './qa/question-set.ts'

test('every answer stands in its text, no question twice, and no function on both sides', async () => {
  const questions = await questionSet('docs/reference')
  expect(questions.length).toBeGreaterThan(500)
  for (const { context, question, answers } of questions) {
    for (const { text, start } of answers)
      expect(context.slice(start, start + text.length), question).toBe(text)
  }
  const { train, test: held } = split(questions, 5)
  expect(train.length + held.length).toBe(questions.length)
  const learnt = new Set(train.map(({ about }) => about))
  expect(held.filter(({ about }) => learnt.has(about))).toEqual([])
  expect(held.length).toBeGreaterThan(questions.length / 10)
})

test('the simple answer stands behind the words that the question has', () => {
  const context =
    'rho: How much is kept. It is 0.95 by default. epsilon: Added under the root. It is 1e-7 by default. '
  const about = { about: 'adadelta', context, answers: [{ text: '', start: 0 }] as const }
  expect(answerByWords({ ...about, question: 'What does epsilon of adadelta say?' })).toBe(
    'Added under the root.',
  )
})

// What is learnt takes two minutes, and fine-tuning has tests of its own: usually the program is only walked through.

test('on a small budget, answers are found and scored, and more than words find', {
  timeout: 900_000,
}, async ({ skip }) => {
  const missing = await miniLMFolder().then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  )
  if (missing !== undefined) return skip(missing)
  const budget = isWhole
    ? ['--epochs', '2', '--questions', '240', '--held', '40', '--tokens', '96']
    : ['--epochs', '1', '--questions', '16', '--held', '6', '--tokens', '96']
  const text = await output('qa.ts', ...budget)
  const figures = (way: string): number[] =>
    (new RegExp(`^${way} +([\\d.]+) +([\\d.]+)$`, 'm').exec(text) ?? []).slice(1).map(Number)
  const [exact = 0, f1 = 0] = figures('MiniLM after')
  const [, byWords = 100] = figures('by words')
  expect(byWords, text).toBeGreaterThan(0)
  expect(f1, text).toBeGreaterThanOrEqual(exact)
  expect(text.match(/^What .*\?$|^Which .*\?$/gm)).toHaveLength(3)
  if (!isWhole) return
  expect(f1, text).toBeGreaterThan(byWords + 5)
  expect(exact, text).toBeGreaterThan(20)
})
