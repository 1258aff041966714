import { join } from 'node:path'
import { readSafetensors } from 'typegrad'
import { FormatError } from 'typegrad/core'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import { readJsonIfAny } from '../base/json-file.node.ts'
import { localFolder } from '../checkpoint/local-folder.node.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { type PoolingMode, poolingModes } from './pooling.ts'
import type { SentenceModule, SentenceModules } from './sentence-modules.ts'

/** What of a folder of sentence-transformers is read before the encoder is. */
export interface SentenceFolder extends SentenceModules {
  /** The encoder's `config.json`. */
  readonly config: RawConfig
  readonly encoderFolder: string
}

/** @throws FormatError for files that are missing or damaged, and modules that are not known. */
export async function readSentenceFolder(folder: string): Promise<SentenceFolder> {
  const listed = await readJsonIfAny(join(folder, 'modules.json'))
  const entries = listed === undefined ? [] : entriesOf(listed, join(folder, 'modules.json'))
  const [first, ...rest] = entries
  if (first !== undefined && first.kind !== 'Transformer') throw unknownModule(folder, first, ['Transformer'])
  const encoderFolder = join(folder, first?.path ?? '')
  const modules: SentenceModule[] = []
  for (const entry of rest) modules.push(await moduleOf(folder, entry))
  const settings = await settingsIn(encoderFolder, 'sentence_bert_config.json')
  const prompts = (await settingsIn(folder, 'config_sentence_transformers.json')).within('prompts')
  return {
    encoderFolder,
    config: await localFolder(encoderFolder).config(),
    modules: entries.length === 0 ? [{ kind: 'pooling', modes: ['mean'] }] : modules,
    maxLength: settings.raw.max_seq_length == null ? undefined : settings.count('max_seq_length'),
    prompts: Object.fromEntries(
      Object.keys(prompts?.raw ?? {}).map((name) => [name, (prompts as ConfigReader).string(name)]),
    ),
  }
}

interface ModuleEntry {
  /** The class's name. */
  readonly kind: string
  readonly path: string
}

function entriesOf(listed: unknown, where: string): readonly ModuleEntry[] {
  if (!Array.isArray(listed) || listed.length === 0) {
    throw new FormatError({ where, expected: 'a list of modules', received: JSON.stringify(listed) })
  }
  return listed.map((one, i) => {
    const reader = new ConfigReader(one, `${where}: ${i}`)
    // The classes have moved within the package: sentence_transformers.models.Pooling.
    return { kind: reader.string('type').split('.').at(-1) as string, path: reader.string('path', '') }
  })
}

async function moduleOf(folder: string, entry: ModuleEntry): Promise<SentenceModule> {
  if (entry.kind === 'Normalize') return { kind: 'normalize' }
  const within = join(folder, entry.path)
  if (entry.kind === 'Pooling') return poolingOf(await settingsIn(within, 'config.json'))
  if (entry.kind === 'Dense') return await denseOf(within)
  throw unknownModule(folder, entry, ['Pooling', 'Dense', 'Normalize'])
}

function unknownModule(folder: string, { kind }: ModuleEntry, known: readonly string[]): FormatError {
  return new FormatError({
    where: join(folder, 'modules.json'),
    expected: `a module that is known here (${known.join(', ')})`,
    received: `'${kind}'`,
  })
}

/** Old configurations have a flag for each mode; those of several stand behind each other in this order. */
const flags: Readonly<Record<PoolingMode, string>> = {
  cls: 'pooling_mode_cls_token',
  max: 'pooling_mode_max_tokens',
  mean: 'pooling_mode_mean_tokens',
  mean_sqrt_len_tokens: 'pooling_mode_mean_sqrt_len_tokens',
  weightedmean: 'pooling_mode_weightedmean_tokens',
  lasttoken: 'pooling_mode_lasttoken',
}

function poolingOf(config: ConfigReader): SentenceModule {
  config.refuse('include_prompt', 'true: prompts are pooled like the text', (value) => value === false)
  const { pooling_mode: given } = config.raw
  const named = Array.isArray(given) ? config.strings('pooling_mode') : undefined
  const unknown = named?.find((mode) => !poolingModes.some((known) => known === mode))
  if (named !== undefined && unknown === undefined && named.length > 0) {
    return { kind: 'pooling', modes: poolingModes.filter((mode) => named.includes(mode)) }
  }
  if (given != null) return { kind: 'pooling', modes: [config.oneOf('pooling_mode', poolingModes)] }
  const flagged = poolingModes.filter((mode) => config.boolean(flags[mode], false))
  return { kind: 'pooling', modes: flagged.length === 0 ? ['mean'] : flagged }
}

/** PyTorch's classes of activations by the names of {@link activationOf}. */
const activations: Readonly<Record<string, string>> = {
  Identity: 'linear',
  Tanh: 'tanh',
  ReLU: 'relu',
  GELU: 'gelu',
  SiLU: 'silu',
  Sigmoid: 'sigmoid',
}

async function denseOf(folder: string): Promise<SentenceModule> {
  const config = await settingsIn(folder, 'config.json')
  config.refuse('use_residual', 'false', (value) => value === true)
  const units = config.count('out_features')
  const inputs = config.count('in_features')
  const useBias = config.boolean('bias', true)
  const file = await readSafetensors(join(folder, 'model.safetensors'))
  const wanted = [
    ['linear.weight', [units, inputs]] as const,
    ...(useBias ? [['linear.bias', [units]] as const] : []),
  ]
  for (const [name, shape] of wanted) {
    const received = file.tensors.get(name)?.shape
    if (String(received) === String(shape)) continue
    throw new FormatError({
      where: file.name,
      expected: `'${name}' of shape [${shape.join(', ')}]`,
      received: received === undefined ? 'none' : `[${received.join(', ')}]`,
    })
  }
  const kernel = (await file.tensor('linear.weight')).transpose().cast('float32')
  const weights = useBias ? [kernel, (await file.tensor('linear.bias')).cast('float32')] : [kernel]
  const activationName = config.string('activation_function', 'torch.nn.modules.activation.Tanh')
  return { kind: 'dense', units, weights, activation: activationBy(activationName), activationName }
}

function activationBy(name: string): ActivationFunction {
  const known = activations[name.split('.').at(-1) as string]
  return activationOf(known ?? name)
}

async function settingsIn(folder: string, file: string): Promise<ConfigReader> {
  return new ConfigReader((await readJsonIfAny(join(folder, file))) ?? {}, join(folder, file))
}
