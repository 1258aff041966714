/** `commands/predict/`: what a model of a table says of rows. It knows `files/` and `program/`. */
import { tableModel } from '../../files/model-arguments.ts'
import { defineCommand } from '../../program/definition.ts'
import { flag, force, list, text } from '../../program/options.ts'

export const predict = defineCommand({
  name: 'predict',
  summary: {
    en: 'Predict the rows of a table by a model that `train` kept.',
    zh: '用 `train` 保存的模型预测表格的各行。',
  },
  details: {
    en: 'Each row gets the column prediction; of classes also probability_… of each, of quantiles q… of each level. What differs from the rows that were learned from (drift) is told beside.',
    zh: '每行得到 prediction 列；分类还有各类的 probability_… 列，分位数有各水平的 q… 列。与训练数据的差异（漂移）另行提示。',
  },
  arguments: {
    model: tableModel,
    file: {
      shown: 'FILE',
      help: { en: 'A table with the columns that were learned from.', zh: '含有训练所用各列的表格。' },
    },
  },
  options: {
    output: text('FILE', {
      short: 'o',
      help: {
        en: 'Where rows go: .csv, .tsv, .parquet, .json, .jsonl. Default: CSV to standard output.',
        zh: '输出：.csv、.tsv、.parquet、.json、.jsonl。默认：CSV 写到标准输出。',
      },
    }),
    columns: list('COLUMNS', {
      help: {
        en: 'Columns of the table that stand before the predictions. Default: all.',
        zh: '预测之前保留的列。默认全部。',
      },
    }),
    only: flag({
      help: { en: 'Write the predictions alone.', zh: '只写预测。' },
    }),
    force,
  },
  hasJson: true,
  examples: [
    [
      'typegrad predict churn.model new.csv -o predictions.parquet --columns id',
      { en: 'identifiers and predictions', zh: '编号与预测' },
    ],
    [
      'typegrad predict churn.model new.csv | head',
      { en: 'as CSV for another program', zh: '以 CSV 交给其他程序' },
    ],
  ],
})
