import { layers, ops, type Tensor, zeros } from 'typegrad'
import { Encoder, encoderInputs } from './encoder.ts'
import { embedding, linear } from './linear.ts'
import type { NetworkContext, NetworkInput } from './network.ts'
import { positionsOf, positionsWithin } from './positions.ts'
import { type BlockContext, PostNormBlock, type PostNormBlockConfig } from './post-norm-block.ts'

export interface PostNormEncoderConfig extends PostNormBlockConfig {
  readonly vocabSize: number
  readonly blocks: number
  /** Rows of the table of positions. */
  readonly positions: number
  /** Kinds of tokens: rows of their table; 0 for none. */
  readonly tokenTypes: number
  /**
   * The id of padding, for an encoder that counts positions from the tokens that are none; undefined where it counts from the
   * beginning of the row.
   */
  readonly padding?: number | undefined
}

export interface EncoderParts {
  /** Hugging Face's class. */
  readonly className: string
  /** Whether it ends with a dense layer over the first token's state. Default false. */
  readonly pooler?: boolean
}

/**
 * The encoder that BERT made common: embeddings of words, positions and kinds of tokens, added up and normalized, and blocks
 * that normalize after each part. What is different among its likes is the table of positions, the bias of attention, and the
 * names of the weights.
 *
 * Devlin et al. 2018, https://arxiv.org/abs/1810.04805
 */
export class PostNormEncoder extends Encoder {
  readonly className: string
  readonly takes: readonly NetworkInput[]
  readonly width: number
  readonly words
  readonly positions
  override readonly types
  readonly embeddingNorm
  readonly dropout
  readonly blocks: readonly PostNormBlock[]
  readonly pooler
  readonly #config: PostNormEncoderConfig

  constructor(config: PostNormEncoderConfig, { className, pooler = false }: EncoderParts) {
    super()
    const { width, vocabSize, positions, tokenTypes, blocks, epsilon, dropouts, stddev } = config
    this.#config = config
    this.className = className
    this.takes = encoderInputs(tokenTypes)
    this.width = width
    this.words = embedding(vocabSize, width, stddev)
    this.positions = positions > 0 ? embedding(positions, width, stddev) : undefined
    this.types = tokenTypes > 0 ? embedding(tokenTypes, width, stddev) : undefined
    this.embeddingNorm = layers.layerNormalization({ epsilon })
    this.dropout = layers.dropout({ rate: dropouts.hidden })
    this.blocks = Array.from({ length: blocks }, (_, i) => this.makeBlock(config, i))
    this.pooler = pooler ? linear(width, { stddev }) : undefined
  }

  get maxPositions(): number {
    const { positions, padding } = this.#config
    // Where positions are counted from padding's id, the rows up to it are no positions.
    return padding === undefined ? positions : positions - padding - 1
  }

  protected makeBlock(config: PostNormEncoderConfig, index: number): PostNormBlock {
    return new PostNormBlock(config, index)
  }

  /** What all blocks are told of relative positions. Default nothing. */
  protected relative(_length: number, _context: NetworkContext): Tensor | undefined {
    return undefined
  }

  /** (batch, length) → (batch, length, width) */
  #embed(ids: Tensor, context: NetworkContext): Tensor {
    const { padding } = this.#config
    let x = this.words.apply(ids)
    if (this.types !== undefined) {
      // Without kinds all tokens are of the first.
      x = x.add(this.types.apply(context.tokenTypeIds ?? zeros([1, 1], { dtype: 'int32' })))
    }
    if (this.positions !== undefined) {
      const length = ids.shape[1] as number
      const counted = padding === undefined || context.positionIds !== undefined
      const places = counted ? positionsOf(length, context) : positionsBehind(padding, ids, context)
      x = x.add(this.positions.apply(places))
    }
    return this.dropout.apply(this.embeddingNorm.apply(x), { training: context.training })
  }

  hiddenStates(ids: Tensor, context: NetworkContext): readonly Tensor[] {
    const length = ids.shape[1] as number
    const relative = this.relative(length, context)
    const told: BlockContext = { ...context, ...(relative !== undefined && { relative }) }
    let x = this.#embed(ids, context)
    const states = [x]
    for (const block of this.blocks) {
      x = block.apply(x, told)
      states.push(x)
    }
    return states
  }

  override pooled(states: Tensor): Tensor | undefined {
    return this.pooler?.apply(ops.at(states, 0, 1)).tanh()
  }
}

/**
 * Positions of tokens counted from those that are no padding, behind the id of padding, which all padding has for its
 * position: fairseq's way, https://github.com/facebookresearch/fairseq.
 *
 * @param ids (batch, length), int32.
 * @returns (batch, length), int32.
 */
function positionsBehind(padding: number, ids: Tensor, { segmentIds }: NetworkContext): Tensor {
  const counts = ids.notEqual(padding).cast('int32')
  const places = segmentIds === undefined ? ops.cumsum(counts, 1) : positionsWithin(segmentIds).add(1)
  return places.mul(counts).add(padding)
}
