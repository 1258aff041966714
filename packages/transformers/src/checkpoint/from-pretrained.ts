import type { WeightsReport } from 'typegrad'
import { fitsAny } from '../base/wildcard.ts'
import { localFolder } from './local-folder.node.ts'
import { PretrainedModel } from './pretrained-model.ts'

export interface FromPretrainedOptions {
  /** Hugging Face's class, such as `GPT2LMHeadModel`. Default: the one that `config.json` names. */
  readonly className?: string
  /**
   * Whether each weight of the network has to be in the checkpoint. Default true; false leaves new ones, such as a head that
   * is to be trained, at their beginning.
   */
  readonly strict?: boolean
}

/**
 * A transformer from a folder as Hugging Face lays it out: `config.json` with `model.safetensors`, or with several files and
 * their index. Weights of another width (bfloat16, float16, float8) become float32.
 *
 * @throws FormatError for a folder that has no such files, a damaged one, and tensors that are missing, too many or of another
 * shape, all named at once; ArgumentError for an architecture that is not known.
 * @example
 * const model = await fromPretrained('models/gpt2')
 */
export async function fromPretrained(
  folder: string,
  options: FromPretrainedOptions = {},
): Promise<PretrainedModel> {
  const files = localFolder(folder)
  const model = new PretrainedModel(await files.config(), options.className)
  await loadCheckpoint(model, await files.weights(), options)
  return model
}

/** Gives a model's network the weights of a checkpoint's file, or of the index of several. */
export async function loadCheckpoint(
  model: PretrainedModel,
  file: string,
  { strict = true }: FromPretrainedOptions = {},
): Promise<WeightsReport> {
  const { prefix, ignored = [], olderNames = {} } = model.architecture.checkpoint
  const known = new Map(model.checkpointWeights.map((weight) => [weight.name, weight]))
  /** A checkpoint of the body alone, or of a body with another head, has the body's weights under other names. */
  const named = (name: string) =>
    known.get(name) ??
    known.get(`${prefix}.${name}`) ??
    (name.startsWith(`${prefix}.`) ? known.get(name.slice(prefix.length + 1)) : undefined)
  const weightOf = (name: string) => {
    const end = name.slice(name.lastIndexOf('.') + 1)
    const newer = olderNames[end]
    return named(name) ?? (newer === undefined ? undefined : named(name.slice(0, -end.length) + newer))
  }
  return await model.loadWeights(file, {
    map: (name) => {
      const weight = weightOf(name)
      if (weight !== undefined) return `network/${weight.path}`
      return fitsAny(ignored, name) || !strict ? null : undefined
    },
    transpose: (name) => weightOf(name)?.axes,
    strict,
  })
}
