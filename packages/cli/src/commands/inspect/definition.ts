/**
 * `commands/inspect/`: what is in a file: the profile of a table, layers, tensors or operators of a model. It knows `files/` and
 * `program/`.
 */
import { importOption } from '../../files/import-option.ts'
import { defineCommand } from '../../program/definition.ts'
import { force, number, ranges, text } from '../../program/options.ts'

export const inspect = defineCommand({
  name: 'inspect',
  summary: {
    en: 'Look into a table or a model: profile, layers, tensors, operators.',
    zh: '查看表格或模型：概况、层、张量、算子。',
  },
  details: {
    en: 'Tables are CSV, TSV, Parquet, JSON, JSON Lines and Arrow; models are .keras, .h5, .safetensors, .gguf, .onnx, model.json of TensorFlow.js, folders of typegrad and Hugging Face, what `typegrad train` and `forecast` keep, and recommenders.',
    zh: '表格可以是 CSV、TSV、Parquet、JSON、JSON Lines、Arrow；模型可以是 .keras、.h5、.safetensors、.gguf、.onnx、TensorFlow.js 的 model.json、typegrad 与 Hugging Face 的文件夹、`typegrad train` 与 `forecast` 保存的模型，以及推荐模型。',
  },
  arguments: {
    file: { shown: 'FILE', help: { en: 'A table or a model.', zh: '表格或模型。' } },
  },
  options: {
    target: text('COLUMN', {
      short: 't',
      help: {
        en: 'Of a table: the column to be predicted, for its classes and for what leaks it.',
        zh: '表格中要预测的列，用于统计类别并检查泄漏。',
      },
    }),
    time: text('COLUMN', {
      help: {
        en: 'Of a table: when a row was known, for what leaks the future.',
        zh: '表格中每行的时间列，用于检查未来信息泄漏。',
      },
    }),
    compare: text('FILE', {
      help: { en: 'A later table to hold it against: drift.', zh: '用来对比的另一个表格：检查漂移。' },
    }),
    rows: number('COUNT', ranges.whole(10), {
      help: {
        en: 'Rows that are looked at closely. Default 50000.',
        zh: '细看的行数。默认 50000。',
      },
    }),
    html: text('FILE', {
      help: { en: 'Write the profile as a page.', zh: '把概况写成网页。' },
    }),
    force,
    import: importOption,
  },
  hasJson: true,
  examples: [
    [
      'typegrad inspect customers.csv --target churn',
      { en: 'what should be looked at before a model is trained', zh: '训练前应当注意的问题' },
    ],
    [
      'typegrad inspect may.parquet --compare june.parquet --html drift.html',
      { en: 'how June differs from May, as a page', zh: '六月与五月有何不同，写成网页' },
    ],
    ['typegrad inspect model.onnx --json', { en: 'for another program', zh: '供其他程序使用' }],
  ],
})
