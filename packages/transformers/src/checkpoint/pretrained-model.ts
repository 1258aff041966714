import {
  type CompileOptions,
  type Data,
  Functional,
  input,
  type StreamedBatch,
  type SymbolicTensor,
  Tensor,
  tensor,
} from 'typegrad'
import { type HostArray, Layer } from 'typegrad/layers'
import { ConfigReader, type RawConfig } from '../base/config.ts'
import type { OnnxOptions } from '../export/onnx.ts'
import { blocksOf } from '../layers/blocks.ts'
import {
  EncoderDecoder,
  type Network,
  type NetworkContext,
  type NetworkInput,
  networkInputs,
} from '../layers/network.ts'
import { shiftTokensRight } from '../layers/shift-tokens.ts'
import type { Architecture } from '../models/architecture.ts'
import { networkOf } from '../models/registry.ts'
import { type NamedWeight, namedWeights } from './names.ts'
import { decoderStart, ownLoss } from './own-loss.ts'
import type { SavePretrainedOptions } from './save-pretrained.node.ts'

/** All outputs of a network, for a functional model. */
class AllOutputs extends Layer<Tensor, readonly Tensor[]> {
  readonly className = 'NetworkOutputs'
  readonly network: Network
  /** Of the outputs of the last call. */
  names: readonly string[] = []

  constructor(network: Network) {
    super()
    this.network = network
  }

  override get callOptions(): readonly string[] {
    return this.network.callOptions
  }

  override checkInput(where: string, data: HostArray, input: number): Promise<unknown> | undefined {
    return this.network.checkInput(where, data, input)
  }

  call(x: Tensor, context: NetworkContext): readonly Tensor[] {
    const outputs = this.network.outputs(x, context)
    this.names = Object.keys(outputs)
    return Object.values(outputs)
  }
}

/** How a model is made of a network that is there already. */
export interface NetworkView {
  /** It has the weights, which the models of it share. */
  readonly network: Network
  /** What this model takes, the network's first input first. Default: all that the network says. */
  readonly inputs?: readonly NetworkInput[]
}

/** What a network of Hugging Face gives, by name: `logits`, `last_hidden_state`, … */
export type NetworkOutputs = Readonly<Record<string, Tensor>>

/**
 * A transformer as a model of typegrad: it predicts, trains and exports like any other, its inputs and outputs have Hugging
 * Face's names, and its weights those of the checkpoints.
 *
 * @example
 * const model = await fromPretrained('models/gpt2')
 * const { logits } = await model.predict({ input_ids: [[464, 3290]], attention_mask: [[1, 1]] })
 */
export class PretrainedModel extends Functional<NetworkOutputs> {
  override readonly className: string = 'PretrainedModel'
  /** `config.json`, with the class of this network as its only architecture. */
  readonly config: RawConfig
  /** `generation_config.json`, where there is one: what the model's makers advise for generating. */
  generationConfig: RawConfig | undefined
  readonly architecture: Architecture
  readonly network: Network
  /** The weights that the checkpoint had nothing for, by its names, such as those of a new head; they have to be trained. */
  begunAnew: readonly string[] = []

  /**
   * A model whose weights are at their beginning, as the paper of its architecture says.
   *
   * @param config Hugging Face's `config.json`.
   * @param className Hugging Face's class, such as `GPT2LMHeadModel`. Default: the first of the configuration's.
   * @param view a network that is there already, for another model of the same weights. Default: a new one.
   * @throws ArgumentError for an architecture or a class that is not known; FormatError for entries that are none.
   */
  constructor(config: RawConfig, className?: string, view?: NetworkView) {
    const { architecture, className: hfClass, network: made } = networkOf(config, className)
    const { network = made, inputs } = view ?? {}
    super(functionalOf(network, inputs))
    this.config = { ...config, architectures: [hfClass] }
    this.architecture = architecture
    this.network = network
    if (view === undefined) this.recomputeBlocks = config.gradient_checkpointing === true
  }

  /**
   * Whether training keeps of each block its input alone and computes the rest again for the gradients: memory then grows
   * slowly with depth, for a third more of time (Chen et al. 2016, https://arxiv.org/abs/1604.06174). What Hugging Face
   * calls gradient checkpointing; `gradient_checkpointing: true` in the configuration turns it on. A model that is compiled
   * takes notice with its next `compile`.
   */
  get recomputeBlocks(): boolean {
    const blocks = blocksOf(this.network)
    return blocks.length > 0 && blocks.every((block) => block.recompute)
  }

  set recomputeBlocks(recompute: boolean) {
    for (const block of blocksOf(this.network)) block.recompute = recompute
  }

  /** The network alone: paths of weights begin at it, as `network/transformer/h/0/…`. */
  override get listedLayers(): readonly Layer[] {
    return []
  }

  /**
   * Says how the model learns. Without a loss it is the one of Hugging Face's class: of language models and of heads that
   * classify the cross-entropy of `logits`, in which the label −100 does not count; labels of a causal language model are the
   * text itself. An encoder–decoder is trained with `input_ids` and labels alone: its decoder reads the labels moved by one.
   *
   * @throws as typegrad's `compile`.
   * @example
   * model.compile({ optimizer: optimizers.adamw({ learningRate: 5e-5 }) })
   * await model.fit({ input_ids, attention_mask }, labels)
   */
  override compile(options: CompileOptions): void {
    const needsLoss = options !== undefined && options.loss === undefined && !this.hasOwnSteps
    const loss = needsLoss ? ownLoss(this.network, new ConfigReader(this.config)) : undefined
    super.compile(loss === undefined ? options : { ...options, loss })
  }

  /** An encoder–decoder's `decoder_input_ids` are made of the labels, where none are given. */
  override prepareData(where: string, data: StreamedBatch): StreamedBatch | Promise<StreamedBatch> {
    const [x, given = null, ...weights] = data
    const isList = Array.isArray(given) && given[0] instanceof Tensor
    const hasLogits = this.modelOutputs.some((output) => output.name === 'logits')
    // Rows of ids might be taken for a list of what each output gets.
    const y = given === null || isByName(given) || isList || !hasLogits ? given : { logits: given }
    const [name, labels] = [networkInputs.decoderInputIds.name, isByName(y) ? y.logits : undefined]
    if (!(this.network instanceof EncoderDecoder) || !isByName(x) || name in x || labels === undefined)
      return super.prepareData(where, [x, y, ...weights])
    const ids = labels instanceof Tensor ? labels : tensor(labels as number[][], { dtype: 'int32' })
    const start = decoderStart(new ConfigReader(this.config))
    return [{ ...x, [name]: shiftTokensRight(ids, start) }, y, ...weights]
  }

  /** The weights with the names that checkpoints have for them. */
  get checkpointWeights(): readonly NamedWeight[] {
    return namedWeights(this.network, this.architecture.checkpoint)
  }

  /**
   * The network as one file of ONNX with its weights inside, for any runtime: ids are int64, batch and lengths open, and inputs
   * and outputs have the names that Hugging Face's exporters give them.
   *
   * @throws ArgumentError for a form that the network does not have.
   * @example
   * const bytes = await model.toOnnx()
   * const generating = await model.toOnnx({ form: 'cached' })
   */
  override async toOnnx(options: OnnxOptions = {}): Promise<Uint8Array> {
    const { networkToOnnx } = await import('../export/onnx.ts')
    return await networkToOnnx(this, options)
  }

  /**
   * Writes what transformers.js reads into a folder: `onnx/model.onnx` (of a causal language model the form with a cache), or
   * `onnx/encoder_model.onnx` and `onnx/decoder_model_merged.onnx`, with `config.json` and `generation_config.json`. It reads
   * the tokenizer's files beside them. Node only.
   *
   * @example
   * await model.saveOnnx('models/mine')
   */
  async saveOnnx(folder: string): Promise<void> {
    const { saveOnnx } = await import('../export/save-onnx.node.ts')
    await saveOnnx(this, folder)
  }

  /**
   * Writes the model as Python's transformers reads it: `config.json`, `model.safetensors` (or several and their index), and
   * `generation_config.json` where there is one. What stood there stays whole until the new model is; files that are none
   * of these, such as a tokenizer's, are kept.
   *
   * @param folder a new or empty folder, or that of a model. Node only.
   * @throws ArgumentError for a folder that holds other things and no model.
   * @example
   * await model.savePretrained('models/mine', { dtype: 'bfloat16', maxShardBytes: 5e9 })
   */
  async savePretrained(folder: string, options: SavePretrainedOptions = {}): Promise<void> {
    const { savePretrained } = await import('./save-pretrained.node.ts')
    await savePretrained(this, folder, options)
  }
}

/** Data by the names of inputs or outputs. */
const isByName = (data: Data | null): data is Readonly<Record<string, Data>> =>
  typeof data === 'object' &&
  data !== null &&
  !(data instanceof Tensor || Array.isArray(data) || ArrayBuffer.isView(data))

/** A network's inputs and outputs as places of a functional model. */
export function functionalOf(network: Network, takes: readonly NetworkInput[] = network.takes) {
  const inputs = Object.fromEntries(takes.map((taken) => [taken.name, placeOf(taken)]))
  const options = Object.fromEntries(
    takes.flatMap(({ name, option }) => (option === undefined ? [] : [[option, inputs[name]]])),
  )
  const first = Object.values(inputs)[0] as SymbolicTensor
  const layer = new AllOutputs(network)
  const made = [layer.apply(first, options)].flat()
  const outputs = layer.names.map((name, i) => [name, made[i] as SymbolicTensor] as const)
  return { inputs, outputs: Object.fromEntries(outputs) }
}

const placeOf = ({ name, shape, dtype }: NetworkInput): SymbolicTensor => input({ name, shape, dtype })
