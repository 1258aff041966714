import { loadTableModel } from '../../files/table-model.ts'
import type { Run } from '../../program/definition.ts'
import type { report } from './definition.ts'
import { reportLines } from './report-lines.ts'

export const run: Run<typeof report> = async (context, { model: path }) => {
  const model = await loadTableModel(path)
  if (context.isJson) context.printJson(model.report)
  else context.print(...reportLines(model.report, context))
}
