import { expect, test } from 'vitest'
import { pipelineFolder, readPipelines } from '../testing/pipelines.ts'
import { pipeline } from './pipeline.ts'
import type { Answer } from './question-answering.ts'

interface Results {
  readonly 'question-answering': {
    readonly context: string
    readonly short: string
    readonly questions: readonly [string, string]
    readonly best: readonly Answer[]
  } & Readonly<Record<'several' | 'long' | 'letters' | 'none', readonly (readonly Answer[])[]>>
}

const golden = readPipelines<Results>('pipelines-4')
const { context, short, questions, ...python } = golden['question-answering']
const folder = pipelineFolder(golden, 'reader')

const expectAnswers = (found: readonly Answer[] | undefined, expected: readonly Answer[]): void =>
  expect(found).toEqual(expected.map((answer) => ({ ...answer, score: expect.closeTo(answer.score, 5) })))

test('answers, scores and places are Python’s', async () => {
  const answer = await pipeline('question-answering', folder)
  for (const [i, question] of questions.entries())
    expectAnswers(await answer(question, short), python.best.slice(i, i + 1))
  const several = await answer(questions, [short, short], { topK: 4 })
  for (const [i, expected] of python.several.entries()) expectAnswers(several[i], expected)
  const letters = await answer(questions, short, { topK: 3, alignToWords: false })
  for (const [i, expected] of python.letters.entries()) expectAnswers(letters[i], expected)
  const none = await answer(questions, short, { topK: 3, handleImpossibleAnswer: true })
  for (const [i, expected] of python.none.entries()) expectAnswers(none[i], expected)
})

test('long documents are cut into windows that overlap; an answer’s place is that of the document', async () => {
  const answer = await pipeline('question-answering', folder)
  const found = await answer(questions, context, { maxLength: 24, stride: 8, topK: 3 })
  for (const [i, expected] of python.long.entries()) expectAnswers(found[i], expected)
  for (const { answer: text, start, end } of found.flat()) expect(context.slice(start, end)).toBe(text)
})

test('questions without documents are refused', async () => {
  const answer = await pipeline('question-answering', folder)
  expect(() => answer(questions, [short])).toThrow(/one for each of the 2, received 1/)
  await expect(answer('', short)).rejects.toThrow(/questions and documents.*received input 0, which is empty/)
})
