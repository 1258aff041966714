import { expectClose } from 'typegrad/testing'
import { expect, test } from 'vitest'
import { dropLayers } from '../checkpoint/drop-layers.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { distil } from '../finetune/distil.ts'
import { expectTraining, modelOf, readTrainings } from '../testing/finetune-golden.ts'
import { dataOf } from '../testing/golden.ts'
import { distillation } from './distillation.ts'
import { type ClassificationRow, sequenceClassification } from './sequence-classification.ts'

const golden = readTrainings('sentence-training')
const hidden = [
  { student: 0, teacher: 0 },
  { student: -1, teacher: -1 },
] as const

test('logits, hidden states and labels: two steps move the student as in Python, and the teacher stays', {
  timeout: 120_000,
}, async () => {
  const { model: teacher } = await modelOf(golden, 'teacher')
  const { model: student, tokenizer } = await modelOf(golden, 'student')
  const kept = (await dataOf(teacher.weights[0]?.value as never)).slice()
  const task = sequenceClassification({ tokenizer })
  const lesson = distillation({ task, teacher, temperature: 2, alpha: 0.3, hidden, hiddenWeight: 0.5 })
  await expectTraining(golden, 'student', student, lesson)
  expect(await dataOf(teacher.weights[0]?.value as never)).toEqual(kept)
})

test('a model with some of the blocks begins with their weights', async () => {
  const { model: teacher } = await modelOf(golden, 'teacher')
  const student = dropLayers(teacher, [1])
  expect(student.config.num_hidden_layers).toBe(1)
  const own = new Map(student.checkpointWeights.map((named) => [named.name, named.weight]))
  for (const { name, weight } of teacher.checkpointWeights) {
    const copy = own.get(name.replace('layer.1.', 'layer.0.'))
    if (!name.includes('layer.0.'))
      expectClose(await dataOf(copy?.value as never), await dataOf(weight.value))
  }
  expect(() => dropLayers(teacher, [2])).toThrow(/from 0 to 1, received 2/)
  expect(() => dropLayers(teacher, [])).toThrow(/received none/)
})

test('a teacher that does not fit is refused before anything is trained', async () => {
  const { model: student, tokenizer } = await modelOf(golden, 'student')
  const task = sequenceClassification({ tokenizer })
  const rows: readonly ClassificationRow[] = golden.cases.student?.rows ?? []
  const { model: ranker } = await modelOf(golden, 'lists')
  await expect(distil(ranker, student, rows, { task })).rejects.toThrow(
    /gives logits \[3\].*gives logits \[1\]/,
  )
  const other = new PretrainedModel({ ...student.config, vocab_size: 12 })
  await expect(distil(other, student, rows, { task })).rejects.toThrow(
    /vocabulary, of \d+ words, received one of 12/,
  )
  const { model: teacher } = await modelOf(golden, 'teacher')
  await expect(
    distil(teacher, student, rows, { task, hidden: [{ student: 2, teacher: 0 }] }),
  ).rejects.toThrow(/states 0 to 1 of the student and 0 to 2 of the teacher/)
})
