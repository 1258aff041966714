import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { RawConfig } from '../base/config.ts'
import { writeFileAtomically } from '../base/write-file.node.ts'
import type { Network } from '../layers/network.ts'
import { type OnnxOptions, onnxFiles } from './onnx.ts'

/** What is written of a model. */
interface Written {
  readonly network: Network
  readonly config: RawConfig
  readonly generationConfig: RawConfig | undefined
  toOnnx(options: OnnxOptions): Promise<Uint8Array>
}

/** As `PretrainedModel.saveOnnx` says. */
export async function saveOnnx(model: Written, folder: string): Promise<void> {
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
