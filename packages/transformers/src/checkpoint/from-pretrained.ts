import { type HubOptions, hubChecks } from '@typegrad/hub/options'
import { readSafetensors, type WeightsReport } from 'typegrad'
import { checkOptions, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import type { RawConfig } from '../base/config.ts'
import { misfits, planOf } from './checkpoint-plan.ts'
import { modelFolder } from './model-folder.ts'
import { PretrainedModel } from './pretrained-model.ts'

export interface FromPretrainedOptions extends HubOptions {
  /** Hugging Face's class, such as `GPT2LMHeadModel`. Default: the one that `config.json` names. */
  readonly className?: string
  /**
   * Entries in the place of those of `config.json`, such as the classes of a new head: `{ id2label: { 0: 'bad', 1: 'good' } }`.
   * Default none.
   */
  readonly config?: RawConfig
  /**
   * What the weights become in memory. Networks compute in float32, which is all that there is: float16, bfloat16 and float8
   * of a checkpoint are widened. Default `'float32'`.
   */
  readonly dtype?: 'float32'
  /**
   * Whether each weight of the network has to be in the checkpoint, and no other tensor. Default true; false leaves weights
   * that are missing, such as a head that is to be trained, at their beginning, and leaves out what the network does not have.
   * Tensors of another shape are refused even then.
   */
  readonly strict?: boolean
  /**
   * Whether tensors of another shape are left out and their weights begin anew, such as a head for more classes: Python's
   * `ignore_mismatched_sizes`. Default false.
   */
  readonly ignoreMismatched?: boolean
}

const fromPretrainedChecks = optionsOf<FromPretrainedOptions>()({
  className: checks.string,
  config: checks.named,
  dtype: checks.oneOf('float32'),
  strict: checks.boolean,
  ignoreMismatched: checks.boolean,
  ...hubChecks,
})

/**
 * A transformer as Hugging Face lays it out: `config.json` with `model.safetensors`, or with several files and their index.
 * Weights that the file has as the network needs them are mapped, and take no memory of their own until they are trained.
 *
 * @param folderOrHubId a folder on this machine, or the name of a model of the hub (`org/name`), which is downloaded once,
 * into the cache that Python uses too. A folder of that name goes first.
 * @throws FormatError for a folder that has no such files, a damaged one, and tensors that are missing, too many or of another
 * shape, all named at once: then nothing is loaded. ArgumentError for an architecture that is not known, and a model that the
 * hub does not have; StateError where the hub does not answer, or `offline` finds nothing.
 * @example
 * const model = await fromPretrained('models/gpt2')
 * const classifier = await fromPretrained('models/bert', {
 *   className: 'BertForSequenceClassification',
 *   config: { id2label: { 0: 'bad', 1: 'good' } },
 *   strict: false, // the head begins anew
 * })
 * console.log(classifier.begunAnew) // ['classifier.weight', 'classifier.bias']
 * const fetched = await fromPretrained('openai-community/gpt2', { onProgress: ({ file, bytes, total }) => {} })
 */
export async function fromPretrained(
  folderOrHubId: string,
  options: FromPretrainedOptions = {},
): Promise<PretrainedModel> {
  checkOptions('fromPretrained', options, fromPretrainedChecks)
  const { className, config: more, strict = true, ignoreMismatched = false, dtype: _, ...fetching } = options
  const { localFolder } = await import('./local-folder.node.ts')
  const files = localFolder(await modelFolder(folderOrHubId, fetching))
  const [config, generationConfig, weights] = [
    await files.config(),
    await files.generationConfig(),
    await files.weights(),
  ]
  options.signal?.throwIfAborted()
  const model = new PretrainedModel({ ...config, ...more }, className)
  model.generationConfig = generationConfig
  await loadCheckpoint(model, weights, { strict, ignoreMismatched })
  return model
}

/**
 * Gives a model's network the weights of a checkpoint's file, or of the index of several. Nothing is changed unless all fits.
 *
 * @param options as for {@link fromPretrained}.
 */
export async function loadCheckpoint(
  model: PretrainedModel,
  path: string,
  {
    strict = true,
    ignoreMismatched = false,
  }: { readonly strict?: boolean; readonly ignoreMismatched?: boolean } = {},
): Promise<WeightsReport> {
  const weights = model.checkpointWeights
  const file = await readSafetensors(path)
  const { className: network } = model.network
  const plan = planOf(file, weights, model.architecture.checkpoint, network)
  const failure = misfits(file, plan, weights.length, { strict, ignoreMismatched, network })
  if (failure !== undefined) throw failure
  const report = await model.loadWeights(path, {
    map: (name) => {
      const weight = plan.weights.get(name)
      return weight === undefined ? null : `network/${weight.path}`
    },
    transpose: (name) => plan.weights.get(name)?.axes,
    strict: plan.weights.size === weights.length,
  })
  const found = new Set(plan.weights.values())
  model.begunAnew = weights.filter((weight) => !found.has(weight)).map(({ name }) => name)
  return report
}
