import { arange, initializers, layers, ops, type Tensor, type Variable } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { CallContext, SymbolicShape } from 'typegrad/layers'
import type { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { linear } from '../layers/linear.ts'
import { Network, type NetworkContext, type NetworkInput, Part } from '../layers/network.ts'
import { SelfAttention } from '../layers/projected-attention.ts'
import type { Architecture } from './architecture.ts'

/** A convolution over sound. */
interface Window {
  readonly filters: number
  readonly size: number
  readonly stride: number
}

interface Wav2Vec2Config {
  readonly windows: readonly Window[]
  readonly convBias: boolean
  /** Each channel of the first convolution over time, or all channels of each at a time. */
  readonly convNormalization: 'group' | 'layer'
  readonly convActivation: ActivationFunction
  readonly positionalSize: number
  readonly positionalGroups: number
  readonly width: number
  readonly blocks: number
  readonly heads: number
  readonly inner: number
  readonly activation: ActivationFunction
  readonly epsilon: number
  /** Whether normalization stands before each part (`do_stable_layer_norm`) or behind it. */
  readonly normalizesFirst: boolean
  readonly dropouts: {
    readonly states: number
    readonly attention: number
    readonly activation: number
    readonly projection: number
    readonly final: number
  }
  readonly hasMaskedEmbedding: boolean
  readonly vocabSize: number
  readonly stddev: number
}

function windowsOf(config: ConfigReader): readonly Window[] {
  const filters = config.numbers('conv_dim', new Array<number>(7).fill(512))
  const strides = config.numbers('conv_stride', [5, 2, 2, 2, 2, 2, 2])
  const sizes = config.numbers('conv_kernel', [10, 3, 3, 3, 3, 2, 2])
  if (strides.length !== filters.length || sizes.length !== filters.length) {
    throw new ArgumentError({
      where: 'config.json: conv_dim, conv_stride, conv_kernel',
      expected: 'three lists of one length',
      received: `${filters.length}, ${strides.length} and ${sizes.length} numbers`,
    })
  }
  return filters.map((count, i) => ({
    filters: count,
    size: sizes[i] as number,
    stride: strides[i] as number,
  }))
}

function configOf(config: ConfigReader): Wav2Vec2Config {
  config.refuse('add_adapter', 'false', (value) => value === true)
  config.refuse('adapter_attn_dim', 'null', () => true)
  return {
    windows: windowsOf(config),
    convBias: config.boolean('conv_bias', false),
    convNormalization: config.oneOf('feat_extract_norm', ['group', 'layer'], 'group'),
    convActivation: activationOf(config.string('feat_extract_activation', 'gelu')),
    positionalSize: config.count('num_conv_pos_embeddings', 128),
    positionalGroups: config.count('num_conv_pos_embedding_groups', 16),
    width: config.count('hidden_size', 768),
    blocks: config.count('num_hidden_layers', 12),
    heads: config.count('num_attention_heads', 12),
    inner: config.count('intermediate_size', 3072),
    activation: activationOf(config.string('hidden_act', 'gelu')),
    epsilon: config.number('layer_norm_eps', 1e-5),
    normalizesFirst: config.boolean('do_stable_layer_norm', false),
    dropouts: {
      states: config.number('hidden_dropout', 0.1),
      attention: config.number('attention_dropout', 0.1),
      activation: config.number('activation_dropout', 0.1),
      projection: config.number('feat_proj_dropout', 0),
      final: config.number('final_dropout', 0.1),
    },
    hasMaskedEmbedding:
      config.number('mask_time_prob', 0.05) > 0 || config.number('mask_feature_prob', 0) > 0,
    vocabSize: config.count('vocab_size', 32),
    stddev: config.number('initializer_range', 0.02),
  }
}

const soundInputs: readonly NetworkInput[] = [
  { name: 'input_values', dtype: 'float32', shape: ['samples'] },
  { name: 'attention_mask', option: 'attentionMask', dtype: 'int32', shape: ['samples'] },
]

/** A convolution over sound, (batch, channels, steps), with its normalization if it has one. */
class SoundConvolution extends Part {
  readonly className = 'Wav2Vec2Convolution'
  readonly conv
  readonly layerNorm
  readonly activation: ActivationFunction

  constructor(
    { convNormalization, convBias, convActivation }: Wav2Vec2Config,
    window: Window,
    first: boolean,
  ) {
    super()
    this.conv = layers.conv1d({
      filters: window.filters,
      kernelSize: window.size,
      strides: window.stride,
      useBias: convBias,
      dataFormat: 'channelsFirst',
      kernelInitializer: initializers.heNormal(),
    })
    const epsilon = 1e-5
    if (convNormalization === 'layer') this.layerNorm = layers.layerNormalization({ axis: 1, epsilon })
    else if (first) this.layerNorm = layers.groupNormalization({ groups: -1, axis: 1, epsilon })
    this.activation = convActivation
  }

  call(x: Tensor): Tensor {
    const convolved = this.conv.apply(x)
    return this.activation(this.layerNorm?.apply(convolved) ?? convolved)
  }
}

/** Features of sound → states as wide as the blocks: (batch, frames, filters) → (batch, frames, width). */
class FeatureProjection extends Part {
  readonly className = 'Wav2Vec2FeatureProjection'
  readonly layerNorm
  readonly projection
  readonly dropout

  constructor({ width, epsilon, stddev, dropouts }: Wav2Vec2Config) {
    super()
    this.layerNorm = layers.layerNormalization({ epsilon })
    this.projection = linear(width, { stddev })
    this.dropout = layers.dropout({ rate: dropouts.projection })
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    return this.dropout.apply(this.projection.apply(this.layerNorm.apply(x)), { training })
  }
}

/**
 * A convolution whose kernel is a direction and, for each place of the window, a length: (batch, steps, channels) → the same.
 *
 * Salimans and Kingma 2016, "Weight normalization", https://arxiv.org/abs/1602.07868
 */
class WeightNormConv1D extends Part {
  readonly className = 'WeightNormConv1D'
  readonly size: number
  readonly groups: number
  #length!: Variable
  #direction!: Variable
  #bias!: Variable

  constructor({ positionalSize, positionalGroups }: Wav2Vec2Config) {
    super()
    this.size = positionalSize
    this.groups = positionalGroups
  }

  override build(inputShape: SymbolicShape): void {
    const { size, groups } = this
    const width = inputShape.at(-1) as number
    const stddev = 2 / Math.sqrt(size * width)
    // About the length of normal numbers of that deviation.
    const length = stddev * width * Math.sqrt(1 / groups)
    const begin = {
      length: initializers.constant({ value: length }),
      direction: initializers.randomNormal({ stddev }),
    }
    this.#length = this.addWeight({ name: 'length', shape: [size, 1, 1], initializer: begin.length })
    const shape = [size, width / groups, width]
    this.#direction = this.addWeight({ name: 'direction', shape, initializer: begin.direction })
    this.#bias = this.addWeight({ name: 'bias', shape: [width], initializer: 'zeros' })
  }

  call(x: Tensor): Tensor {
    const { size, groups } = this
    const direction = this.#direction.value
    const lengths = direction.square().sum([1, 2], { keepDims: true }).sqrt()
    const kernel = direction.mul(this.#length.value.div(lengths))
    // As many steps as there were; of an even window one step more before than behind.
    const around = ops.pad(x, [
      [0, 0],
      [Math.floor(size / 2), Math.ceil(size / 2) - 1],
      [0, 0],
    ])
    return ops.conv(around, kernel, { groups }).add(this.#bias.value)
  }
}

class FeedForward extends Part {
  readonly className = 'Wav2Vec2FeedForward'
  readonly intermediateDense
  readonly intermediateDropout
  readonly outputDense
  readonly outputDropout
  readonly activation: ActivationFunction

  constructor({ width, inner, activation, dropouts, stddev }: Wav2Vec2Config) {
    super()
    this.intermediateDense = linear(inner, { stddev })
    this.intermediateDropout = layers.dropout({ rate: dropouts.activation })
    this.outputDense = linear(width, { stddev })
    this.outputDropout = layers.dropout({ rate: dropouts.states })
    this.activation = activation
  }

  call(x: Tensor, { training }: CallContext): Tensor {
    const inner = this.activation(this.intermediateDense.apply(x))
    const back = this.outputDense.apply(this.intermediateDropout.apply(inner, { training }))
    return this.outputDropout.apply(back, { training })
  }
}

class Block extends Part {
  readonly className = 'Wav2Vec2Block'
  readonly attention
  readonly dropout
  readonly layerNorm
  readonly feedForward
  readonly finalLayerNorm
  readonly normalizesFirst: boolean

  constructor(config: Wav2Vec2Config) {
    super()
    const { width, heads, epsilon, dropouts, stddev } = config
    this.attention = new SelfAttention({ width, heads, stddev, dropout: dropouts.attention })
    this.dropout = layers.dropout({ rate: dropouts.states })
    this.layerNorm = layers.layerNormalization({ epsilon })
    this.feedForward = new FeedForward(config)
    this.finalLayerNorm = layers.layerNormalization({ epsilon })
    this.normalizesFirst = config.normalizesFirst
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const attend = (y: Tensor) =>
      this.dropout.apply(this.attention.apply(y, context), { training: context.training })
    const feed = (y: Tensor) => this.feedForward.apply(y, context)
    if (this.normalizesFirst) {
      const attended = x.add(attend(this.layerNorm.apply(x)))
      return attended.add(feed(this.finalLayerNorm.apply(attended)))
    }
    const attended = this.layerNorm.apply(x.add(attend(x)))
    return this.finalLayerNorm.apply(attended.add(feed(attended)))
  }
}

/** Blocks over frames, which learn their order of a convolution over their neighbours. */
class Encoder extends Part {
  readonly className = 'Wav2Vec2Encoder'
  readonly posConvEmbed
  readonly layerNorm
  readonly dropout
  readonly layers: readonly Block[]
  readonly activation: ActivationFunction
  readonly normalizesFirst: boolean

  constructor(config: Wav2Vec2Config) {
    super()
    this.posConvEmbed = { conv: new WeightNormConv1D(config) }
    this.layerNorm = layers.layerNormalization({ epsilon: config.epsilon })
    this.dropout = layers.dropout({ rate: config.dropouts.states })
    this.layers = Array.from({ length: config.blocks }, () => new Block(config))
    this.activation = config.convActivation
    this.normalizesFirst = config.normalizesFirst
  }

  /** @param context whose mask is that of the frames. */
  hiddenStates(x: Tensor, context: NetworkContext): readonly Tensor[] {
    const { attentionMask: mask } = context
    // The convolution would hear what stands at padding.
    const heard = mask === undefined ? x : x.mul(mask.cast(x.dtype).expandDims(-1))
    const placed = heard.add(this.activation(this.posConvEmbed.conv.apply(heard)))
    const first = this.normalizesFirst ? placed : this.layerNorm.apply(placed)
    const states = [this.dropout.apply(first, { training: context.training })]
    for (const block of this.layers) states.push(block.apply(states.at(-1) as Tensor, context))
    return states
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const last = this.hiddenStates(x, context).at(-1) as Tensor
    return this.normalizesFirst ? this.layerNorm.apply(last) : last
  }
}

/**
 * wav2vec 2.0: sound, (batch, samples) of 16,000 a second and normalized, to states of frames.
 *
 * `attention_mask` (batch, samples) tells which samples count; the models whose `feat_extract_norm` is `group` were trained
 * without.
 *
 * Baevski et al. 2020, "wav2vec 2.0: a framework for self-supervised learning of speech representations",
 * https://arxiv.org/abs/2006.11477
 */
class Wav2Vec2Model extends Network {
  readonly className = 'Wav2Vec2Model'
  readonly takes = soundInputs
  readonly featureExtractor
  readonly featureProjection
  readonly encoder
  readonly windows: readonly Window[]

  constructor(config: Wav2Vec2Config) {
    super()
    this.windows = config.windows
    this.featureExtractor = {
      conv_layers: config.windows.map((window, i) => new SoundConvolution(config, window, i === 0)),
    }
    this.featureProjection = new FeatureProjection(config)
    this.encoder = new Encoder(config)
    // Stands for hidden frames in training without labels.
    if (config.hasMaskedEmbedding) {
      const initializer = initializers.randomUniform({ minval: 0, maxval: 1 })
      const shape = [config.width]
      this.addWeight({ name: 'masked_spec_embed', shape, initializer, trainable: false })
    }
  }

  /** What the encoder gets: states of frames, and which of these count. */
  #frames(sound: Tensor, { attentionMask, training }: NetworkContext) {
    let x = sound.expandDims(1) // (batch, 1, samples)
    for (const convolution of this.featureExtractor.conv_layers) x = convolution.apply(x)
    const states = this.featureProjection.apply(x.transpose([0, 2, 1]), { training })
    const frames = states.shape[1] as number
    const context: NetworkContext = {
      training,
      ...(attentionMask !== undefined && { attentionMask: this.#frameMask(attentionMask, frames) }),
    }
    return { states, context }
  }

  /** Which frames are of samples that count, which stand in front: (batch, samples) → (batch, frames). */
  #frameMask(mask: Tensor, frames: number): Tensor {
    let counts = mask.cast('float32').sum(1, { keepDims: true })
    for (const { size, stride } of this.windows) counts = ops.floor(counts.sub(size).div(stride)).add(1)
    return arange(0, frames, 1, { dtype: 'float32' }).less(counts)
  }

  hiddenStates(sound: Tensor, context: NetworkContext): readonly Tensor[] {
    const frames = this.#frames(sound, context)
    return this.encoder.hiddenStates(frames.states, frames.context)
  }

  override outputs(sound: Tensor, context: NetworkContext): Readonly<Record<string, Tensor>> {
    const frames = this.#frames(sound, context)
    return { last_hidden_state: this.encoder.apply(frames.states, frames.context) }
  }
}

/** wav2vec 2.0 with a score for each letter and the blank: (batch, samples) → logits (batch, frames, letters). */
class Wav2Vec2ForCTC extends Network {
  readonly className = 'Wav2Vec2ForCTC'
  readonly takes = soundInputs
  readonly wav2vec2: Wav2Vec2Model
  readonly dropout
  readonly lmHead

  constructor(config: Wav2Vec2Config) {
    super()
    this.wav2vec2 = new Wav2Vec2Model(config)
    this.dropout = layers.dropout({ rate: config.dropouts.final })
    this.lmHead = linear(config.vocabSize, { stddev: config.stddev })
  }

  hiddenStates(sound: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.wav2vec2.hiddenStates(sound, context)
  }

  override outputs(sound: Tensor, context: NetworkContext) {
    const states = this.wav2vec2.apply(sound, context)
    return { logits: this.lmHead.apply(this.dropout.apply(states, { training: context.training })) }
  }
}

export const wav2vec2: Architecture = {
  modelType: 'wav2vec2',
  networks: {
    Wav2Vec2ForCTC: (config) => new Wav2Vec2ForCTC(configOf(config)),
    Wav2Vec2Model: (config) => new Wav2Vec2Model(configOf(config)),
  },
  checkpoint: {
    prefix: 'wav2vec2',
    // What training without labels had, and a head that the network does not have.
    ignored: ['quantizer.*', 'project_q.*', 'project_hid.*', 'lm_head.*'],
    // What PyTorch called the parts of a normalized weight before 2023.
    tied: Object.fromEntries(
      ['', 'wav2vec2.'].flatMap((body) => {
        const conv = `${body}encoder.pos_conv_embed.conv`
        return [
          [`${conv}.weight_g`, `${conv}.parametrizations.weight.original0`],
          [`${conv}.weight_v`, `${conv}.parametrizations.weight.original1`],
        ]
      }),
    ),
  },
}
