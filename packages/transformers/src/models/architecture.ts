/**
 * `models/`: the architectures, one a file, each with its configuration, its networks and how its checkpoints name the
 * weights, and the table of all of them. It knows `layers/` and `base/`.
 */
import type { ConfigReader } from '../base/config.ts'
import type { Network } from '../layers/network.ts'

/** An architecture of Hugging Face: what `model_type` of `config.json` names. */
export interface Architecture {
  readonly modelType: string
  /** What makes a network, by the name of Hugging Face's class (`architectures` of `config.json`). */
  readonly networks: Readonly<Record<string, (config: ConfigReader) => Network>>
  readonly checkpoint: CheckpointNames
}

/**
 * How checkpoints name the weights, where that is not the path: `model/layers/0/self_attn/q_proj/kernel` is
 * `model.layers.0.self_attn.q_proj.weight` by itself.
 */
export interface CheckpointNames {
  /**
   * The body's name within networks with a head (Hugging Face's `base_model_prefix`): a checkpoint of the body alone has
   * its weights without it.
   */
  readonly prefix: string
  /** Segments of paths that are written otherwise: `{ layer_norm: 'LayerNorm' }`. */
  readonly segments?: Readonly<Record<string, string>>
  /** Weights of dense layers that the checkpoint has as [in, out], as typegrad does, and not as PyTorch's Linear. */
  readonly inOut?: readonly string[]
  /**
   * Second names of tied weights and names of other versions, with the first ones:
   * `{ 'lm_head.weight': 'model.embed_tokens.weight' }`. They count where a checkpoint lacks the first.
   */
  readonly tied?: Readonly<Record<string, string>>
  /** Names that Python's `save_pretrained` gives in place of today's: `{ 'lm_head.weight': 'embed_out.weight' }`. */
  readonly savedAs?: Readonly<Record<string, string>>
  /**
   * Parts of names that the modules of Python's transformers, from version 5 on, write otherwise than checkpoints do; adapters
   * go by the modules. Applied one after the other.
   */
  readonly renamed?: readonly (readonly [RegExp, string])[]
  /**
   * Tensors of checkpoints that are no weights of this network: masks and positions that others compute. Patterns in which `*` is any text.
   */
  readonly ignored?: readonly string[]
  /** What one of the networks, by its class, leaves out of checkpoints of larger ones: `{ T5EncoderModel: ['decoder.*'] }`. */
  readonly ignoredBy?: Readonly<Record<string, readonly string[]>>
  /** Weights that checkpoints may lack: they stay at their beginning. Patterns as well. */
  readonly optional?: readonly string[]
}
