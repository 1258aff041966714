import { ops, type Tensor } from 'typegrad'
import type { NetworkContext } from './network.ts'

/**
 * What a decoder begins with: the words' embeddings, behind a prompt’s where the context has one.
 *
 * @param embed gives the embeddings of ids, (batch, length) → (batch, length, width).
 * @returns (batch, prompt + length, width)
 */
export function wordStates(
  embed: { apply(ids: Tensor): Tensor },
  ids: Tensor,
  { prompt }: NetworkContext,
): Tensor {
  const words = embed.apply(ids)
  if (prompt === undefined) return words
  const [batch, , width] = words.shape as readonly [number, number, number]
  return ops.concat([prompt.broadcastTo([batch, prompt.shape[0] as number, width]), words], 1)
}
