import { layers, type Tensor } from 'typegrad'
import type { Layer } from 'typegrad/layers'
import type { ConfigReader } from '../base/config.ts'
import { GatedFeedForward } from '../layers/gated-feed-forward.ts'
import { embedding, linear } from '../layers/linear.ts'
import {
  type CacheSizes,
  CausalLM,
  Network,
  type NetworkContext,
  networkInputs,
  Part,
} from '../layers/network.ts'
import { positionsOf } from '../layers/positions.ts'
import { RotaryEmbedding } from '../layers/rope.ts'
import { RotaryAttention } from '../layers/rotary-attention.ts'
import { UnitOffsetRMSNormalization } from '../layers/unit-offset-rms-normalization.ts'
import { wordStates } from '../layers/word-states.ts'
import type { Architecture } from './architecture.ts'
import { decoderClassifiers } from './decoder-networks.ts'
import { type BlockConfig, type LlamaConfig, llamaConfig } from './llama-config.ts'
import { llamaRelatives } from './llama-relatives.ts'

const normalization = ({ isGemma, epsilon }: LlamaConfig): Layer =>
  isGemma ? new UnitOffsetRMSNormalization({ epsilon }) : layers.rmsNormalization({ epsilon })

/** Attention, then the feed-forward part, each on what is normalized, and added to what it got. */
class Block extends Part {
  readonly className: string = 'LlamaBlock'
  readonly selfAttn
  readonly mlp
  readonly inputLayernorm
  readonly postAttentionLayernorm
  readonly #isRotary: boolean

  constructor(config: LlamaConfig, { window, isRotary }: BlockConfig, block: number) {
    super()
    const { width, inner, activation, biases, stddev, epsilon } = config
    this.#isRotary = isRotary
    this.selfAttn = new RotaryAttention({
      ...config,
      window,
      block,
      softCap: config.scoreCap,
      dropout: config.attentionDropout,
      queryKeyEpsilon: config.normalizesQueries ? epsilon : undefined,
    })
    this.mlp = new GatedFeedForward({ width, inner, activation, stddev, useBias: biases.feedForward })
    this.inputLayernorm = normalization(config)
    this.postAttentionLayernorm = normalization(config)
  }

  call(x: Tensor, context: NetworkContext): Tensor {
    const attended = x.add(this.attend(this.inputLayernorm.apply(x), context))
    return attended.add(this.mlp.apply(this.postAttentionLayernorm.apply(attended), context))
  }

  protected attend(x: Tensor, context: NetworkContext): Tensor {
    if (this.#isRotary) return this.selfAttn.apply(x, context)
    const { rotation: _, ...still } = context
    return this.selfAttn.apply(x, still)
  }
}

/** A block that normalizes what each part gives, too. */
class GemmaBlock extends Block {
  override readonly className = 'GemmaBlock'
  readonly preFeedforwardLayernorm
  readonly postFeedforwardLayernorm

  constructor(config: LlamaConfig, own: BlockConfig, block: number) {
    super(config, own, block)
    this.preFeedforwardLayernorm = normalization(config)
    this.postFeedforwardLayernorm = normalization(config)
  }

  override call(x: Tensor, context: NetworkContext): Tensor {
    const attended = x.add(
      this.postAttentionLayernorm.apply(this.attend(this.inputLayernorm.apply(x), context)),
    )
    const fed = this.mlp.apply(this.preFeedforwardLayernorm.apply(attended), context)
    return attended.add(this.postFeedforwardLayernorm.apply(fed))
  }
}

/**
 * A decoder with rotary positions, normalization by root mean squares before each part, gated feed-forward parts and heads
 * that share keys: Llama and, by {@link llamaRelatives}, those that came after it.
 */
class LlamaModel extends Network {
  readonly className: string
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly embedTokens
  readonly layers: readonly Block[]
  readonly norm
  readonly #rope: RotaryEmbedding
  readonly #embeddingScale: number

  constructor(config: LlamaConfig, className: string) {
    super()
    const { isGemma, width, blocks } = config
    this.className = className
    this.embedTokens = embedding(config.vocabSize, width, config.stddev)
    this.layers = blocks.map((own, i) => new (isGemma ? GemmaBlock : Block)(config, own, i))
    this.norm = normalization(config)
    this.#rope = new RotaryEmbedding(config.rope)
    this.#embeddingScale = isGemma ? Math.sqrt(width) : 1
  }

  override tableOf(input: string) {
    return input === 'input_ids' ? this.embedTokens : undefined
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const embedded = wordStates(this.embedTokens, ids, context)
    const rotation = this.#rope.at(positionsOf(embedded.shape[1] as number, context))
    let x = this.#embeddingScale === 1 ? embedded : embedded.mul(this.#embeddingScale)
    const states = [x]
    for (const block of this.layers) {
      x = block.apply(x, { ...context, rotation })
      states.push(x)
    }
    return states.with(-1, this.norm.apply(x))
  }

  override outputs(ids: Tensor, context: NetworkContext) {
    return { last_hidden_state: this.hiddenStates(ids, context).at(-1) as Tensor }
  }
}

/** With scores of the next word: by the embeddings, or by weights of their own. */
class LlamaForCausalLM extends CausalLM {
  readonly className: string
  readonly takes = [networkInputs.inputIds, networkInputs.attentionMask]
  readonly maxPositions: number
  readonly cacheSizes: CacheSizes
  readonly model: LlamaModel
  readonly lmHead
  readonly #logitCap: number | undefined

  constructor(config: LlamaConfig, className: string) {
    super()
    const { blocks, keyHeads, dim, stddev } = config
    this.className = className
    this.maxPositions = config.rope.positions
    this.cacheSizes = { blocks: blocks.length, keyHeads, dim }
    this.model = new LlamaModel(config, 'LlamaModel')
    this.lmHead = config.isTied ? undefined : linear(config.vocabSize, { useBias: false, stddev })
    this.#logitCap = config.logitCap
  }

  features(ids: Tensor, context: NetworkContext): Tensor {
    return this.model.apply(ids, context)
  }

  head(states: Tensor): Tensor {
    const logits = this.lmHead?.apply(states) ?? this.model.embedTokens.reverse(states)
    const cap = this.#logitCap
    return cap === undefined ? logits : logits.div(cap).tanh().mul(cap)
  }

  override tableOf(input: string) {
    return this.model.tableOf(input)
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    return this.model.hiddenStates(ids, context)
  }
}

const heads = {
  Model: LlamaModel,
  ForCausalLM: LlamaForCausalLM,
}

/** Llama, Mistral, Qwen 2 and 3, SmolLM 2 and 3, Gemma 2. */
export const llamaFamily: readonly Architecture[] = llamaRelatives.map((relative) => ({
  modelType: relative.modelType,
  networks: {
    ...Object.fromEntries(
      Object.entries(heads).map(([head, Class]) => {
        const className = `${relative.className}${head}`
        return [className, (config: ConfigReader) => new Class(llamaConfig(config, relative), className)]
      }),
    ),
    ...decoderClassifiers(relative.className, {
      body: (config) => new LlamaModel(llamaConfig(config, relative), 'LlamaModel'),
      classifier: (config) => llamaConfig(config, relative).classifier,
    }),
  },
  checkpoint: {
    prefix: 'model',
    segments: { body: 'model', classifier: 'score' },
    // Frequencies are computed. Tied heads are the embeddings, and a body alone has none.
    ignored: ['*rotary_emb.inv_freq', 'lm_head.weight'],
  },
}))
