import type { ArgumentDefinition } from '../program/definition.ts'

/** The argument of commands that read a model of layers. */
export const layerModel: ArgumentDefinition = {
  shown: 'MODEL',
  help: {
    en: 'A model of layers: .keras, .h5, a folder, model.json of TensorFlow.js.',
    zh: '由层组成的模型：.keras、.h5、文件夹、TensorFlow.js 的 model.json。',
  },
}

/** The argument of commands that read a model of a table, or a recommender. */
export const tableOrRecommender: ArgumentDefinition = {
  shown: 'MODEL',
  help: {
    en: 'A model that `typegrad train` kept, or a recommender that was saved.',
    zh: '`typegrad train` 保存的模型，或已保存的推荐模型。',
  },
}

/** The argument of commands that read a model of a table. */
export const tableModel: ArgumentDefinition = {
  shown: 'MODEL',
  help: { en: 'A model that `typegrad train` kept.', zh: '`typegrad train` 保存的模型。' },
}
