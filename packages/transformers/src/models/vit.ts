import { layers, type Tensor } from 'typegrad'
import type { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { ImageAttention, imageAttentionRenamed, imageSegments } from '../layers/image-attention.ts'
import {
  ImageEmbeddings,
  type PictureSizes,
  pictureSizesOf,
  pixelValues,
} from '../layers/image-embeddings.ts'
import { labelCountOf } from '../layers/labels.ts'
import { linear } from '../layers/linear.ts'
import { Network, type NetworkContext, type NetworkInput, Part } from '../layers/network.ts'
import type { Architecture } from './architecture.ts'

interface ViTConfig extends PictureSizes {
  readonly width: number
  readonly blocks: number
  readonly heads: number
  readonly inner: number
  readonly activation: ActivationFunction
  readonly epsilon: number
  readonly qkvBias: boolean
  readonly dropout: number
  readonly attentionDropout: number
  readonly stddev: number
  readonly pooler: { readonly width: number; readonly activation: ActivationFunction }
}

function configOf(config: ConfigReader): ViTConfig {
  const width = config.count('hidden_size', 768)
  return {
    ...pictureSizesOf(config, { patch: 16 }),
    width,
    blocks: config.count('num_hidden_layers', 12),
    heads: config.count('num_attention_heads', 12),
    inner: config.count('intermediate_size', 3072),
    activation: activationOf(config.string('hidden_act', 'gelu')),
    epsilon: config.number('layer_norm_eps', 1e-12),
    qkvBias: config.boolean('qkv_bias', true),
    dropout: config.number('hidden_dropout_prob', 0),
    attentionDropout: config.number('attention_probs_dropout_prob', 0),
    stddev: config.number('initializer_range', 0.02),
    pooler: {
      width: config.count('pooler_output_size', width),
      activation: activationOf(config.string('pooler_act', 'tanh')),
    },
  }
}

class Block extends Part {
  readonly className = 'ViTBlock'
  readonly layernormBefore
  readonly attention
  readonly layernormAfter
  readonly intermediate
  readonly outputPart
  readonly dropout
  readonly activation: ActivationFunction

  constructor(config: ViTConfig) {
    super()
    const { width, inner, epsilon, stddev } = config
    this.layernormBefore = layers.layerNormalization({ epsilon })
    this.attention = new ImageAttention(config)
    this.layernormAfter = layers.layerNormalization({ epsilon })
    this.intermediate = { dense: linear(inner, { stddev }) }
    this.outputPart = { dense: linear(width, { stddev }) }
    this.dropout = layers.dropout({ rate: config.dropout })
    this.activation = config.activation
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const drop = (part: Tensor) => this.dropout.apply(part, { training: context.training })
    const attended = x.add(drop(this.attention.apply(this.layernormBefore.apply(x), context)))
    const inner = this.activation(this.intermediate.dense.apply(this.layernormAfter.apply(attended)))
    return attended.add(drop(this.outputPart.dense.apply(inner)))
  }
}

/** Scores or features of the token that stands for the whole picture: (batch, tokens, width) → (batch, width). */
const first = (states: Tensor): Tensor => states.at(0, 1)

/**
 * ViT: an encoder over patches of a picture. Pictures are (batch, channels, height, width), of the configuration's size.
 *
 * Dosovitskiy et al. 2020, "An image is worth 16x16 words", https://arxiv.org/abs/2010.11929
 */
class ViTModel extends Network {
  readonly className = 'ViTModel'
  readonly takes: readonly NetworkInput[]
  readonly embeddings
  readonly encoder
  readonly layernorm
  readonly pooler
  readonly poolerActivation: ActivationFunction

  /** @param hasPooler whether there is a dense layer over the first token. */
  constructor(config: ViTConfig, hasPooler: boolean) {
    super()
    this.takes = [pixelValues(config, config.image)]
    this.embeddings = new ImageEmbeddings(config)
    this.encoder = { layer: Array.from({ length: config.blocks }, () => new Block(config)) }
    this.layernorm = layers.layerNormalization({ epsilon: config.epsilon })
    this.pooler = hasPooler ? { dense: linear(config.pooler.width, { stddev: config.stddev }) } : undefined
    this.poolerActivation = config.pooler.activation
  }

  hiddenStates(pixels: Tensor, context: NetworkContext): readonly Tensor[] {
    const states = [this.embeddings.apply(pixels, context)]
    for (const block of this.encoder.layer) states.push(block.apply(states.at(-1) as Tensor, context))
    return states
  }

  override outputs(pixels: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const last = this.layernorm.apply(this.hiddenStates(pixels, context).at(-1) as Tensor)
    if (this.pooler === undefined) return { last_hidden_state: last }
    const pooled = this.poolerActivation(this.pooler.dense.apply(first(last)))
    return { last_hidden_state: last, pooler_output: pooled }
  }
}

/** ViT with a score for each class of pictures. */
class ViTForImageClassification extends Network {
  readonly className = 'ViTForImageClassification'
  readonly takes: readonly NetworkInput[]
  readonly vit: ViTModel
  readonly classifier

  constructor(config: ViTConfig, labels: number) {
    super()
    this.vit = new ViTModel(config, false)
    this.takes = this.vit.takes
    this.classifier = linear(labels, { stddev: config.stddev })
  }

  hiddenStates(pixels: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.vit.hiddenStates(pixels, context)
  }

  override outputs(pixels: Tensor, context: NetworkContext) {
    return { logits: this.classifier.apply(first(this.vit.apply(pixels, context))) }
  }
}

export const vit: Architecture = {
  modelType: 'vit',
  networks: {
    ViTModel: (config) => new ViTModel(configOf(config), true),
    ViTForImageClassification: (config) =>
      new ViTForImageClassification(configOf(config), labelCountOf(config)),
  },
  checkpoint: {
    prefix: 'vit',
    segments: imageSegments,
    renamed: [
      [/(^|\.)encoder\.layer\./, '$1layers.'],
      ...imageAttentionRenamed,
      [/(layers\.\d+)\.intermediate\.dense/, '$1.mlp.fc1'],
      [/(layers\.\d+)\.output\.dense/, '$1.mlp.fc2'],
    ],
    // Those of a checkpoint with another head.
    ignored: ['classifier.*', 'pooler.*', 'vit.pooler.*', '*.mask_token', 'decoder.*'],
  },
}
