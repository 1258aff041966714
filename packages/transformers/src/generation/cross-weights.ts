import { compile, ops, type Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { EncoderDecoder } from '../layers/network.ts'
import { keptCross } from './cache-memory.ts'
import { decoderOf, type GenerationModel } from './decoder.ts'
import type { EncodedInput } from './encoded-input.ts'
import type { TokenIds } from './prompts.ts'
import type { Encoded } from './sequences.ts'

/** One head of a decoder's attention to its encoder: which block, and which of its heads, counted from 0. */
export type CrossHead = readonly [block: number, head: number]

/** The least number of tokens that are read at once; more are filled up to a power of two. */
const leastTokens = 32

/**
 * How much of an encoder's positions some heads of the decoder look at, token by token of a text that is there already: the
 * decoder reads it once more, all tokens at once.
 */
export class CrossWeights {
  readonly #model: GenerationModel
  readonly #read

  /** @throws ArgumentError for heads that the network does not have. */
  constructor(where: string, model: GenerationModel, heads: readonly CrossHead[]) {
    const { network } = decoderOf(model)
    const { blocks, keyHeads } = network.cacheSizes
    const unknown = heads.find(([block, head]) => !(block < blocks && head < keyHeads))
    if (heads.length === 0 || unknown !== undefined) {
      throw new ArgumentError({
        where,
        expected: `heads of ${blocks} blocks with ${keyHeads} each, counted from 0`,
        received: unknown === undefined ? 'none' : `block ${unknown[0]}, head ${unknown[1]}`,
      })
    }
    this.#model = model
    this.#read = compile(
      (ids: Tensor, { encoded }: { encoded: Encoded }) =>
        traceCrossWeights(network as EncoderDecoder, heads, ids, encoded),
      { engine: () => (model instanceof PretrainedModel ? model.engine : undefined) },
    )
  }

  /**
   * @param input of one row.
   * @param ids what the decoder reads, its beginning included.
   * @returns weights of each token over the positions, for each head: rows of (positions).
   */
  async of(input: EncodedInput, ids: TokenIds): Promise<readonly (readonly Float32Array[])[]> {
    const { maxPositions } = decoderOf(this.#model).network
    const length = Math.min(maxPositions, 2 ** Math.ceil(Math.log2(Math.max(ids.length, leastTokens))))
    // Nothing sees what a text is filled up with behind.
    const filled = new Int32Array(length)
    filled.set(ids)
    const weights = await this.#read(tensor(filled, { dtype: 'int32' }).reshape([1, length]), {
      encoded: input.encoded,
    })
    const [heads, , positions] = weights.shape as readonly [number, number, number]
    const data = (await weights.data()) as Float32Array
    return Array.from({ length: heads }, (_, head) =>
      ids.map((_, token) => {
        const start = (head * length + token) * positions
        return data.subarray(start, start + positions)
      }),
    )
  }
}

/** (heads, tokens, positions) */
function traceCrossWeights(
  network: EncoderDecoder,
  heads: readonly CrossHead[],
  ids: Tensor,
  { states, cross }: Encoded,
): Tensor {
  const seen: Tensor[] = []
  // An input that is no text has no padding: all positions count.
  network.decode(ids, {
    training: false,
    encoderStates: states,
    cache: keptCross(cross),
    observeCross(block, { query, keys, scale }) {
      for (const [i, [wanted, head]] of heads.entries()) {
        if (wanted !== block) continue
        const of = (x: Tensor): Tensor =>
          x.slice([0, 0, head, 0], [1, x.shape[1] as number, 1, x.shape[3] as number]).squeeze([0, 2])
        const scores = of(query)
          .matmul(of(keys).transpose([1, 0]))
          .mul(scale)
        seen[i] = ops.softmax(scores)
      }
    },
  })
  return ops.stack(seen)
}
