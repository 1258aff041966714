import { ops, type Tensor } from 'typegrad'
import type { NetworkContext } from './network.ts'

/**
 * What a decoder begins with: the words' embeddings, behind a prompt’s where the context has one; with a cache the prompt's in the
 * place of ids below 0.
 *
 * @param embed gives the embeddings of ids, (batch, length) → (batch, length, width).
 * @returns (batch, prompt + length, width); with a cache (batch, length, width)
 */
export function wordStates(
  embed: { apply(ids: Tensor): Tensor },
  ids: Tensor,
  { prompt, cache }: NetworkContext,
): Tensor {
  if (prompt === undefined) return embed.apply(ids)
  if (cache !== undefined) {
    const words = embed.apply(ids.clip({ min: 0 }))
    return ops.where(isVector(ids).expandDims(-1), ops.gather(prompt, vectorOf(ids, prompt)), words)
  }
  const words = embed.apply(ids)
  const [batch, , width] = words.shape as readonly [number, number, number]
  return ops.concat([prompt.broadcastTo([batch, prompt.shape[0] as number, width]), words], 1)
}

/** Which ids stand for vectors. */
export const isVector = (ids: Tensor): Tensor => ids.less(0)

/** The row of each such vector; any for the others. */
export const vectorOf = (ids: Tensor, vectors: Tensor): Tensor =>
  ids
    .mul(-1)
    .sub(1)
    .clip({ min: 0, max: (vectors.shape[0] as number) - 1 })
