/** `commands/plot/`: a picture of a model's layers. It knows `files/` and `program/`. */
import { importOption } from '../../files/import-option.ts'
import { layerModel } from '../../files/model-arguments.ts'
import { defineCommand } from '../../program/definition.ts'
import { flag, force, oneOf, text } from '../../program/options.ts'

export const plot = defineCommand({
  name: 'plot',
  summary: {
    en: 'A picture of a model: layers as boxes, and arrows between them.',
    zh: '模型图：各层为方框，箭头相连。',
  },
  arguments: {
    model: layerModel,
  },
  options: {
    output: text('FILE', {
      short: 'o',
      help: {
        en: 'Where it goes: .svg or .html. Default: the name of the model with .svg.',
        zh: '输出文件：.svg 或 .html。默认：模型名加 .svg。',
      },
    }),
    shapes: flag({ help: { en: 'Show what layers take and give.', zh: '显示各层输入输出的形状。' } }),
    activations: flag({ help: { en: 'Show activations.', zh: '显示激活函数。' } }),
    trainable: flag({ help: { en: 'Mark frozen layers.', zh: '标出冻结的层。' } }),
    nested: flag({ help: { en: 'Show what is within models among the layers.', zh: '展开嵌套的模型。' } }),
    direction: oneOf(['TB', 'LR', 'BT', 'RL'], 'DIRECTION', {
      help: {
        en: 'Where arrows lead: TB (down), LR, BT, RL. Default TB.',
        zh: '箭头方向：TB（向下）、LR、BT、RL。默认 TB。',
      },
    }),
    force,
    import: importOption,
  },
  hasJson: false,
  examples: [
    [
      'typegrad plot model.keras -o model.html --shapes',
      { en: 'a page for the browser', zh: '用浏览器查看的网页' },
    ],
  ],
})
