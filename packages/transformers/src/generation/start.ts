import { Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import { CausalLM } from '../layers/network.ts'
import type { Decoder, GenerationModel } from './decoder.ts'
import { EncodedInput } from './encoded-input.ts'
import type { PromptOptions } from './generate-options.ts'
import { decoderStartOf } from './model-config.ts'
import { checkPrompts, padded, type TokenIds } from './prompts.ts'
import type { Encoded, Sequences } from './sequences.ts'

/** Lists of ids; for an encoder–decoder also what its encoder reads, (batch, …), or has read. */
export type Prompts = readonly TokenIds[] | Tensor | EncodedInput

/** Prompts that have been checked. */
export interface Start {
  /** What stands before each answer: for an encoder–decoder what its decoder begins with. */
  readonly histories: readonly TokenIds[]
  /** Reads them all, a row each, and scores the first word of each answer. */
  read(): Promise<{ readonly sequences: Sequences; readonly logits: Float32Array[] }>
}

/**
 * Checks prompts; nothing runs before `read`.
 *
 * @throws ArgumentError for prompts that the model cannot answer.
 */
export function startOf(
  where: string,
  model: GenerationModel,
  decoder: Decoder,
  prompts: Prompts,
  options: PromptOptions,
): Start {
  const { after } = options
  if (after !== undefined && after.model !== model) {
    throw new ArgumentError({
      where: `${where}: after`,
      expected: 'a conversation of the same model',
      received: `one of another ${after.model.className}`,
    })
  }
  return decoder.network instanceof CausalLM
    ? continued(where, decoder, prompts, options)
    : written(where, model, decoder, prompts, options)
}

/** Of a causal language model: prompts behind what they all continue. */
function continued(
  where: string,
  decoder: Decoder,
  prompts: Prompts,
  { after, decoderIds }: PromptOptions,
): Start {
  const isList = !(prompts instanceof Tensor || prompts instanceof EncodedInput)
  if (!isList || decoderIds !== undefined) {
    throw new ArgumentError({
      where,
      expected: 'lists of token ids alone for a causal language model',
      received: isList ? 'decoderIds' : prompts instanceof Tensor ? String(prompts) : 'an EncodedInput',
    })
  }
  const { maxPositions } = decoder.network
  const before = after?.ids ?? []
  checkPrompts(prompts, {
    where,
    words: decoder.words(),
    most: maxPositions - 1 - before.length,
    because: `the model tells ${maxPositions} positions apart${before.length > 0 ? `, ${before.length} are taken` : ''}, and one is for the answer`,
  })
  const histories = prompts.map((ids) => [...before, ...ids])
  return {
    histories,
    async read() {
      const { pads, ids } = padded(histories)
      const sequences = (await after?.readSequences())?.fork() ?? decoder.begin(pads)
      if (after !== undefined) {
        const parents = pads.map(() => 0)
        await decoder.rearrange(sequences, parents, pads)
        sequences.pads = pads
      }
      // Behind padding some of what has been read would stand further back, and is read once more.
      const { length } = sequences
      const logits = await decoder.read(
        sequences,
        ids.map((row) => row.slice(length)),
      )
      return { sequences, logits }
    },
  }
}

/** Of an encoder–decoder: prompts are the encoder's, and all answers begin alike. */
function written(
  where: string,
  model: GenerationModel,
  decoder: Decoder,
  prompts: Prompts,
  { decoderIds }: PromptOptions,
): Start {
  const { maxPositions } = decoder.network
  const start = decoderStartOf(model)
  const begin = decoderIds ?? (start === undefined ? [] : [start])
  if (begin.length === 0) {
    throw new ArgumentError({
      where: `${where}: decoderIds`,
      expected: 'the tokens that an answer begins with',
      received: 'none, and the configuration has no decoder_start_token_id',
    })
  }
  if (prompts instanceof EncodedInput && prompts.model !== model) {
    throw new ArgumentError({
      where,
      expected: 'what the encoder of the same model has read',
      received: `an EncodedInput of another ${prompts.model.className}`,
    })
  }
  const words = decoder.words(prompts instanceof Tensor ? prompts : undefined)
  if (Array.isArray(prompts)) {
    const because = `the encoder tells ${maxPositions} positions apart`
    checkPrompts(prompts, { where, words, most: maxPositions, because })
  }
  const because = `of ${maxPositions} positions one is for the answer`
  checkPrompts([begin], { where: `${where}: decoderIds`, words, most: maxPositions - 1, because })
  const rows = rowsOf(prompts)
  const histories = Array.from({ length: rows }, () => begin)
  return {
    histories,
    async read() {
      const pads = histories.map(() => 0)
      const sequences = decoder.begin(pads, await encodedOf(decoder, prompts))
      return { sequences, logits: await decoder.read(sequences, histories) }
    },
  }
}

const rowsOf = (prompts: Prompts): number => {
  if (prompts instanceof EncodedInput) return prompts.rows
  return prompts instanceof Tensor ? (prompts.shape[0] as number) : prompts.length
}

function encodedOf(decoder: Decoder, prompts: Prompts): Encoded | Promise<Encoded> {
  if (prompts instanceof EncodedInput) return prompts.encoded
  if (prompts instanceof Tensor) return decoder.encode(prompts)
  const { x, mask } = filled(prompts, decoder.network.maxPositions)
  return decoder.encode(x, mask)
}

/** The least length of an encoder's input. It doubles from there: each length is a program. */
const leastInput = 16

/** Prompts filled up behind to one of a few lengths, and which of their positions count. */
function filled(prompts: readonly TokenIds[], most: number): { readonly x: Tensor; readonly mask: Tensor } {
  const longest = Math.max(...prompts.map(({ length }) => length))
  const length = Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(longest, leastInput))))
  const shape = [prompts.length, length] as const
  const ids = new Int32Array(prompts.length * length)
  const mask = new Int32Array(prompts.length * length)
  for (const [row, prompt] of prompts.entries()) {
    ids.set(prompt, row * length)
    mask.fill(1, row * length, row * length + prompt.length)
  }
  const whole = (data: Int32Array) => tensor(data, { dtype: 'int32', shape })
  return { x: whole(ids), mask: whole(mask) }
}
