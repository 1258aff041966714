import { type Initializer, initializers, layers, type Tensor, type Variable } from 'typegrad'
import type { CallContext, InitializerIdentifier } from 'typegrad/layers'
import type { ActivationFunction } from './activation.ts'
import { attend, attendAcross, encoderKeys, joinHeads, splitHeads } from './attention.ts'
import {
  type CacheSizes,
  EncoderDecoder,
  EncoderDecoderBody,
  encoderDecoderInputs,
  type NetworkContext,
  Part,
} from './network.ts'
import { positionsOf, type SinusoidLayout, sinusoids } from './positions.ts'

export interface StackSizes {
  readonly blocks: number
  readonly heads: number
  /** Of the feed-forward part. */
  readonly inner: number
}

/**
 * The transformer of Vaswani et al. 2017 (https://arxiv.org/abs/1706.03762), and in what its descendants differ from it:
 * BART, mBART, Marian.
 */
export interface SequenceToSequenceConfig {
  readonly vocabSize: number
  /** Where the decoder has words of its own. */
  readonly decoderVocabSize: number
  readonly width: number
  /** The most positions. */
  readonly positions: number
  readonly encoder: StackSizes
  readonly decoder: StackSizes
  readonly activation: ActivationFunction
  readonly dropouts: { readonly hidden: number; readonly attention: number; readonly activation: number }
  /** Whether the sums of parts and what they were given are normalized, or what parts are given. */
  readonly normalize: 'after' | 'before'
  readonly normalizeEmbeddings: boolean
  /** Learned positions begin at the table's row 2, as in BART's first implementation; the others are no weights. */
  readonly positionTable: 'learned' | SinusoidLayout
  /** What word embeddings are multiplied with. */
  readonly embeddingScale: number
  /** Whether encoder and decoder have one table of words. */
  readonly isShared: boolean
  /** Whether the decoder's words are the head. */
  readonly isTied: boolean
  /** Whether scores of words get a constant, as BART's `final_logits_bias`. */
  readonly hasLogitsBias: boolean
  /** Whether queries, keys, values and the output of attention have biases. */
  readonly hasAttentionBias: boolean
  /** What matrices begin as. */
  readonly kernel: InitializerIdentifier
  /** What embeddings begin as. */
  readonly embeddings: InitializerIdentifier
}

const epsilon = 1e-5
const offset = 2

const dense = (units: number, { kernel }: SequenceToSequenceConfig, useBias = true) =>
  layers.dense({ units, useBias, kernelInitializer: kernel })

const embedding = (inputDim: number, { width, embeddings }: SequenceToSequenceConfig) =>
  layers.reversibleEmbedding({ inputDim, outputDim: width, embeddingsInitializer: embeddings })

type Embedding = ReturnType<typeof embedding>

abstract class Attention extends Part {
  readonly kProj
  readonly vProj
  readonly qProj
  readonly outProj
  readonly dropout
  readonly heads: number
  readonly block: number

  constructor(config: SequenceToSequenceConfig, heads: number, block: number) {
    super()
    const project = () => dense(config.width, config, config.hasAttentionBias)
    this.kProj = project()
    this.vProj = project()
    this.qProj = project()
    this.outProj = project()
    this.dropout = layers.dropout({ rate: config.dropouts.attention })
    this.heads = heads
    this.block = block
  }

  /** (batch, length, width) → (batch, length, heads, dim) */
  protected queries(x: Tensor): Tensor {
    return splitHeads(this.qProj.apply(x), this.heads)
  }

  protected keysAndValues(x: Tensor) {
    const [keys, values] = [this.kProj.apply(x), this.vProj.apply(x)]
    return { keys: splitHeads(keys, this.heads), values: splitHeads(values, this.heads) }
  }

  protected dropping(training: boolean) {
    return (weights: Tensor) => this.dropout.apply(weights, { training })
  }
}

class SelfAttention extends Attention {
  readonly className = 'SelfAttention'
  readonly causal: boolean

  constructor(config: SequenceToSequenceConfig, heads: number, block: number, causal: boolean) {
    super(config, heads, block)
    this.causal = causal
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const { keys, values } = this.keysAndValues(x)
    const mixed = attend(this.queries(x), keys, values, context, {
      causal: this.causal,
      block: this.block,
      dropout: this.dropping(context.training),
    })
    return this.outProj.apply(joinHeads(mixed))
  }
}

class CrossAttention extends Attention {
  readonly className = 'CrossAttention'

  call(x: Tensor, context: NetworkContext): Tensor {
    const across = encoderKeys(this.block, context, (states) => this.keysAndValues(states))
    const { block } = this
    const dropout = this.dropping(context.training)
    const mixed = attendAcross(this.queries(x), across, context, { block, dropout })
    return this.outProj.apply(joinHeads(mixed))
  }
}

/** One of the equal blocks of an encoder, or of a decoder, which attends to the encoder too. */
class Block extends Part {
  readonly className = 'SequenceBlock'
  readonly selfAttn
  readonly selfAttnLayerNorm
  readonly encoderAttn
  readonly encoderAttnLayerNorm
  readonly fc1
  readonly fc2
  readonly finalLayerNorm
  readonly activationDropout
  readonly dropout
  readonly activation: ActivationFunction
  readonly normalize: 'after' | 'before'

  constructor(config: SequenceToSequenceConfig, block: number, isDecoder: boolean) {
    super()
    const { heads, inner } = isDecoder ? config.decoder : config.encoder
    this.selfAttn = new SelfAttention(config, heads, block, isDecoder)
    this.selfAttnLayerNorm = layers.layerNormalization({ epsilon })
    this.encoderAttn = isDecoder ? new CrossAttention(config, heads, block) : undefined
    this.encoderAttnLayerNorm = isDecoder ? layers.layerNormalization({ epsilon }) : undefined
    this.fc1 = dense(inner, config)
    this.fc2 = dense(config.width, config)
    this.finalLayerNorm = layers.layerNormalization({ epsilon })
    this.activationDropout = layers.dropout({ rate: config.dropouts.activation })
    this.dropout = layers.dropout({ rate: config.dropouts.hidden })
    this.activation = config.activation
    this.normalize = config.normalize
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const { training } = context
    const { selfAttn, encoderAttn } = this
    const attended = this.#residual(x, this.selfAttnLayerNorm, training, (y) => selfAttn.apply(y, context))
    const informed =
      encoderAttn === undefined
        ? attended
        : this.#residual(attended, this.encoderAttnLayerNorm, training, (y) => encoderAttn.apply(y, context))
    return this.#residual(informed, this.finalLayerNorm, training, (y) => this.#feedForward(y, context))
  }

  #feedForward(x: Tensor, { training }: CallContext): Tensor {
    const inner = this.activation(this.fc1.apply(x))
    return this.fc2.apply(this.activationDropout.apply(inner, { training }))
  }

  /** norm(x + dropout(part(x))), or x + dropout(part(norm(x))): Xiong et al. 2020, https://arxiv.org/abs/2002.04745 */
  #residual(x: Tensor, norm: Norm | undefined, training: boolean, part: (x: Tensor) => Tensor): Tensor {
    const isBefore = this.normalize === 'before'
    const normalized = (y: Tensor): Tensor => norm?.apply(y) ?? y
    const sum = x.add(this.dropout.apply(part(isBefore ? normalized(x) : x), { training }))
    return isBefore ? sum : normalized(sum)
  }
}

type Norm = ReturnType<typeof layers.layerNormalization>

/** An encoder or a decoder: embeddings of words and positions, and the blocks. */
class Stack extends Part {
  readonly className = 'SequenceStack'
  readonly embedTokens
  readonly embedPositions
  readonly layernormEmbedding
  readonly layers: readonly Block[]
  readonly layerNorm
  readonly dropout
  readonly embeddingScale: number
  /** Positions that are no weights: (positions, width) */
  readonly positionTable: Tensor | undefined

  constructor(config: SequenceToSequenceConfig, embedTokens: Embedding, isDecoder: boolean) {
    super()
    const { positions, width, positionTable } = config
    const { blocks } = isDecoder ? config.decoder : config.encoder
    this.embedTokens = embedTokens
    this.embedPositions = positionTable === 'learned' ? embedding(positions + offset, config) : undefined
    this.positionTable = positionTable === 'learned' ? undefined : sinusoids(positions, width, positionTable)
    this.layernormEmbedding = config.normalizeEmbeddings ? layers.layerNormalization({ epsilon }) : undefined
    this.layers = Array.from({ length: blocks }, (_, i) => new Block(config, i, isDecoder))
    this.layerNorm = config.normalize === 'before' ? layers.layerNormalization({ epsilon }) : undefined
    this.dropout = layers.dropout({ rate: config.dropouts.hidden })
    this.embeddingScale = config.embeddingScale
  }

  call(ids: Tensor, context: NetworkContext): Tensor {
    return this.hiddenStates(ids, context).at(-1) as Tensor
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const positions = positionsOf(ids.shape[1] as number, context)
    const words = this.embedTokens.apply(ids)
    const scaled = this.embeddingScale === 1 ? words : words.mul(this.embeddingScale)
    const embedded = scaled.add(this.#positions(positions))
    const normalized = this.layernormEmbedding?.apply(embedded) ?? embedded
    let x = this.dropout.apply(normalized, { training: context.training })
    const states = [x]
    for (const block of this.layers) {
      x = block.apply(x, context)
      states.push(x)
    }
    return this.layerNorm === undefined ? states : states.with(-1, this.layerNorm.apply(x))
  }

  /** (…) → (…, width) */
  #positions(positions: Tensor): Tensor {
    return (
      this.positionTable?.gather(positions) ?? (this.embedPositions as Embedding).apply(positions.add(offset))
    )
  }
}

/** An encoder and a decoder without a head. */
export class SequenceToSequenceModel extends EncoderDecoderBody {
  readonly className: string
  readonly takes = encoderDecoderInputs
  readonly shared
  readonly encoder
  readonly decoder

  /** @param className Hugging Face's, such as `BartModel`. */
  constructor(className: string, config: SequenceToSequenceConfig) {
    super()
    this.className = className
    this.shared = config.isShared ? embedding(config.vocabSize, config) : undefined
    this.encoder = new Stack(config, this.shared ?? embedding(config.vocabSize, config), false)
    this.decoder = new Stack(config, this.shared ?? embedding(config.decoderVocabSize, config), true)
  }

  override tableOf(input: string) {
    return { input_ids: this.encoder, decoder_input_ids: this.decoder }[input]?.embedTokens
  }

  encoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.encoder.hiddenStates(ids, context)
  }

  decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.decoder.hiddenStates(ids, context)
  }
}

/** An encoder and a decoder that scores the next word of each position. */
export class SequenceToSequenceLM extends EncoderDecoder {
  readonly className: string
  readonly takes = encoderDecoderInputs
  readonly maxPositions: number
  readonly cacheSizes: CacheSizes
  readonly model: SequenceToSequenceModel
  readonly lmHead
  readonly hasLogitsBias: boolean
  #logitsBias: Variable | undefined

  /** @param className Hugging Face's, such as `BartForConditionalGeneration`. */
  constructor(className: string, config: SequenceToSequenceConfig) {
    super()
    const { width, positions, decoder } = config
    this.className = className
    this.maxPositions = positions
    this.cacheSizes = { blocks: decoder.blocks, keyHeads: decoder.heads, dim: width / decoder.heads }
    this.model = new SequenceToSequenceModel(className, config)
    this.lmHead = config.isTied ? undefined : dense(this.#words, config, false)
    this.hasLogitsBias = config.hasLogitsBias
  }

  get #words(): number {
    return this.model.decoder.embedTokens.inputDim
  }

  override build(): void {
    if (!this.hasLogitsBias) return
    this.#logitsBias = this.addWeight({
      name: 'final_logits_bias',
      shape: [1, this.#words],
      initializer: 'zeros',
      trainable: false,
    })
  }

  override tableOf(input: string) {
    return this.model.tableOf(input)
  }

  encoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.model.encoderHiddenStates(ids, context)
  }

  decoderHiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.model.decoderHiddenStates(ids, context)
  }

  head(states: Tensor): Tensor {
    this.ensureBuilt(states.shape)
    const scores = this.lmHead?.apply(states) ?? this.model.decoder.embedTokens.reverse(states)
    return this.#logitsBias === undefined ? scores : scores.add(this.#logitsBias.value)
  }
}

/** Normal numbers of this deviation for all matrices, as BART and its descendants begin with. */
export const normalBeginning = (stddev: number): Readonly<Record<'kernel' | 'embeddings', Initializer>> => {
  const initializer = initializers.randomNormal({ stddev })
  return { kernel: initializer, embeddings: initializer }
}
