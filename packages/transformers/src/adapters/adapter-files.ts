import type { HubOptions } from '@typegrad/hub'
import type { SafetensorsFile, Tensor } from 'typegrad'
import {
  ArgumentError,
  checkOptions,
  FormatError,
  formatShape,
  isFloating,
  optionsOf,
  sameShape,
} from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { modelFolder } from '../checkpoint/model-folder.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { SentenceEncoder } from '../embeddings/sentence-encoder.ts'
import { fromPeftConfig, toPeftConfig } from './adapter-config.ts'
import { heldAdapter, stateOf } from './adapter-state.ts'
import { checkNewAdapter, checkPissa, holdAdapter } from './adapters.ts'
import { planAdapter, type StoredVariable } from './plan.ts'
import { PromptedModel } from './prompted-model.ts'

export interface SaveAdapterOptions {
  /** Which adapter. Default: the one at work. */
  readonly name?: string
  /** Where the base is found, a folder or a name of the hub: PEFT's `AutoPeftModel` looks there. Default: not said. */
  readonly baseModel?: string
}

const saveChecks = optionsOf<SaveAdapterOptions>()({ name: checks.string, baseModel: checks.string })

/**
 * Writes an adapter as PEFT reads it: `adapter_config.json` and `adapter_model.safetensors`. Node only.
 *
 * @param trained of a sentence encoder the adapter is that of its encoder; of a prompted model it is the prompt.
 * @param folder made if need be; other files in it stay.
 * @throws ArgumentError for a name that the model does not have.
 * @example
 * await saveAdapter(model, 'runs/french', { name: 'french', baseModel: 'openai-community/gpt2' })
 */
export async function saveAdapter(
  trained: PretrainedModel | SentenceEncoder,
  folder: string,
  options: SaveAdapterOptions = {},
): Promise<void> {
  checkOptions(
    'saveAdapter',
    { path: folder },
    optionsOf<{ path: string }>()({ path: checks.needed(checks.path) }),
  )
  checkOptions('saveAdapter', options, saveChecks)
  const model = trained instanceof SentenceEncoder ? trained.base : trained
  if (model instanceof PromptedModel) {
    return await model.saveAdapter(folder, { baseModel: options.baseModel ?? null })
  }
  const state = stateOf(model)
  const { active, held, merged } = state
  const working = merged?.active ?? active
  const name = options.name ?? (working.length === 1 ? working[0] : undefined)
  if (name === undefined) {
    throw new ArgumentError({
      where: 'saveAdapter: name',
      expected: `one of the model's adapters (${[...held.keys()].map((one) => `'${one}'`).join(', ') || 'it has none'})`,
      received: `none, and ${working.length} are at work`,
    })
  }
  const { config, stored, isInOut } = heldAdapter('saveAdapter', state, name)
  const { className } = model.network
  const { writeAdapterFiles } = await import('./save-adapter.node.ts')
  await writeAdapterFiles(
    folder,
    toPeftConfig(config, { className, isInOut, baseModel: options.baseModel ?? null }),
    stored.map(({ names, variable, toFile }) => [`base_model.model.${names.at(-1)}`, toFile(variable.value)]),
  )
}

export interface LoadAdapterOptions extends HubOptions {
  /** Whether training changes the adapter while it is at work. Default false. */
  readonly trainable?: boolean
}

/**
 * Loads an adapter that PEFT, or {@link saveAdapter}, has written, and puts it to work. The model keeps those that it has;
 * `setAdapter` chooses. Node only.
 *
 * @param folderOrHubId a folder with `adapter_config.json` and `adapter_model.safetensors`, or a name of the hub.
 * @param name of the adapter in this model. Default `'default'`.
 * @throws FormatError for a folder that has no such files, methods that are not known here, and tensors that are missing, too
 * many or of another shape (an adapter for another base, rank or layer), all named at once: then nothing is changed.
 * ArgumentError for a name in use; StateError while adapters are merged.
 * @example
 * await loadAdapter(model, 'runs/french', 'french')
 * await loadAdapter(model, 'runs/german', 'german')
 * setAdapter(model, 'french')
 */
export async function loadAdapter(
  model: PretrainedModel,
  folderOrHubId: string,
  name = 'default',
  { trainable = false, ...hub }: LoadAdapterOptions = {},
): Promise<void> {
  checkNewAdapter('loadAdapter', model, name)
  checkOptions(
    'loadAdapter',
    { trainable },
    optionsOf<{ trainable?: boolean }>()({ trainable: checks.boolean }),
  )
  const folder = await modelFolder(folderOrHubId, hub)
  const { readAdapterConfig, readAdapterTensors } = await import('./read-adapter.node.ts')
  const { raw, path } = await readAdapterConfig(folder)
  const config = fromPeftConfig(raw, path)
  const file = await readAdapterTensors(folder)
  const plan = planAdapter('loadAdapter', model, config, name, true)
  checkPissa('loadAdapter', model, plan)
  const found = tensorsOf(file, plan.stored, model)
  const values = await Promise.all(
    plan.stored.map(async (stored) => {
      const value: Tensor = await file.tensor(found.get(stored) as string)
      return stored.fromFile(value.cast('float32'))
    }),
  )
  await holdAdapter(model, plan, { name, trainable })
  for (const [i, { variable }] of plan.stored.entries()) variable.assign(values[i] as Tensor)
}

/**
 * The file's name of each variable.
 *
 * @throws FormatError for all that does not fit.
 */
function tensorsOf(
  file: SafetensorsFile,
  stored: readonly StoredVariable[],
  { network }: PretrainedModel,
): ReadonlyMap<StoredVariable, string> {
  const byName = new Map(stored.flatMap((one) => one.names.map((name) => [name, one] as const)))
  const found = new Map<StoredVariable, string>()
  const unexpected: string[] = []
  const mismatched: string[] = []
  for (const [name, info] of file.tensors) {
    const one = byName.get(name.replace(/^base_model\.model\./, ''))
    if (one === undefined) unexpected.push(`'${name}'`)
    else {
      found.set(one, name)
      if (!isFloating(info.dtype) || !sameShape(info.shape, one.shape))
        mismatched.push(
          `'${name}' ${info.stored} ${formatShape(info.shape)}, expected ${formatShape(one.shape)}`,
        )
    }
  }
  const missing = stored.filter((one) => !found.has(one)).map(({ names }) => `'${names.at(-1)}'`)
  const parts = [
    ...(missing.length > 0 ? [`nothing for ${listed(missing)}`] : []),
    ...(unexpected.length > 0 ? [`besides ${listed(unexpected)}`] : []),
    ...(mismatched.length > 0 ? [`of another shape or dtype ${listed(mismatched)}`] : []),
  ]
  if (parts.length === 0) return found
  throw new FormatError({
    where: file.name,
    expected: `an adapter's ${stored.length} tensors for ${network.className}, of the ranks of adapter_config.json`,
    received: parts.join('; '),
    fix: 'The adapter is for another base, or its two files are not of the same adapter. Nothing has been loaded.',
  })
}

/** As many names as a reader looks at. */
function listed(items: readonly string[], most = 12): string {
  const rest = items.length - most
  return `${items.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}
