// Writes the ONNX model of a workload into its folder: tsx export.ts <folder>
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { addAdapter, loadSentenceEncoder, lora, PretrainedModel, saveAdapter } from '@typegrad/transformers'
import sharp from 'sharp'
import { compile, type Tensor, zeros } from 'typegrad'
import { miniLMFolder } from '../../examples/minilm.ts'
import { isPictures, isPretrained } from '../driver/prepare.ts'
import type { Workload } from '../workloads/index.ts'
import { sentences } from '../workloads/pretrained.ts'
import { loraSizes } from '../workloads/tuning.ts'
import { readTensors } from './tensors.ts'
import { buildModel } from './typegrad-models.ts'

const folder = process.argv[2] as string
const workload = JSON.parse(await readFile(join(folder, 'workload.json'), 'utf8')) as Workload
if (isPretrained(workload)) await pretrained()
else if (isPictures(workload)) await pictures()
else await writeFile(join(folder, 'model.onnx'), await model())

/** JPEGs of waves of colour: sixteen, again and again. */
async function pictures(): Promise<void> {
  const [width, height, distinct] = [480, 360, 16]
  const { count } = workload.params as Record<'count', number>
  await mkdir(join(folder, 'pictures'))
  for (let i = 0; i < distinct; i++) {
    const pixels = Buffer.alloc(width * height * 3)
    let at = 0
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++)
          pixels[at++] =
            128 + 100 * Math.sin((x * (1 + (i % 7)) + y * (1 + c)) / 40 + i) + ((x * 31 + y * 17) % 13)
    const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer()
    for (let file = i; file < count; file += distinct)
      await writeFile(join(folder, 'pictures', `${file}.jpg`), jpeg)
  }
}

/** A folder `model` as Hugging Face's libraries take it, with what transformers.js runs beside. */
async function pretrained(): Promise<void> {
  const to = join(folder, 'model')
  if (workload.config !== undefined) {
    const made = new PretrainedModel(workload.config)
    await made.savePretrained(to)
    if (workload.kind === 'tune') {
      if (workload.method === 'full') return
      await addAdapter(made, lora({ ...loraSizes, targets: 'all-linear' }))
      await saveAdapter(made, join(folder, 'adapter'))
      return
    }
    if (workload.params.bits === undefined) await made.saveOnnx(to)
    return
  }
  const texts = sentences(workload.params.texts ?? (workload.params.batch as number))
  await writeFile(join(folder, 'sentences.json'), JSON.stringify(texts))
  await cp(await miniLMFolder(), to, { recursive: true })
  if (workload.kind === 'tokens') return
  await (await loadSentenceEncoder(to)).base.saveOnnx(to)
}

async function model(): Promise<Uint8Array> {
  if (workload.kind !== 'matmul') {
    const { weights } = await readTensors(folder)
    return buildModel(workload, weights).toOnnx()
  }
  const size = workload.params.size as number
  const square = zeros([size, size])
  return compile((a: Tensor, b: Tensor) => a.matmul(b)).toOnnx(square, square)
}
