/** `commands/report/`: what a model of a table was asked, and what it reached. It knows `files/` and `program/`. */
import { tableModel } from '../../files/model-arguments.ts'
import { defineCommand } from '../../program/definition.ts'
import { force, text } from '../../program/options.ts'

export const report = defineCommand({
  name: 'report',
  summary: {
    en: 'What a model of a table reached, and how sure that is.',
    zh: '表格模型的报告：达到的水平及其可信度。',
  },
  arguments: {
    model: tableModel,
  },
  options: {
    output: text('FILE', {
      short: 'o',
      help: {
        en: 'Write it as a page of HTML, with curves and what the model looks at.',
        zh: '写成 HTML 网页，含曲线与模型所看重的列。',
      },
    }),
    force,
  },
  hasJson: true,
  examples: [
    ['typegrad report churn.model', { en: 'in lines', zh: '以文字输出' }],
    ['typegrad report churn.model -o churn.html --lang zh', { en: 'a page, in Chinese', zh: '中文网页' }],
  ],
})
