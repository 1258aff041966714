import { list } from '../program/options.ts'

/** The option of commands that load a model of layers. */
export const importOption = list('MODULE', {
  help: {
    en: 'A module that registers layers or losses of your own; may be given again.',
    zh: '注册自定义层或损失的模块；可多次给出。',
  },
})
