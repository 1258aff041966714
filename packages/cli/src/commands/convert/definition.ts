/** `commands/convert/`: models from one format into another. It knows `files/` and `program/`. */
import { importOption } from '../../files/import-option.ts'
import { defineCommand } from '../../program/definition.ts'
import { force, oneOf } from '../../program/options.ts'

export const convert = defineCommand({
  name: 'convert',
  summary: {
    en: 'Write a model in another format.',
    zh: '把模型写成另一种格式。',
  },
  details: {
    en: 'The ending of OUTPUT names the format. From .keras, .h5, model.json of TensorFlow.js and folders of typegrad: to .keras, .h5, .weights.h5, .safetensors (weights), .onnx and a folder. From .onnx: to .onnx, .safetensors and a folder. From folders of Hugging Face: to .onnx, .safetensors and a folder. From .safetensors: to .safetensors of another dtype. From models of tables: to .onnx.',
    zh: '格式由 OUTPUT 的扩展名决定。从 .keras、.h5、TensorFlow.js 的 model.json、typegrad 文件夹：可写成 .keras、.h5、.weights.h5、.safetensors（权重）、.onnx、文件夹。从 .onnx：可写成 .onnx、.safetensors、文件夹。从 Hugging Face 文件夹：可写成 .onnx、.safetensors、文件夹。从 .safetensors：可写成其他类型的 .safetensors。从表格模型：可写成 .onnx。',
  },
  arguments: {
    input: { shown: 'INPUT', help: { en: 'A model.', zh: '模型。' } },
    output: {
      shown: 'OUTPUT',
      help: {
        en: 'A file, or a path without an ending for a folder.',
        zh: '文件；没有扩展名的路径表示文件夹。',
      },
    },
  },
  options: {
    dtype: oneOf(['float32', 'float16', 'bfloat16'], 'DTYPE', {
      help: {
        en: 'Of .safetensors and folders of Hugging Face: what numbers are stored as. Default: as they are.',
        zh: '用于 .safetensors 与 Hugging Face 文件夹：数值的存储类型。默认不变。',
      },
    }),
    force,
    import: importOption,
  },
  hasJson: false,
  examples: [
    [
      'typegrad convert model.keras model.onnx',
      { en: 'for any runtime of ONNX', zh: '用于任何 ONNX 运行时' },
    ],
    [
      'typegrad convert tfjs/model.json model.keras',
      { en: 'from TensorFlow.js to Keras', zh: '从 TensorFlow.js 到 Keras' },
    ],
    ['typegrad convert models/bert bert-half --dtype bfloat16', { en: 'half of the size', zh: '大小减半' }],
  ],
})
