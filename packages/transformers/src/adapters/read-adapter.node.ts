import { join } from 'node:path'
import { readSafetensors, type SafetensorsFile } from 'typegrad'
import { FormatError } from 'typegrad/core'
import { readJsonIfAny } from '../base/json-file.node.ts'
import { hasFile } from '../checkpoint/local-folder.node.ts'

/** What `adapter_config.json` of a folder says. @throws FormatError where there is none. */
export async function readAdapterConfig(
  folder: string,
): Promise<{ readonly raw: unknown; readonly path: string }> {
  const path = join(folder, 'adapter_config.json')
  const raw = await readJsonIfAny(path)
  if (raw !== undefined) return { raw, path }
  throw new FormatError({
    where: folder,
    expected: "'adapter_config.json' and 'adapter_model.safetensors'",
    received: (await hasFile(folder, 'config.json')) ? "'config.json' of a whole model" : 'neither',
    ...((await hasFile(folder, 'config.json')) && {
      fix: 'A whole model is loaded by fromPretrained(folder).',
    }),
  })
}

/** An adapter's tensors. @throws FormatError where they are not as safetensors. */
export async function readAdapterTensors(folder: string): Promise<SafetensorsFile> {
  const path = join(folder, 'adapter_model.safetensors')
  if (await hasFile(folder, 'adapter_model.safetensors')) return await readSafetensors(path)
  const isPickled = await hasFile(folder, 'adapter_model.bin')
  throw new FormatError({
    where: folder,
    expected: "'adapter_model.safetensors'",
    received: isPickled ? "'adapter_model.bin'" : 'none',
    ...(isPickled && {
      fix: 'PyTorch’s pickled files run code when they are opened, and are not read. Save it once more by a current PEFT.',
    }),
  })
}
