/** `commands/summary/`: the layers of a model as a table. It knows `files/` and `program/`. */
import { importOption } from '../../files/import-option.ts'
import { defineCommand } from '../../program/definition.ts'
import { flag } from '../../program/options.ts'

export const summary = defineCommand({
  name: 'summary',
  summary: { en: 'The layers of a model as a table.', zh: '以表格列出模型的各层。' },
  arguments: {
    model: {
      shown: 'MODEL',
      help: {
        en: 'A model of layers: .keras, .h5, a folder, model.json of TensorFlow.js.',
        zh: '由层组成的模型：.keras、.h5、文件夹、TensorFlow.js 的 model.json。',
      },
    },
  },
  options: {
    nested: flag({
      help: { en: 'Show what is within models among the layers.', zh: '展开嵌套的模型。' },
    }),
    trainable: flag({ help: { en: 'Say which layers learn.', zh: '标出可训练的层。' } }),
    import: importOption,
  },
  hasJson: false,
  examples: [
    [
      'typegrad summary model.keras --nested',
      { en: 'with the layers of models within', zh: '包括嵌套模型的各层' },
    ],
  ],
})
