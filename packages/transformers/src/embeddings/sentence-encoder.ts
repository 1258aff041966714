import type { HubOptions } from '@typegrad/hub'
import { Functional, layers, ops, type Tensor } from 'typegrad'
import { Layer } from 'typegrad/layers'
import type { RawConfig } from '../base/config.ts'
import { fromPretrained } from '../checkpoint/from-pretrained.ts'
import { folderOf } from '../checkpoint/model-folder.ts'
import { functionalOf, type PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { ActivationFunction } from '../layers/activation.ts'
import { Network, type NetworkContext, type NetworkInput } from '../layers/network.ts'
import { architectureOf } from '../models/registry.ts'
import { poolStates } from './pooling.ts'
import type { SaveSentenceOptions, SentenceModule, SentenceModules } from './sentence-modules.ts'

class Projection extends Layer {
  readonly className = 'Projection'
  readonly linear
  readonly activation: ActivationFunction

  constructor({ units, activation, weights }: SentenceModule & { readonly kind: 'dense' }) {
    super()
    this.activation = activation
    this.linear = layers.dense({ units, useBias: weights.length > 1 })
    this.linear.ensureBuilt([null, (weights[0] as Tensor).shape[0] as number])
    this.linear.setWeights(weights)
  }

  call(x: Tensor): Tensor {
    return this.activation(this.linear.apply(x))
  }
}

/** An encoder with what makes one vector of its states: (batch, length) → sentence_embedding (batch, dimensions). */
class SentenceNetwork extends Network {
  readonly className = 'SentenceNetwork'
  readonly takes: readonly NetworkInput[]
  readonly body: Network
  readonly projections: readonly (Projection | undefined)[]
  readonly #modules: readonly SentenceModule[]

  constructor(body: Network, modules: readonly SentenceModule[]) {
    super()
    this.takes = body.takes
    this.body = body
    this.#modules = modules
    this.projections = modules.map((module) => (module.kind === 'dense' ? new Projection(module) : undefined))
  }

  override checkInput(...given: Parameters<Network['checkInput']>): Promise<unknown> | undefined {
    return this.body.checkInput(...given)
  }

  hiddenStates(x: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.body.hiddenStates(x, context)
  }

  override outputs(ids: Tensor, context: NetworkContext): { readonly sentence_embedding: Tensor } {
    let x = this.hiddenStates(ids, context).at(-1) as Tensor
    for (const [i, module] of this.#modules.entries()) {
      if (module.kind === 'pooling') x = poolStates(x, context.attentionMask, module.modes)
      else if (module.kind === 'normalize') x = ops.normalize(x)
      else x = (this.projections[i] as Projection).apply(x)
    }
    return { sentence_embedding: x }
  }
}

/**
 * A model that gives one vector for each text, such that texts that mean similar things have similar vectors. It takes what
 * its encoder takes and gives `sentence_embedding`; it predicts, trains and exports like any other model of typegrad.
 *
 * Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084
 */
export class SentenceEncoder extends Functional<{ readonly sentence_embedding: Tensor }> {
  override readonly className = 'SentenceEncoder'
  /** The encoder alone. Its weights are this model's. */
  readonly base: PretrainedModel
  readonly network: SentenceNetwork
  /** What follows the encoder, as its folder said. Dense layers have their weights in `network.projections`. */
  readonly modules: readonly SentenceModule[]
  /** How many tokens of a text are read; undefined for as many as the encoder can. */
  readonly maxLength: number | undefined
  /** What texts of a kind begin with, by names such as `query`. */
  readonly prompts: Readonly<Record<string, string>>

  constructor(base: PretrainedModel, { modules, maxLength, prompts }: SentenceModules) {
    const network = new SentenceNetwork(base.network, modules)
    super(functionalOf(network))
    this.base = base
    this.network = network
    this.modules = modules
    this.maxLength = maxLength
    this.prompts = prompts
  }

  /** How many numbers a vector has. */
  get width(): number {
    return this.modelOutputs[0]?.shape?.at(-1) as number
  }

  override get listedLayers(): readonly Layer[] {
    return []
  }

  /**
   * Writes the folder of a sentence-transformers model, which Python's `SentenceTransformer(folder)` and
   * `loadSentenceEncoder(folder)` open: the encoder, what follows it, prompts and the tokenizer's files.
   *
   * @param folder a new or empty folder, or that of a model. Node only.
   * @throws ArgumentError for a folder that holds other things and no model.
   * @example
   * await encoder.savePretrained('models/mine', { tokenizerFrom: 'models/all-MiniLM-L6-v2' })
   */
  async savePretrained(folder: string, options: SaveSentenceOptions = {}): Promise<void> {
    const { saveSentenceFolder } = await import('./save-sentence-folder.node.ts')
    await saveSentenceFolder(this, folder, options)
  }
}

/**
 * A model of sentence-transformers from its folder: the encoder, `modules.json` with the configurations of pooling,
 * normalization and dense layers, and `sentence_bert_config.json`. A folder without `modules.json` is an encoder whose states
 * are averaged, as in Python.
 *
 * @param folderOrHubId a folder on this machine, or the name of a model of the hub, as `fromPretrained` takes them.
 * @throws as `fromPretrained`; FormatError for modules that are damaged or not known.
 * @example
 * const encoder = await loadSentenceEncoder('models/all-MiniLM-L6-v2')
 * const { sentence_embedding } = await encoder.predict({
 *   input_ids: [[101, 7592, 102]],
 *   attention_mask: [[1, 1, 1]],
 *   token_type_ids: [[0, 0, 0]],
 * }) // (1, 384)
 */
export async function loadSentenceEncoder(
  folderOrHubId: string,
  options: HubOptions = {},
): Promise<SentenceEncoder> {
  const folder = await folderOf('loadSentenceEncoder', folderOrHubId, options)
  const { readSentenceFolder } = await import('./sentence-folder.node.ts')
  const { config, encoderFolder, ...modules } = await readSentenceFolder(folder)
  const base = await fromPretrained(encoderFolder, { className: bodyClassOf(config) })
  return new SentenceEncoder(base, modules)
}

/** The class of the network without a head, which is the first of an architecture. */
const bodyClassOf = (config: RawConfig): string => Object.keys(architectureOf(config).networks)[0] as string
