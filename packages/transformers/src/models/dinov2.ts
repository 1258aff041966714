import { activations, initializers, layers, ops, type Tensor, type Variable } from 'typegrad'
import type { SymbolicShape } from 'typegrad/layers'
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

interface Dinov2Config extends PictureSizes {
  readonly width: number
  readonly blocks: number
  readonly heads: number
  readonly inner: number
  readonly isGated: boolean
  readonly activation: ActivationFunction
  readonly epsilon: number
  readonly qkvBias: boolean
  readonly dropout: number
  readonly attentionDropout: number
  readonly dropPath: number
  readonly layerScale: number
  readonly hasMaskToken: boolean
  readonly stddev: number
}

function configOf(config: ConfigReader): Dinov2Config {
  const width = config.count('hidden_size', 768)
  return {
    ...pictureSizesOf(config, { patch: 14 }),
    width,
    blocks: config.count('num_hidden_layers', 12),
    heads: config.count('num_attention_heads', 12),
    inner: Math.floor(width * config.number('mlp_ratio', 4)),
    isGated: config.boolean('use_swiglu_ffn', false),
    activation: activationOf(config.string('hidden_act', 'gelu')),
    epsilon: config.number('layer_norm_eps', 1e-6),
    qkvBias: config.boolean('qkv_bias', true),
    dropout: config.number('hidden_dropout_prob', 0),
    attentionDropout: config.number('attention_probs_dropout_prob', 0),
    dropPath: config.number('drop_path_rate', 0),
    layerScale: config.number('layerscale_value', 1),
    hasMaskToken: config.boolean('use_mask_token', true),
    stddev: config.number('initializer_range', 0.02),
  }
}

/** x · λ, one λ a feature (Touvron et al. 2021, https://arxiv.org/abs/2103.17239). */
class LayerScale extends Part {
  readonly className = 'Dinov2LayerScale'
  readonly initial: number
  #lambda!: Variable

  constructor(initial: number) {
    super()
    this.initial = initial
  }

  override build(inputShape: SymbolicShape): void {
    this.#lambda = this.addWeight({
      name: 'lambda1',
      shape: [inputShape.at(-1) as number],
      initializer: initializers.constant({ value: this.initial }),
    })
  }

  call(x: Tensor): Tensor {
    return x.mul(this.#lambda.value)
  }
}

class FeedForward extends Part {
  readonly className = 'Dinov2FeedForward'
  readonly fc1
  readonly fc2
  readonly activation: ActivationFunction

  constructor({ width, inner, activation, stddev }: Dinov2Config) {
    super()
    this.fc1 = linear(inner, { stddev })
    this.fc2 = linear(width, { stddev })
    this.activation = activation
  }

  call(x: Tensor): Tensor {
    return this.fc2.apply(this.activation(this.fc1.apply(x)))
  }
}

/** silu(x · gate) · (x · values), projected back (Shazeer 2020, "GLU variants", https://arxiv.org/abs/2002.05202). */
class GatedFeedForward extends Part {
  readonly className = 'Dinov2GatedFeedForward'
  readonly weightsIn
  readonly weightsOut

  constructor({ width, inner, stddev }: Dinov2Config) {
    super()
    // Two thirds, as there are three matrices and not two, in whole eights.
    const gated = Math.ceil(Math.floor((inner * 2) / 3) / 8) * 8
    this.weightsIn = linear(2 * gated, { stddev })
    this.weightsOut = linear(width, { stddev })
  }

  call(x: Tensor): Tensor {
    const [gate, values] = this.weightsIn.apply(x).split(2, -1) as [Tensor, Tensor]
    return this.weightsOut.apply(activations.silu(gate).mul(values))
  }
}

class Block extends Part {
  readonly className = 'Dinov2Block'
  readonly norm1
  readonly attention
  readonly layerScale1
  readonly norm2
  readonly mlp
  readonly layerScale2
  readonly dropPath

  constructor(config: Dinov2Config) {
    super()
    const { epsilon, layerScale } = config
    this.norm1 = layers.layerNormalization({ epsilon })
    this.attention = new ImageAttention(config)
    this.layerScale1 = new LayerScale(layerScale)
    this.norm2 = layers.layerNormalization({ epsilon })
    this.mlp = config.isGated ? new GatedFeedForward(config) : new FeedForward(config)
    this.layerScale2 = new LayerScale(layerScale)
    // Leaves out the part of a whole picture (Huang et al. 2016, https://arxiv.org/abs/1603.09382).
    this.dropPath = layers.dropout({ rate: config.dropPath, noiseShape: [null, 1, 1] })
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const drop = (part: Tensor) => this.dropPath.apply(part, { training: context.training })
    const attended = this.layerScale1.apply(this.attention.apply(this.norm1.apply(x), context))
    const middle = x.add(drop(attended))
    return middle.add(drop(this.layerScale2.apply(this.mlp.apply(this.norm2.apply(middle)))))
  }
}

/**
 * DINOv2: a ViT that was trained without labels. Pictures are (batch, channels, height, width), of any size: positions are
 * interpolated.
 *
 * Oquab et al. 2023, "DINOv2: learning robust visual features without supervision", https://arxiv.org/abs/2304.07193
 */
class Dinov2Model extends Network {
  readonly className = 'Dinov2Model'
  readonly takes: readonly NetworkInput[]
  readonly embeddings
  readonly encoder
  readonly layernorm

  constructor(config: Dinov2Config) {
    super()
    this.takes = [pixelValues(config, ['height', 'width'])]
    const { hasMaskToken, width } = config
    this.embeddings = new ImageEmbeddings({ ...config, ...(hasMaskToken && { maskToken: [1, width] }) })
    this.encoder = { layer: Array.from({ length: config.blocks }, () => new Block(config)) }
    this.layernorm = layers.layerNormalization({ epsilon: config.epsilon })
  }

  hiddenStates(pixels: Tensor, context: NetworkContext): readonly Tensor[] {
    const states = [this.embeddings.apply(pixels, context)]
    for (const block of this.encoder.layer) states.push(block.apply(states.at(-1) as Tensor, context))
    return states
  }

  override outputs(pixels: Tensor, context: NetworkContext) {
    const last = this.layernorm.apply(this.hiddenStates(pixels, context).at(-1) as Tensor)
    return { last_hidden_state: last, pooler_output: last.at(0, 1) }
  }
}

/** DINOv2 with a score for each class of pictures, of the first token and the mean of the patches. */
class Dinov2ForImageClassification extends Network {
  readonly className = 'Dinov2ForImageClassification'
  readonly takes: readonly NetworkInput[]
  readonly dinov2: Dinov2Model
  readonly classifier

  constructor(config: Dinov2Config, labels: number) {
    super()
    this.dinov2 = new Dinov2Model(config)
    this.takes = this.dinov2.takes
    this.classifier = linear(labels, { stddev: config.stddev })
  }

  hiddenStates(pixels: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.dinov2.hiddenStates(pixels, context)
  }

  override outputs(pixels: Tensor, context: NetworkContext) {
    const states = this.dinov2.apply(pixels, context)
    const patches = states.slice([0, 1], [-1, -1]).mean(1)
    return { logits: this.classifier.apply(ops.concat([states.at(0, 1), patches], 1)) }
  }
}

export const dinov2: Architecture = {
  modelType: 'dinov2',
  networks: {
    Dinov2Model: (config) => new Dinov2Model(configOf(config)),
    Dinov2ForImageClassification: (config) =>
      new Dinov2ForImageClassification(configOf(config), labelCountOf(config)),
  },
  checkpoint: {
    prefix: 'dinov2',
    segments: imageSegments,
    renamed: imageAttentionRenamed,
    // Of a checkpoint with a head, for a model without.
    ignored: ['classifier.*'],
  },
}
