import { readTable } from '@typegrad/data'
import { evaluate as evaluateTable, type TableEvaluation, type TableModel } from '@typegrad/tabular'
import { findFile, wrongKind } from '../../files/file-kind.ts'
import { countText } from '../../files/size.ts'
import { loadTableModel } from '../../files/table-model.ts'
import type { CommandContext } from '../../program/context.ts'
import type { Run } from '../../program/definition.ts'
import { aligned } from '../../terminal/listing.ts'
import { cut } from '../../terminal/text-width.ts'
import type { evaluate } from './definition.ts'
import { scoresBeside } from './scores-beside.ts'

/** More classes than these make a table that nobody reads. */
const mostClasses = 8

export const run: Run<typeof evaluate> = async (context, { model: path, file }) => {
  const isRecommender = (await findFile(path)).kind === 'recommender'
  const found = await findFile(file)
  if (isRecommender) {
    if (found.kind !== 'table') throw wrongKind(found, { en: 'a table', zh: '表格' })
    const { evaluateRecommender } = await import('./recommender.ts')
    return await evaluateRecommender(context, path, await readTable(found.path))
  }
  const model = await loadTableModel(path)
  if (found.kind !== 'table') throw wrongKind(found, { en: 'a table', zh: '表格' })
  const evaluation = await evaluateTable(model, await readTable(found.path))
  if (context.isJson) context.printJson({ ...evaluation, classes: model.report.task.classes })
  else context.print(...linesOf(evaluation, model, context))
}

function linesOf(
  { scores, rows, withoutTarget, confusion }: TableEvaluation,
  { report }: TableModel,
  context: CommandContext,
): string[] {
  const left = countText(withoutTarget)
  const head = context.say({
    en: `${countText(rows)} rows${withoutTarget > 0 ? `, ${left} without a target left out` : ''}`,
    zh: `${countText(rows)} 行${withoutTarget > 0 ? `，另有 ${left} 行没有目标，未计入` : ''}`,
  })
  const table = scoresBeside(scores, report.scores, context)
  const { classes } = report.task
  if (confusion === undefined || classes === undefined || classes.length > mostClasses)
    return [head, ...table]
  const names = classes.map((one) => cut(String(one), 12))
  return [
    head,
    ...table,
    '',
    context.say({
      en: 'Rows of each class (down) and what was said (across):',
      zh: '各类的行数（纵）与预测（横）：',
    }),
    ...aligned(
      [['', ...names], ...confusion.map((counts, i) => [names[i] ?? '', ...counts.map(countText)])],
      ['left', ...names.map(() => 'right' as const)],
    ).map((line) => `  ${line}`),
  ]
}
