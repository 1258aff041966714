/** `commands/summary/`: the layers of a model as a table. It knows `files/` and `program/`. */
import { importOption } from '../../files/import-option.ts'
import { layerModel } from '../../files/model-arguments.ts'
import { defineCommand } from '../../program/definition.ts'
import { flag } from '../../program/options.ts'

export const summary = defineCommand({
  name: 'summary',
  summary: { en: 'The layers of a model as a table.', zh: '以表格列出模型的各层。' },
  arguments: {
    model: layerModel,
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
