import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type layers, writeSafetensors } from 'typegrad'
import { ArgumentError, checkOptions, optionsOf } from 'typegrad/core'
import { replaceFolderAtomically } from 'typegrad/formats'
import { checks } from 'typegrad/layers'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { SaveSentenceOptions, SentenceModule, SentenceModules } from './sentence-modules.ts'

const saveChecks = optionsOf<SaveSentenceOptions>()({
  dtype: checks.oneOf('float32', 'float16', 'bfloat16'),
  maxShardBytes: checks.positive,
  tokenizerFrom: checks.path,
})

/** What tokenizers are made of, by the names that Python looks for. */
const tokenizerFiles =
  /^(tokenizer.*\.json|special_tokens_map\.json|added_tokens\.json|vocab\.(txt|json)|merges\.txt|.*\.model)$/

/** What is written of a sentence encoder. */
interface Written extends SentenceModules {
  readonly base: Pick<PretrainedModel, 'config' | 'savePretrained'>
  readonly network: { readonly projections: readonly ({ readonly linear: layers.Dense } | undefined)[] }
}

/** As `SentenceEncoder.savePretrained` says. */
export async function saveSentenceFolder(
  encoder: Written,
  folder: string,
  options: SaveSentenceOptions,
): Promise<void> {
  checkOptions('savePretrained', options, saveChecks)
  const { tokenizerFrom = folder, ...weightOptions } = options
  const present = await readdir(folder).catch((): string[] => [])
  if (present.length > 0 && !present.includes('config.json')) {
    throw new ArgumentError({
      where: 'savePretrained',
      expected: 'a new or empty folder, or that of a model, with config.json',
      received: `${folder}, which holds '${present[0]}'`,
      fix: `Save it into a folder of its own, such as '${join(folder, 'model')}'.`,
    })
  }
  const kept = tokenizerFrom === folder ? present : await readdir(tokenizerFrom)
  await replaceFolderAtomically(folder, async (temporary) => {
    await encoder.base.savePretrained(temporary, weightOptions)
    for (const file of kept.filter((name) => tokenizerFiles.test(name)))
      await copyFile(join(tokenizerFrom, file), join(temporary, file))
    const entries = encoder.modules.map((module, i) => entryOf(module, i + 1))
    await writeJson(temporary, 'modules.json', [
      { idx: 0, name: '0', path: '', type: 'sentence_transformers.models.Transformer' },
      ...entries,
    ])
    const { maxLength: max_seq_length = null, prompts } = encoder
    await writeJson(temporary, 'sentence_bert_config.json', { max_seq_length, do_lower_case: false })
    await writeJson(temporary, 'config_sentence_transformers.json', {
      ...{ model_type: 'SentenceTransformer', prompts, default_prompt_name: null },
      similarity_fn_name: 'cosine',
    })
    for (const [i, module] of encoder.modules.entries())
      await writeModule(join(temporary, entries[i]?.path ?? ''), module, i, encoder)
  })
}

/** The classes of sentence-transformers. */
const classes: Readonly<Record<SentenceModule['kind'], string>> = {
  pooling: 'Pooling',
  normalize: 'Normalize',
  dense: 'Dense',
}

function entryOf({ kind }: SentenceModule, idx: number) {
  const type = `sentence_transformers.models.${classes[kind]}`
  return { idx, name: String(idx), path: `${idx}_${classes[kind]}`, type }
}

async function writeModule(
  folder: string,
  module: SentenceModule,
  index: number,
  { network, base }: Written,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  if (module.kind === 'normalize') return
  if (module.kind === 'pooling') {
    const width = Number(base.config.hidden_size ?? base.config.dim ?? base.config.d_model)
    const [mode] = module.modes
    await writeJson(folder, 'config.json', {
      embedding_dimension: width,
      pooling_mode: module.modes.length === 1 ? mode : module.modes,
      include_prompt: true,
    })
    return
  }
  const [kernel, bias] = network.projections[index]?.linear.weights ?? []
  await writeJson(folder, 'config.json', {
    in_features: kernel?.shape[0],
    out_features: module.units,
    bias: bias !== undefined,
    activation_function: module.activationName,
  })
  await writeSafetensors(
    join(folder, 'model.safetensors'),
    [
      ...(kernel === undefined ? [] : [['linear.weight', kernel.value.transpose()] as const]),
      ...(bias === undefined ? [] : [['linear.bias', bias.value] as const]),
    ],
    { metadata: { format: 'pt' } },
  )
}

const writeJson = (folder: string, file: string, value: unknown): Promise<void> =>
  writeFile(join(folder, file), `${JSON.stringify(value, null, 2)}\n`)
