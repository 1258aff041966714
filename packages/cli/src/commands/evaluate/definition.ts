/** `commands/evaluate/`: how good a model of a table is on other rows. It knows `files/`, `program/` and the lines of `report/`. */
import { tableModel } from '../../files/model-arguments.ts'
import { defineCommand } from '../../program/definition.ts'

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: {
    en: 'Judge a model of a table on other rows.',
    zh: '在其他行上评判表格模型。',
  },
  arguments: {
    model: tableModel,
    file: {
      shown: 'FILE',
      help: { en: 'A table with the target.', zh: '含目标列的表格。' },
    },
  },
  options: {},
  hasJson: true,
  examples: [
    ['typegrad evaluate churn.model june.csv', { en: 'does it still hold?', zh: '模型是否仍然有效？' }],
  ],
})
