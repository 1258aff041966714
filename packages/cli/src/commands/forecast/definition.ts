/** `commands/forecast/`: what comes next in the series of a table. It knows `files/` and `program/`. */
import { defineCommand } from '../../program/definition.ts'
import { budget, force, list, number, numbers, oneOf, ranges, seed, text } from '../../program/options.ts'

export const forecast = defineCommand({
  name: 'forecast',
  summary: {
    en: 'Forecast the series of a table, with quantiles, judged on its end.',
    zh: '预测表格中的时间序列，给出分位数，并在序列末尾评判。',
  },
  details: {
    en: 'Rows without the target behind the last value of a series say what is known of the future (--covariates). Prints how good forecasts are at rolling origins, beside naive ones; writes the forecasts of each series and period, with columns of their quantiles.',
    zh: '序列最后一个值之后、没有目标值的行给出已知的未来（--covariates）。输出滚动起点上的预测水平，并与朴素预测对照；写出每个序列、每个时期的预测及其分位数。',
  },
  arguments: {
    file: { shown: 'FILE', help: { en: 'A table of one series or many.', zh: '含一个或多个序列的表格。' } },
  },
  options: {
    time: text('COLUMN', {
      help: { en: 'The column of moments. Needed.', zh: '时间列。必需。' },
    }),
    target: text('COLUMN', {
      short: 't',
      help: { en: 'The column that is forecast. Needed.', zh: '要预测的列。必需。' },
    }),
    horizon: number('PERIODS', ranges.whole(1), {
      short: 'n',
      help: { en: 'How many periods are forecast. Needed.', zh: '要预测的时期数。必需。' },
    }),
    output: text('FILE', {
      short: 'o',
      help: {
        en: 'Where forecasts go: .csv, .tsv, .parquet, .json, .jsonl. Default: the name of the target with -forecast.csv.',
        zh: '预测的输出：.csv、.tsv、.parquet、.json、.jsonl。默认：目标列名加 -forecast.csv。',
      },
    }),
    model: text('FILE', {
      help: { en: 'Keep the model too.', zh: '同时保存模型。' },
    }),
    series: list('COLUMNS', {
      help: {
        en: 'What tells series apart: store,article. Default: the table is one series.',
        zh: '区分序列的列：store,article。默认整个表格是一个序列。',
      },
    }),
    covariates: list('COLUMNS', {
      help: {
        en: 'Numbers that are known for the future too: prices, campaigns.',
        zh: '未来也已知的数值列：价格、促销。',
      },
    }),
    statics: list('COLUMNS', {
      help: {
        en: 'What does not change within a series: its region.',
        zh: '序列内不变的列：地区。',
      },
    }),
    season: number('PERIODS', ranges.whole(1), {
      help: {
        en: 'Periods after which the season comes again. Default: that of the frequency.',
        zh: '季节的周期。默认由频率决定。',
      },
    }),
    gaps: oneOf(['refuse', 'zero', 'previous', 'linear'], 'RULE', {
      help: {
        en: 'What periods without a value are: refuse, zero, previous, linear. Default refuse.',
        zh: '没有值的时期：refuse（拒绝）、zero、previous、linear。默认 refuse。',
      },
    }),
    doubles: oneOf(['refuse', 'sum', 'mean', 'last'], 'RULE', {
      help: {
        en: 'What becomes of several rows of one period: refuse, sum, mean, last. Default refuse.',
        zh: '同一时期有多行时：refuse（拒绝）、sum、mean、last。默认 refuse。',
      },
    }),
    levels: numbers('LEVELS', ranges.share, {
      help: {
        en: 'Levels of quantiles: 0.1,0.5,0.9. Default 0.1 to 0.9.',
        zh: '分位数水平：0.1,0.5,0.9。默认 0.1 至 0.9。',
      },
    }),
    budget,
    seed,
    force,
  },
  hasJson: true,
  examples: [
    [
      'typegrad forecast sales.csv --time day --target sold --series store -n 14',
      { en: 'two weeks of each store', zh: '每家商店两周' },
    ],
  ],
})
