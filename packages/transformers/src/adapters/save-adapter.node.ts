import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Tensor, writeSafetensors } from 'typegrad'
import type { RawConfig } from '../base/config.ts'
import { writeFileAtomically } from '../base/write-file.node.ts'

/** Writes an adapter's two files; others of the folder, such as a tokenizer's, stay. */
export async function writeAdapterFiles(
  folder: string,
  config: RawConfig,
  tensors: readonly (readonly [string, Tensor])[],
): Promise<void> {
  await mkdir(folder, { recursive: true })
  // The tensors last: a folder whose configuration is newer is refused for what does not fit, and not read wrongly.
  await writeFileAtomically(join(folder, 'adapter_config.json'), `${JSON.stringify(config, null, 2)}\n`)
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, { metadata: { format: 'pt' } })
}
