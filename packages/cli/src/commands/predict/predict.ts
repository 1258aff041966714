import { readTable } from '@typegrad/data'
import { findFile, wrongKind } from '../../files/file-kind.ts'
import { loadTableModel } from '../../files/table-model.ts'
import { same } from '../../language/text.ts'
import type { Given, Run } from '../../program/definition.ts'
import { UsageFailure } from '../../program/failure.ts'
import type { predict } from './definition.ts'
import { predictionColumns } from './prediction-columns.ts'
import { checkTableOutput, keptColumns, withColumns, written } from './written-columns.ts'

export const run: Run<typeof predict> = async (context, given) => {
  const { model: path, file, output, columns, only, force } = given
  await checkTableOutput(output, force)
  const isRecommender = (await findFile(path)).kind === 'recommender'
  refuseOptions(isRecommender, given)
  const found = await findFile(file)
  if (isRecommender) {
    if (found.kind !== 'table') throw wrongKind(found, { en: 'a table', zh: '表格' })
    return await (await import('./recommend.ts')).recommendRows(context, given, await readTable(found.path))
  }
  const model = await loadTableModel(path)
  if (found.kind !== 'table') throw wrongKind(found, { en: 'a table', zh: '表格' })
  const table = await readTable(found.path)
  const kept = only === true ? [] : keptColumns(table, columns)
  const predictions = await model.predict(table)
  context.goOn()
  for (const { message } of predictions.drift) context.note(same(message))
  await written(
    await withColumns(table, kept, predictionColumns(predictions, model.report.task)),
    output,
    context,
  )
}

/** Options that mean nothing of a kind of model. */
function refuseOptions(isRecommender: boolean, given: Given<typeof predict>): void {
  const meaningless = isRecommender
    ? given.pairs === true
      ? (['count'] as const)
      : (['columns', 'only'] as const)
    : (['count', 'pairs'] as const)
  const wrong = meaningless.find((name) => given[name] !== undefined)
  if (wrong === undefined) return
  throw new UsageFailure({
    where: `--${wrong}`,
    expected: isRecommender
      ? given.pairs === true
        ? { en: 'lists of users, which it is an option of', zh: '用户的列表（此选项只用于列表）' }
        : { en: 'predictions of rows, or --pairs', zh: '对各行的预测，或 --pairs' }
      : { en: 'a recommender, which it is an option of', zh: '推荐模型（此选项只用于推荐模型）' },
    received: isRecommender
      ? given.pairs === true
        ? { en: '--pairs', zh: '--pairs' }
        : { en: 'a recommender, which gives lists', zh: '给出列表的推荐模型' }
      : { en: 'a model of a table', zh: '表格模型' },
  })
}
