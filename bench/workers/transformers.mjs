// Prediction in transformers.js, of a model in a folder as its users have it: config.json and onnx/model.onnx.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AutoModel, env, Tensor } from '@huggingface/transformers'
import { Absent, batchesOf, serve } from './wire.mjs'

env.allowRemoteModels = false

async function setup(workload, _, data, folder) {
  if (workload.kind !== 'encoder') throw new Absent('it runs transformers that are trained elsewhere')
  const { blocks, heads, width, vocabulary, steps } = workload.params
  mkdirSync(join(folder, 'bench-model', 'onnx'), { recursive: true })
  copyFileSync(join(folder, 'model.onnx'), join(folder, 'bench-model', 'onnx', 'model.onnx'))
  const config = {
    model_type: 'bert',
    architectures: ['BertModel'],
    hidden_size: width,
    num_hidden_layers: blocks,
    num_attention_heads: heads,
    vocab_size: vocabulary,
    max_position_embeddings: steps,
  }
  writeFileSync(join(folder, 'bench-model', 'config.json'), JSON.stringify(config))
  env.localModelPath = folder
  const model = await AutoModel.from_pretrained('bench-model', {
    dtype: 'fp32',
    device: 'cpu',
    local_files_only: true,
  })
  const x = batchesOf(data.x)
  let next = 0
  const run = async () => {
    const { data: ids, shape } = x[next++ % x.length]
    const outputs = await model({ input_ids: new Tensor('int32', ids, shape) })
    return Object.values(outputs)[0].data
  }
  return { run, losses: async () => (await run()).subarray(0, 5) }
}

const { version } = JSON.parse(
  readFileSync(new URL('./node_modules/@huggingface/transformers/package.json', import.meta.url), 'utf8'),
)
await serve(version, setup)
