/** `commands/predict/`: what a model of a table says of rows, and a recommender of users. It knows `files/` and `program/`. */
import { tableOrRecommender } from '../../files/model-arguments.ts'
import { defineCommand } from '../../program/definition.ts'
import { flag, force, list, number, ranges, text } from '../../program/options.ts'

export const predict = defineCommand({
  name: 'predict',
  summary: {
    en: 'Predict the rows of a table, or list items for its users.',
    zh: '预测表格的各行，或为其中的用户列出推荐。',
  },
  details: {
    en: 'Each row gets the column prediction; of classes also probability_… of each, of quantiles q… of each level. What differs from the rows that were learned from (drift) is told beside. A recommender gives each user of the table a list: rank, item, score, and the basis that it is made on; with --pairs the score of each row.',
    zh: '每行得到 prediction 列；分类还有各类的 probability_… 列，分位数有各水平的 q… 列。与训练数据的差异（漂移）另行提示。推荐模型为表中每个用户给出列表：名次、物品、分数与依据；用 --pairs 则给出每一行的分数。',
  },
  arguments: {
    model: tableOrRecommender,
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
    count: number('COUNT', ranges.whole(1), {
      help: {
        en: 'Of a recommender: items of each list. Default 10.',
        zh: '推荐模型每个列表的长度。默认 10。',
      },
    }),
    pairs: flag({
      help: {
        en: 'Of a recommender: score each row, a user with an item.',
        zh: '推荐模型：给每一行（用户与物品）打分。',
      },
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
    [
      'typegrad predict films.model users.csv --count 5',
      { en: 'five films for each user', zh: '为每个用户推荐五部电影' },
    ],
  ],
})
