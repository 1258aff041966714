/** `commands/new/`: a project from a template. It knows `program/` and the folders of `templates/`. */
import { defineCommand } from '../../program/definition.ts'
import { oneOf } from '../../program/options.ts'
import { templateNames } from './templates.ts'

// Named so since `new` is a word of the language.
export const newProject = defineCommand({
  name: 'new',
  summary: { en: 'A project from a template, which runs as it is.', zh: '由模板生成可直接运行的项目。' },
  details: {
    en: 'table: a model of a table. images: a classifier of pictures in folders. text: a classifier of texts. Each has data to begin with, and programs that train and predict.',
    zh: 'table：表格模型。images：按文件夹分类的图片分类器。text：文本分类器。每个项目都带有初始数据，以及训练和预测的程序。',
  },
  arguments: {
    folder: {
      shown: 'FOLDER',
      isOptional: true,
      help: {
        en: 'Where it goes; has to be new or empty. Asked for in a terminal.',
        zh: '项目文件夹，须不存在或为空。在终端里可由程序询问。',
      },
    },
  },
  options: {
    template: oneOf(templateNames, 'TEMPLATE', {
      short: 't',
      help: {
        en: 'table, images or text. Asked for in a terminal.',
        zh: 'table、images 或 text。在终端里可由程序询问。',
      },
    }),
  },
  hasJson: false,
  examples: [
    [
      'typegrad new churn --template table',
      {
        en: 'then: cd churn && npm install && npm run train',
        zh: '然后：cd churn && npm install && npm run train',
      },
    ],
  ],
})
