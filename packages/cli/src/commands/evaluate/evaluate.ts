import { readTable } from '@typegrad/data'
import { evaluate as evaluateTable, type TableEvaluation, type TableModel } from '@typegrad/tabular'
import { findFile, wrongKind } from '../../files/file-kind.ts'
import { countText } from '../../files/size.ts'
import { loadTableModel } from '../../files/table-model.ts'
import type { CommandContext } from '../../program/context.ts'
import type { Run } from '../../program/definition.ts'
import { aligned } from '../../terminal/listing.ts'
import { cut } from '../../terminal/text-width.ts'
import { digits } from '../report/report-lines.ts'
import type { evaluate } from './definition.ts'

/** More classes than these make a table that nobody reads. */
const mostClasses = 8

export const run: Run<typeof evaluate> = async (context, { model: path, file }) => {
  const model = await loadTableModel(path)
  const found = await findFile(file)
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
  const before = new Map(report.scores.map((score) => [score.metric, score]))
  const table = aligned(
    [
      [
        context.say({ en: 'metric', zh: '指标' }),
        context.say({ en: 'here', zh: '此处' }),
        context.say({ en: '95 % interval', zh: '95 % 区间' }),
        context.say({ en: 'in training', zh: '训练时' }),
      ],
      ...scores.map(({ metric, value, low, high }) => [
        metric,
        digits(value),
        `${digits(low)} – ${digits(high)}`,
        digits(before.get(metric)?.value ?? Number.NaN),
      ]),
    ],
    ['left', 'right', 'left', 'right'],
  ).map((line) => `  ${line}`)
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
