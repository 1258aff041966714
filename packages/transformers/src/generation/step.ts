import { arange, ops, type Tensor, tensor, zeros } from 'typegrad'
import { CausalLM, type EncoderDecoder, type NetworkContext } from '../layers/network.ts'
import { type CacheMemory, cacheIn, crossCollector } from './cache-memory.ts'
import type { Encoded } from './sequences.ts'

/** Tensors of a step. Each form of it is a program, for each memory and number of tokens. */
export interface StepInputs {
  /** (rows, tokens) */
  readonly ids: Tensor
  /** Where the first token stands in the memory. */
  readonly offset: Tensor
  /** Which of the tokens scores are wanted of; absent for all of them. */
  readonly last?: Tensor
  /** How many positions are padding at the beginning of each row: (rows, 1). */
  readonly pads?: Tensor
  readonly encoded?: Encoded
}

/** Reads tokens into a memory, and scores what comes behind the last of them, or behind each. */
export function traceStep(
  network: CausalLM | EncoderDecoder,
  memory: CacheMemory,
  { ids, offset, last, pads, encoded }: StepInputs,
): Tensor {
  const [rows, width] = ids.shape as readonly [number, number]
  const counted = arange(0, width, 1, { dtype: 'int32' }).add(offset)
  const positions = pads === undefined ? counted.reshape([1, width]) : counted.sub(pads)
  const front = network instanceof CausalLM ? network.vectorsInFront : 0
  const context: NetworkContext = {
    training: false,
    // Padding stands before 0, and what a chunk is filled up with may stand behind the end.
    positionIds: positions.clip({ min: 0, max: front + network.maxPositions - 1 }),
    cache: cacheIn(memory, offset, encoded?.cross),
    ...(pads !== undefined && {
      attentionMask: pads.lessEqual(arange(0, memory.capacity, 1, { dtype: 'int32' })),
    }),
  }
  const states =
    network instanceof CausalLM
      ? network.features(ids, context)
      : network.decode(ids, { ...context, ...toldOf(encoded) })
  if (last === undefined) return network.head(states)
  return network.head(ops.dynamicSlice(states, [0, last, 0], [rows, 1, states.shape[2] as number]))
}

/** What a decoder needs of an encoder's input at each step, but for the mask. */
export function traceEncode(
  network: EncoderDecoder,
  x: Tensor,
  mask: Tensor | undefined,
): { readonly states: Tensor; readonly cross: readonly Tensor[] } {
  const told = { training: false, ...(mask !== undefined && { attentionMask: mask }) }
  const states = network.encode(x, told)
  const { cache, cross } = crossCollector(tensor(0, { dtype: 'int32' }))
  const rows = states.shape[0] as number
  // Of this only what the blocks make of the encoder's states is used.
  network.decode(zeros([rows, 1], { dtype: 'int32' }), {
    training: false,
    cache,
    ...toldOf({ states, cross: [], ...(mask !== undefined && { mask }) }),
  })
  return { states, cross }
}

const toldOf = (encoded: Encoded | undefined): Partial<NetworkContext> => ({
  ...(encoded !== undefined && { encoderStates: encoded.states }),
  ...(encoded?.mask !== undefined && { encoderMask: encoded.mask }),
})
