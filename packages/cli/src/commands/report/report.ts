import { checkOutput, writeText } from '../../files/output.ts'
import { loadTableModel } from '../../files/table-model.ts'
import type { Run } from '../../program/definition.ts'
import type { report } from './definition.ts'
import { reportLines } from './report-lines.ts'

export const run: Run<typeof report> = async (context, { model: path, output, force }) => {
  if (output !== undefined) await checkOutput(output, force)
  const model = await loadTableModel(path)
  if (output !== undefined) {
    await context.writing(output, () => writeText(output, model.toHtml({ language: context.language })))
    context.note({ en: `The report is in ${output}.`, zh: `报告已写入 ${output}。` })
  } else if (context.isJson) context.printJson(model.report)
  else context.print(...reportLines(model.report, context))
}
