import type { HubOptions } from '@typegrad/hub'
import { ops, type Tensor, tensor, type Variable } from 'typegrad'
import { ArgumentError, FormatError, formatShape, type Shape, StateError, sameShape } from 'typegrad/core'
import { ConfigReader } from '../base/config.ts'
import { modelFolder } from '../checkpoint/model-folder.ts'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import {
  type Cache,
  type CacheSizes,
  CausalLM,
  Network,
  type NetworkContext,
  type NetworkInput,
} from '../layers/network.ts'
import { isVector, vectorOf } from '../layers/word-states.ts'
import {
  type PrefixTuningConfig,
  type PromptTuningConfig,
  promptFromPeft,
  promptToPeft,
} from './prompt-config.ts'

/** Learnt keys and values in front of those of each attention. */
class PrefixCache implements Cache {
  readonly offset: Tensor
  readonly #prefix: Tensor

  /** @param prefix (tokens, 2 · blocks, heads, dim): of each block keys, then values. */
  constructor(prefix: Tensor) {
    this.#prefix = prefix
    this.offset = tensor(prefix.shape[0] as number, { dtype: 'int32' })
  }

  extend(block: number, keys: Tensor, values: Tensor) {
    const behind = (which: number, x: Tensor): Tensor => {
      const [batch, , heads, dim] = x.shape as readonly [number, number, number, number]
      const own = ops.at(this.#prefix, 2 * block + which, 1).expandDims(0)
      return ops.concat([own.broadcastTo([batch, own.shape[1] as number, heads, dim]), x], 1)
    }
    return { keys: behind(0, keys), values: behind(1, values) }
  }
}

/** Learnt keys and values in the place of those of ids below 0, in a cache that keeps all others. */
class VectorCache implements Cache {
  readonly offset: Tensor
  readonly #cache: Cache
  readonly #prefix: Tensor
  readonly #ids: Tensor

  /** @param prefix (tokens, 2 · blocks, heads, dim): of each block keys, then values. */
  constructor(cache: Cache, prefix: Tensor, ids: Tensor) {
    this.offset = cache.offset
    this.#cache = cache
    this.#prefix = prefix
    this.#ids = ids
  }

  extend(block: number, keys: Tensor, values: Tensor) {
    const own = (which: number, x: Tensor): Tensor => {
      const vectors = ops.gather(
        ops.at(this.#prefix, 2 * block + which, 1),
        vectorOf(this.#ids, this.#prefix),
      )
      return ops.where(isVector(this.#ids).expandDims(-1).expandDims(-1), vectors, x)
    }
    return this.#cache.extend(block, own(0, keys), own(1, values))
  }
}

/** What generates with a prompted network: its decoder, which reads the vectors into its cache as ids below 0. */
class PromptedGenerator extends CausalLM {
  readonly className = 'PromptedGenerator'
  readonly takes: readonly NetworkInput[]
  readonly body: CausalLM
  readonly maxPositions: number
  readonly cacheSizes: CacheSizes
  readonly #behind: PromptedNetwork

  constructor(behind: PromptedNetwork) {
    super()
    this.takes = behind.takes
    this.body = behind.body
    this.maxPositions = behind.maxPositions
    this.cacheSizes = behind.body.cacheSizes
    this.#behind = behind
  }

  override get vectorsInFront(): number {
    return this.#behind.config.tokens
  }

  features(ids: Tensor, context: NetworkContext): Tensor {
    const { cache } = context
    if (cache === undefined) return this.body.features(ids, context)
    const behind = this.#behind
    if (behind.config.kind === 'prompt')
      return this.body.features(ids, { ...context, prompt: behind.vectors.value })
    const kept = new VectorCache(cache, behind.prefix, ids)
    return this.body.features(ids.clip({ min: 0 }), { ...context, cache: kept })
  }

  head(states: Tensor): Tensor {
    return this.body.head(states)
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.body.hiddenStates(ids, context)
  }
}

/** A decoder behind learnt vectors; gives what the decoder gives for the words. */
class PromptedNetwork extends Network {
  readonly className = 'PromptedNetwork'
  readonly takes: readonly NetworkInput[]
  readonly body: CausalLM
  readonly config: PromptTuningConfig | PrefixTuningConfig
  readonly #shape: Shape
  #vectors!: Variable
  #generator: CausalLM | undefined

  constructor(body: CausalLM, config: PromptTuningConfig | PrefixTuningConfig, shape: Shape) {
    super()
    this.takes = body.takes
    this.body = body
    this.config = config
    this.#shape = shape
    this.ensureBuilt([null, null])
  }

  override build(): void {
    // As PyTorch's Embedding begins.
    const initializer = { className: 'RandomNormal', config: { stddev: 1 } }
    this.#vectors = this.addWeight({ name: 'prompt_embeddings', shape: this.#shape, initializer })
  }

  /** Those that the vectors leave for words. */
  get maxPositions(): number {
    return this.body.maxPositions - this.config.tokens
  }

  /** (tokens, width); of a prefix (tokens, 2 · blocks · heads · dim). */
  get vectors(): Variable {
    return this.#vectors
  }

  /** A prefix's vectors as caches have them: (tokens, 2 · blocks, heads, dim). */
  get prefix(): Tensor {
    const { blocks, keyHeads, dim } = this.body.cacheSizes
    return this.#vectors.value.reshape([this.config.tokens, 2 * blocks, keyHeads, dim])
  }

  override get generator(): CausalLM {
    this.#generator ??= new PromptedGenerator(this)
    return this.#generator
  }

  override checkInput(...given: Parameters<Network['checkInput']>): Promise<unknown> | undefined {
    return this.body.checkInput(...given)
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.body.hiddenStates(ids, this.#behind(ids, context))
  }

  override outputs(ids: Tensor, context: NetworkContext): { readonly logits: Tensor } {
    const { logits } = this.body.outputs(ids, this.#behind(ids, context)) as { readonly logits: Tensor }
    if (this.config.kind === 'prefix') return { logits }
    const [batch, , words] = logits.shape as readonly [number, number, number]
    const length = ids.shape[1] as number
    return { logits: logits.slice([0, this.config.tokens, 0], [batch, length, words]) }
  }

  /** What the decoder is told of what stands in front. */
  #behind(ids: Tensor, { attentionMask, ...context }: NetworkContext): NetworkContext {
    const { kind, tokens } = this.config
    const batch = ids.shape[0] as number
    const mask = attentionMask?.cast('int32')
    return {
      ...context,
      ...(mask !== undefined && {
        attentionMask: ops.concat([tensor(1, { dtype: 'int32' }).broadcastTo([batch, tokens]), mask], 1),
      }),
      ...(kind === 'prompt' ? { prompt: this.#vectors.value } : { cache: new PrefixCache(this.prefix) }),
    }
  }
}

/**
 * A decoder with a prompt or a prefix of vectors that are learnt, as PEFT's prompt and prefix tuning: it takes what the decoder
 * takes and gives its logits for the words, and generates as the decoder does. The decoder's weights are frozen and there once, whatever number of
 * prompts stands before it.
 *
 * Lester et al. 2021, https://arxiv.org/abs/2104.08691; Li and Liang 2021, https://arxiv.org/abs/2101.00190
 *
 * @example
 * const prompted = new PromptedModel(model, promptTuning({ tokens: 20 }))
 * prompted.compile({ optimizer: 'adamw', loss })
 * await prompted.fit(x, y)
 * await prompted.saveAdapter('runs/prompt')
 */
export class PromptedModel extends PretrainedModel {
  override readonly className = 'PromptedModel'
  readonly base: PretrainedModel
  /** What stands in front, as `promptTuning` or `prefixTuning` describe it. */
  readonly prompt: PromptTuningConfig | PrefixTuningConfig
  declare readonly network: PromptedNetwork

  /**
   * @param base a causal language model.
   * @param options `freezesBase`: whether its weights are frozen. Default true.
   * @throws ArgumentError for another network, more vectors than there are positions, and ids that are no words.
   */
  constructor(
    base: PretrainedModel,
    config: PromptTuningConfig | PrefixTuningConfig,
    { freezesBase = true }: { readonly freezesBase?: boolean } = {},
  ) {
    const { network: body } = base
    if (!(body instanceof CausalLM)) {
      throw new ArgumentError({
        where: 'PromptedModel',
        expected: 'a causal language model',
        received: `a ${body.className}`,
        fix: 'Adapters of weights are for any network: addAdapter(model, lora()).',
      })
    }
    if (config.tokens >= body.maxPositions) {
      throw new ArgumentError({
        where: 'PromptedModel: tokens',
        expected: `fewer vectors than the model has positions (${body.maxPositions})`,
        received: String(config.tokens),
      })
    }
    const table = tableOf(base)
    const { blocks, keyHeads, dim } = body.cacheSizes
    const width = config.kind === 'prompt' ? (table.shape[1] as number) : 2 * blocks * keyHeads * dim
    const ids = config.kind === 'prompt' ? config.initialIds : undefined
    const lost = ids?.find((id) => id >= (table.shape[0] as number))
    if (lost !== undefined) {
      throw new ArgumentError({
        where: 'PromptedModel: initialIds',
        expected: `ids of words, from 0 to ${(table.shape[0] as number) - 1}`,
        received: String(lost),
      })
    }
    const network = new PromptedNetwork(body, config, [config.tokens, width])
    super(base.config, undefined, { network })
    this.base = base
    this.prompt = config
    if (ids !== undefined) {
      const repeated = Array.from({ length: config.tokens }, (_, i) => ids[i % ids.length] as number)
      network.vectors.assign(ops.gather(table.value, tensor(repeated, { dtype: 'int32' })))
    }
    if (freezesBase) this.freezeBase()
  }

  /** Lets training change the vectors alone. */
  freezeBase(): void {
    this.freeze((_, weight) => weight !== this.network.vectors)
  }

  /** @throws StateError: a checkpoint has no place for vectors in front. */
  override savePretrained(): Promise<void> {
    throw new StateError({
      where: 'PromptedModel.savePretrained',
      expected: 'a model without a prompt',
      received: 'one with a prompt, which checkpoints have no place for',
      fix: 'saveAdapter(folder) writes the prompt; base.savePretrained(folder) what stands behind it.',
    })
  }

  /** Writes the prompt as PEFT reads it: `adapter_config.json` and `adapter_model.safetensors`. Node only. */
  async saveAdapter(
    folder: string,
    { baseModel = null }: { readonly baseModel?: string | null } = {},
  ): Promise<void> {
    const { writeAdapterFiles } = await import('./save-adapter.node.ts')
    const { blocks, keyHeads, dim } = this.network.body.cacheSizes
    const { vectors } = this.network
    // Of a prefix those of keys and values, which heads may share.
    const heads = new ConfigReader(this.config).count(['num_attention_heads', 'n_head'])
    const sizes =
      this.prompt.kind === 'prompt'
        ? { blocks, heads, width: vectors.shape[1] as number }
        : { blocks, heads: keyHeads, width: keyHeads * dim }
    const config = { ...promptToPeft(this.prompt, sizes), base_model_name_or_path: baseModel }
    await writeAdapterFiles(folder, config, [['prompt_embeddings', vectors.value]])
  }
}

/** The table of words: the model's first weight of two axes with a row for each. */
function tableOf(base: PretrainedModel): Variable {
  const found = base.checkpointWeights.find(({ layer }) => layer.className === 'ReversibleEmbedding')
  return (found as { readonly weight: Variable }).weight
}

/**
 * A decoder with a prompt or a prefix that PEFT, or `saveAdapter`, has written. Node only.
 *
 * @param folderOrHubId a folder with `adapter_config.json` and `adapter_model.safetensors`, or a name of the hub.
 * @throws FormatError for a folder that has no such files, other methods, and vectors for another base; ArgumentError for a network that is no
 * causal language model.
 * @example
 * const prompted = await loadPrompted(model, 'runs/prompt')
 */
export async function loadPrompted(
  base: PretrainedModel,
  folderOrHubId: string,
  hub: HubOptions = {},
): Promise<PromptedModel> {
  const { readAdapterConfig, readAdapterTensors } = await import('./read-adapter.node.ts')
  const folder = await modelFolder(folderOrHubId, hub)
  const { raw, path } = await readAdapterConfig(folder)
  const config = promptFromPeft(new ConfigReader(raw, path))
  const file = await readAdapterTensors(folder)
  const [name, info] = [...file.tensors][0] ?? []
  if (file.tensors.size !== 1 || name !== 'prompt_embeddings' || info === undefined) {
    throw new FormatError({
      where: file.name,
      expected: "'prompt_embeddings' alone",
      received: [...file.tensors.keys()].map((one) => `'${one}'`).join(', ') || 'no tensors',
    })
  }
  const prompted = new PromptedModel(base, config)
  const { vectors } = prompted.network
  if (!sameShape(info.shape, vectors.shape)) {
    throw new FormatError({
      where: `${file.name}: prompt_embeddings`,
      expected: `shape ${formatShape(vectors.shape)} for ${base.network.className}`,
      received: formatShape(info.shape),
      fix: 'It was learnt for another base.',
    })
  }
  vectors.assign((await file.tensor(name)).cast('float32'))
  return prompted
}
