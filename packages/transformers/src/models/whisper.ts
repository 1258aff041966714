import { activations, Initializer, layers, ops, type Tensor, tensor, type Variable } from 'typegrad'
import type { SymbolicShape } from 'typegrad/layers'
import type { ConfigReader } from '../base/config.ts'
import { type ActivationFunction, activationOf } from '../layers/activation.ts'
import { embedding, linear } from '../layers/linear.ts'
import {
  type CacheSizes,
  EncoderDecoder,
  type NetworkContext,
  type NetworkInput,
  Part,
} from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { CrossAttention, SelfAttention } from '../layers/projected-attention.ts'
import type { Architecture } from './architecture.ts'

/** Of the encoder, or of the decoder. */
interface StackConfig {
  readonly width: number
  readonly blocks: number
  readonly heads: number
  readonly inner: number
  readonly positions: number
  readonly activation: ActivationFunction
  readonly dropouts: { readonly states: number; readonly attention: number; readonly activation: number }
  readonly stddev: number
}

interface WhisperConfig {
  readonly encoder: StackConfig
  readonly decoder: StackConfig
  readonly melBins: number
  readonly vocabSize: number
}

function configOf(config: ConfigReader): WhisperConfig {
  const both = {
    width: config.count('d_model', 384),
    activation: activationOf(config.string('activation_function', 'gelu')),
    dropouts: {
      states: config.number('dropout', 0),
      attention: config.number('attention_dropout', 0),
      activation: config.number('activation_dropout', 0),
    },
    stddev: config.number('init_std', 0.02),
  }
  const stack = (name: 'encoder' | 'decoder', positions: number): StackConfig => ({
    ...both,
    blocks: config.count(`${name}_layers`, 4),
    heads: config.count(`${name}_attention_heads`, 6),
    inner: config.count(`${name}_ffn_dim`, 1536),
    positions,
  })
  return {
    encoder: stack('encoder', config.count('max_source_positions', 1500)),
    decoder: stack('decoder', config.count('max_target_positions', 448)),
    melBins: config.count('num_mel_bins', 80),
    vocabSize: config.count('vocab_size', 51865),
  }
}

/** What a block of the encoder and one of the decoder have in common. */
abstract class Block extends Part {
  readonly selfAttn
  readonly selfAttnLayerNorm
  readonly fc1
  readonly fc2
  readonly finalLayerNorm
  readonly dropout
  readonly activationDropout
  readonly activation: ActivationFunction

  constructor(config: StackConfig, causal: boolean, block: number) {
    super()
    this.selfAttn = new SelfAttention({ ...attentionOf(config), causal, block })
    this.selfAttnLayerNorm = normalization()
    this.fc1 = linear(config.inner, config)
    this.fc2 = linear(config.width, config)
    this.finalLayerNorm = normalization()
    this.dropout = layers.dropout({ rate: config.dropouts.states })
    this.activationDropout = layers.dropout({ rate: config.dropouts.activation })
    this.activation = config.activation
  }

  protected attended(x: Tensor, context: NetworkContext): Tensor {
    const part = this.selfAttn.apply(this.selfAttnLayerNorm.apply(x), context)
    return x.add(this.dropout.apply(part, { training: context.training }))
  }

  protected fed(x: Tensor, { training }: NetworkContext): Tensor {
    const inner = this.activation(this.fc1.apply(this.finalLayerNorm.apply(x)))
    const part = this.fc2.apply(this.activationDropout.apply(inner, { training }))
    return x.add(this.dropout.apply(part, { training }))
  }
}

const normalization = () => layers.layerNormalization({ epsilon: 1e-5 })

const attentionOf = ({ width, heads, dropouts, stddev }: StackConfig) => ({
  width,
  heads,
  stddev,
  dropout: dropouts.attention,
  keyBias: false,
})

class EncoderBlock extends Block {
  readonly className = 'WhisperEncoderBlock'

  constructor(config: StackConfig, block: number) {
    super(config, false, block)
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    return this.fed(this.attended(x, context), context)
  }
}

class DecoderBlock extends Block {
  readonly className = 'WhisperDecoderBlock'
  readonly encoderAttn
  readonly encoderAttnLayerNorm

  constructor(config: StackConfig, block: number) {
    super(config, true, block)
    this.encoderAttn = new CrossAttention({ ...attentionOf(config), block })
    this.encoderAttnLayerNorm = normalization()
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const attended = this.attended(x, context)
    const part = this.encoderAttn.apply(this.encoderAttnLayerNorm.apply(attended), context)
    return this.fed(attended.add(this.dropout.apply(part, { training: context.training })), context)
  }
}

/** Sines of all frequencies, then cosines, one row a position. */
class Sinusoids extends Initializer {
  readonly className = 'WhisperSinusoids'

  initialize(shape: readonly number[]): Tensor {
    const [positions, width] = shape as readonly [number, number]
    const half = width / 2
    const values = Float32Array.from({ length: positions * width }, (_, i) => {
      const position = Math.floor(i / width)
      const column = i % width
      // Wave lengths from 2π to 10,000 · 2π.
      const angle = position * Math.exp((-Math.log(10_000) * (column % half)) / (half - 1))
      return column < half ? Math.sin(angle) : Math.cos(angle)
    })
    return tensor(values).reshape([positions, width])
  }
}

/** A fixed row for each position: (batch, positions, width) → the same with these added. */
class FixedPositions extends Part {
  readonly className = 'WhisperPositions'
  readonly positions: number
  #weight!: Variable

  constructor(positions: number) {
    super()
    this.positions = positions
  }

  override build(inputShape: SymbolicShape): void {
    this.#weight = this.addWeight({
      name: 'weight',
      shape: [this.positions, inputShape.at(-1) as number],
      initializer: new Sinusoids(),
      trainable: false,
    })
  }

  call(x: Tensor): Tensor {
    return x.add(this.#weight.value)
  }
}

/** Logarithms of mel spectrograms → states at half as many positions. */
class Encoder extends Part {
  readonly className = 'WhisperEncoder'
  readonly conv1
  readonly conv2
  readonly embedPositions
  readonly dropout
  readonly layers: readonly EncoderBlock[]
  readonly layerNorm

  constructor(config: StackConfig) {
    super()
    const { width } = config
    const convolution = { filters: width, kernelSize: 3, dataFormat: 'channelsFirst' } as const
    this.conv1 = layers.conv1d({ ...convolution, padding: 'same' })
    this.conv2 = layers.conv1d({ ...convolution, strides: 2 })
    this.embedPositions = new FixedPositions(config.positions)
    this.dropout = layers.dropout({ rate: config.dropouts.states })
    this.layers = Array.from({ length: config.blocks }, (_, i) => new EncoderBlock(config, i))
    this.layerNorm = normalization()
  }

  /** (batch, mel bins, frames) → (batch, frames / 2, width) each. */
  hiddenStates(mel: Tensor, { training }: NetworkContext): readonly Tensor[] {
    const near = activations.gelu(this.conv1.apply(mel)) // (batch, width, frames)
    // One frame on either side, as PyTorch pads: 'same' would add one behind alone.
    const around = ops.pad(near, [
      [0, 0],
      [0, 0],
      [1, 1],
    ])
    const halved = activations.gelu(this.conv2.apply(around)).transpose([0, 2, 1])
    const states = [this.dropout.apply(this.embedPositions.apply(halved), { training })]
    // The cache and the masks of the call are the decoder's: the encoder always sees all of its frames.
    for (const block of this.layers) states.push(block.apply(states.at(-1) as Tensor, { training }))
    return states.with(-1, this.layerNorm.apply(states.at(-1) as Tensor))
  }

  call(mel: Tensor, context: NetworkContext): Tensor {
    return this.hiddenStates(mel, context).at(-1) as Tensor
  }
}

class Decoder extends Part {
  readonly className = 'WhisperDecoder'
  readonly embedTokens
  readonly embedPositions
  readonly dropout
  readonly layers: readonly DecoderBlock[]
  readonly layerNorm

  constructor(config: StackConfig, vocabSize: number) {
    super()
    this.embedTokens = embedding(vocabSize, config.width, config.stddev)
    this.embedPositions = embedding(config.positions, config.width, config.stddev)
    this.dropout = layers.dropout({ rate: config.dropouts.states })
    this.layers = Array.from({ length: config.blocks }, (_, i) => new DecoderBlock(config, i))
    this.layerNorm = normalization()
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const positions = positionsOf(ids.shape[1] as number, context)
    const embedded = this.embedTokens.apply(ids).add(this.embedPositions.apply(positions))
    const states = [this.dropout.apply(embedded, { training: context.training })]
    for (const block of this.layers) states.push(block.apply(states.at(-1) as Tensor, context))
    return states.with(-1, this.layerNorm.apply(states.at(-1) as Tensor))
  }

  call(ids: Tensor, context: NetworkContext): Tensor {
    return this.hiddenStates(ids, context).at(-1) as Tensor
  }
}

/**
 * Whisper: speech as the logarithm of its mel spectrogram, (batch, mel bins, frames) of 30 seconds, to text.
 *
 * Radford et al. 2022, "Robust speech recognition via large-scale weak supervision", https://arxiv.org/abs/2212.04356
 */
class WhisperForConditionalGeneration extends EncoderDecoder {
  readonly className = 'WhisperForConditionalGeneration'
  readonly takes: readonly NetworkInput[]
  readonly maxPositions: number
  readonly cacheSizes: CacheSizes
  readonly model

  constructor({ encoder, decoder, melBins, vocabSize }: WhisperConfig) {
    super()
    const frames = 2 * encoder.positions
    this.takes = [
      { name: 'input_features', dtype: 'float32', shape: [melBins, frames] },
      { name: 'decoder_input_ids', option: 'decoderInputIds', dtype: 'int32', shape: ['decoder_length'] },
    ]
    this.maxPositions = decoder.positions
    const { blocks, heads, width } = decoder
    this.cacheSizes = { blocks, keyHeads: heads, dim: width / heads }
    this.model = { encoder: new Encoder(encoder), decoder: new Decoder(decoder, vocabSize) }
  }

  override tableOf(input: string) {
    return input === 'decoder_input_ids' ? this.model.decoder.embedTokens : undefined
  }

  encoderHiddenStates(mel: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.model.encoder.hiddenStates(mel, context)
  }

  decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.model.decoder.hiddenStates(ids, context)
  }

  override encode(mel: Tensor, { training }: NetworkContext): Tensor {
    return this.model.encoder.apply(mel, { training })
  }

  override decode(ids: Tensor, context: NetworkContext): Tensor {
    return this.model.decoder.apply(ids, context)
  }

  head(states: Tensor): Tensor {
    return this.model.decoder.embedTokens.reverse(states)
  }
}

export const whisper: Architecture = {
  modelType: 'whisper',
  networks: {
    WhisperForConditionalGeneration: (config) => new WhisperForConditionalGeneration(configOf(config)),
  },
  checkpoint: {
    prefix: 'model',
    tied: { 'proj_out.weight': 'model.decoder.embed_tokens.weight' },
  },
}
