import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { writeFileAtomically } from '../checkpoint/write-file.node.ts'
import { onnxFiles } from './onnx.ts'

/** As {@link PretrainedModel.saveOnnx}. */
export async function saveOnnx(model: PretrainedModel, folder: string): Promise<void> {
  checkOptions(
    'saveOnnx',
    { path: folder },
    optionsOf<{ path: string }>()({ path: checks.needed(checks.path) }),
  )
  for (const [path, form] of onnxFiles(model.network)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFileAtomically(file, await model.toOnnx({ form }))
  }
  const texts = { 'config.json': model.config, 'generation_config.json': model.generationConfig }
  for (const [name, value] of Object.entries(texts))
    if (value !== undefined)
      await writeFileAtomically(join(folder, name), `${JSON.stringify(value, null, 2)}\n`)
}
