import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { type DistillationOptions, distillation } from '../tasks/distillation.ts'
import { type Finetuned, type FinetuneOptions, finetune } from './finetune.ts'
import type { RowData } from './rows.ts'

export type DistilOptions<Row, Example> = Omit<FinetuneOptions<Row, Example, PretrainedModel>, 'task'> &
  Omit<DistillationOptions<Row, Example>, 'teacher'>

/**
 * Trains a student beside its teacher: {@link finetune} with `tasks.distillation`.
 *
 * @param teacher is asked, and stays as it is.
 * @param student a smaller model of the same vocabulary, such as `dropLayers(teacher, [0, 2, 4])`; it is trained in place.
 * @param data rows as the task has them.
 * @throws as `finetune` and `tasks.distillation`.
 * @example
 * await distil(teacher, student, rows, {
 *   task: tasks.sequenceClassification({ tokenizer }),
 *   temperature: 2, alpha: 0.5, hidden: [{ student: -1, teacher: -1 }], learningRate: 1e-4, epochs: 3,
 * })
 */
export async function distil<Row, Example>(
  teacher: PretrainedModel,
  student: PretrainedModel,
  data: RowData<NoInfer<Row>>,
  { task, temperature, alpha, hidden, hiddenWeight, ...options }: DistilOptions<Row, Example>,
): Promise<Finetuned<PretrainedModel>> {
  const lesson = {
    ...{ task, teacher },
    ...(temperature !== undefined && { temperature }),
    ...(alpha !== undefined && { alpha }),
    ...(hidden !== undefined && { hidden }),
    ...(hiddenWeight !== undefined && { hiddenWeight }),
  }
  return await finetune(student, data, { ...options, task: distillation(lesson) })
}
