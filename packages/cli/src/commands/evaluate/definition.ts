/** `commands/evaluate/`: how good a model of a table, or a recommender, is on other rows. It knows `files/`, `program/` and the lines of `report/`. */
import { tableOrRecommender } from '../../files/model-arguments.ts'
import { defineCommand } from '../../program/definition.ts'

export const evaluate = defineCommand({
  name: 'evaluate',
  summary: {
    en: 'Judge a model of a table, or a recommender, on other rows.',
    zh: '在其他行上评判表格模型或推荐模型。',
  },
  arguments: {
    model: tableOrRecommender,
    file: {
      shown: 'FILE',
      help: {
        en: 'A table with the target; of a recommender, of what users took since.',
        zh: '含目标列的表格；对推荐模型，是用户此后选择的表格。',
      },
    },
  },
  options: {},
  hasJson: true,
  examples: [
    ['typegrad evaluate churn.model june.csv', { en: 'does it still hold?', zh: '模型是否仍然有效？' }],
  ],
})
