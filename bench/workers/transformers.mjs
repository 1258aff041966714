// Prediction in transformers.js, of a model in a folder as its users have it: config.json and onnx/model.onnx.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AutoModel, AutoModelForCausalLM, env, pipeline, Tensor } from '@huggingface/transformers'
import { Absent, batchesOf, serve } from './wire.mjs'

env.allowRemoteModels = false

const asPublished = { dtype: 'fp32', device: 'cpu', local_files_only: true }

/** The first words of an answer to each prompt, the likeliest one each time. */
async function generate({ params: { bits, tokens } }, data) {
  if (bits !== undefined) throw new Absent('its files of few bits are made elsewhere')
  const model = await AutoModelForCausalLM.from_pretrained('model', asPublished)
  const prompts = batchesOf(data.x)
  let next = 0
  const run = async () => {
    const { data: ids, shape } = prompts[next++ % prompts.length]
    const input = new Tensor('int64', BigInt64Array.from(ids, BigInt), shape)
    const output = await model.generate({
      inputs: input,
      attention_mask: new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape),
      max_new_tokens: tokens,
      min_new_tokens: tokens,
      do_sample: false,
    })
    return Array.from(output.data, Number).slice(ids.length)
  }
  return { run, losses: async () => (await run()).slice(0, 5) }
}

/** From texts to vectors. */
async function embed(folder) {
  const texts = JSON.parse(readFileSync(join(folder, 'sentences.json'), 'utf8'))
  const extract = await pipeline('feature-extraction', 'model', asPublished)
  const run = async () => (await extract(texts, { pooling: 'mean', normalize: true })).data
  return { run, losses: async () => (await run()).subarray(0, 5) }
}

async function setup(workload, _, data, folder) {
  env.localModelPath = folder
  if (workload.kind === 'generate') return await generate(workload, data)
  if (workload.kind === 'embed') return await embed(folder)
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
