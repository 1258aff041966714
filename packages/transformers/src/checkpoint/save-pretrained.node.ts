import { copyFile, cp, link, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Tensor, writeSafetensors } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { replaceFolderAtomically } from 'typegrad/formats'
import { checks } from 'typegrad/layers'
import type { RawConfig } from '../base/config.ts'
import type { CheckpointNames } from '../models/architecture.ts'
import { type NamedWeight, readOf } from './names.ts'

export interface SavePretrainedOptions {
  /** What weights are stored as, rounded to the nearest. Default `'float32'`. */
  readonly dtype?: 'float32' | 'float16' | 'bfloat16'
  /** Bytes of tensors that one file may have; see `writeSafetensors`. Default: one file. */
  readonly maxShardBytes?: number
}

const saveChecks = optionsOf<SavePretrainedOptions>()({
  dtype: checks.oneOf('float32', 'float16', 'bfloat16'),
  maxShardBytes: checks.positive,
})

/** What is written of a model. */
interface Written {
  readonly config: RawConfig
  readonly generationConfig: RawConfig | undefined
  readonly checkpointWeights: readonly NamedWeight[]
  readonly architecture: { readonly checkpoint: CheckpointNames }
}

/** As `PretrainedModel.savePretrained` says. */
export async function savePretrained(
  model: Written,
  folder: string,
  options: SavePretrainedOptions,
): Promise<void> {
  checkOptions(
    'savePretrained',
    { path: folder },
    optionsOf<{ path: string }>()({ path: checks.needed(checks.path) }),
  )
  checkOptions('savePretrained', options, saveChecks)
  checkPlain(model)
  const { dtype = 'float32' } = options
  const kept = await othersIn(folder)
  // Values of one moment, whatever is trained while they are written.
  const tensors = storedTensors(model)
  await replaceFolderAtomically(folder, async (temporary) => {
    for (const name of kept) await keep(join(folder, name), join(temporary, name))
    await writeJson(join(temporary, 'config.json'), withDType(model.config, dtype))
    if (model.generationConfig !== undefined)
      await writeJson(join(temporary, 'generation_config.json'), model.generationConfig)
    await writeSafetensors(join(temporary, 'model.safetensors'), tensors, {
      // Python's transformers asks for it.
      metadata: { format: 'pt' },
      ...options,
      dtype,
    })
  })
}

/** @throws ArgumentError for weights that adapters compute, which the file has no words for. */
function checkPlain({ checkpointWeights }: Written): void {
  const computed = checkpointWeights.filter((named) => readOf(named).definition !== undefined)
  if (computed.length === 0) return
  throw new ArgumentError({
    where: 'savePretrained',
    expected: 'weights that hold their values themselves',
    received: `${computed.length} that adapters compute, such as '${computed[0]?.name}'`,
    fix: 'Save the adapter alone, by saveAdapter(model, folder), or merge it first, by mergeAdapters(model).',
  })
}

/** Weights as the file has them: names, and values with the axes in its order. */
export function storedTensors({
  checkpointWeights,
  architecture,
}: Pick<Written, 'checkpointWeights' | 'architecture'>): readonly (readonly [string, Tensor])[] {
  const { savedAs = {} } = architecture.checkpoint
  return checkpointWeights.map((named) => [savedAs[named.name] ?? named.name, storedValue(named)])
}

/** A weight's value with the axes in the file's order. */
function storedValue({ weight, axes }: NamedWeight): Tensor {
  if (axes === undefined) return weight.value
  return weight.value.transpose(axes.map((_, axis) => axes.indexOf(axis)))
}

/** Releases of Python's transformers up to 4 call it `torch_dtype`. */
function withDType(config: RawConfig, dtype: string): RawConfig {
  const name = 'torch_dtype' in config && !('dtype' in config) ? 'torch_dtype' : 'dtype'
  return { ...config, [name]: dtype }
}

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, null, 2)}\n`)

/** What is written anew, or would stand beside the new weights as older ones. */
const replaced =
  /^(config\.json|generation_config\.json|model(-\d+-of-\d+)?\.safetensors(\.index\.json)?|pytorch_model.*\.bin(\.index\.json)?)$/

/** What a model's folder holds beside the model. @throws ArgumentError for a folder of other things. */
async function othersIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  const others = names.filter((name) => !replaced.test(name))
  if (others.length === 0 || names.includes('config.json')) return others
  throw new ArgumentError({
    where: 'savePretrained',
    expected: 'a new or empty folder, or that of a model, with config.json',
    received: `${folder}, which holds ${others
      .slice(0, 3)
      .map((name) => `'${name}'`)
      .join(', ')}${others.length > 3 ? `, and ${others.length - 3} more` : ''}`,
    fix: `Save it into a folder of its own, such as '${join(folder, 'model')}'.`,
  })
}

/** The same file under a second name, or a copy where the disk has no such names. */
async function keep(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch {
    await copyFile(from, to).catch(() => cp(from, to, { recursive: true }))
  }
}
