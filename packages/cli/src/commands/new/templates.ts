import type { Text } from '../../language/text.ts'

/** Projects that can be begun with, by the names of their folders in `templates/`. */
export const templates = {
  table: {
    what: { en: 'a model of a table: customers who leave', zh: '表格模型：流失的客户' },
    packages: ['@typegrad/data', '@typegrad/tabular'],
  },
  images: {
    what: { en: 'a classifier of pictures in folders', zh: '图片分类器：按文件夹分类' },
    packages: ['@typegrad/data'],
  },
  text: {
    what: { en: 'a classifier of texts: what messages are about', zh: '文本分类器：留言的主题' },
    packages: ['@typegrad/data'],
  },
} as const satisfies Readonly<Record<string, { readonly what: Text; readonly packages: readonly string[] }>>
export type TemplateName = keyof typeof templates

export const templateNames = Object.keys(templates) as readonly TemplateName[]
