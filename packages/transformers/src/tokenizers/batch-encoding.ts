import { type Tensor, tensor } from 'typegrad'
import { ArgumentError } from 'typegrad/core'
import type { Encoding } from './encoding.ts'

/** The names that models have for what a tokenizer makes. */
export const inputNames = ['input_ids', 'attention_mask', 'token_type_ids', 'special_tokens_mask'] as const
export type TokenizerInput = (typeof inputNames)[number]

const listOf: Readonly<Record<TokenizerInput, (encoding: Encoding) => readonly number[]>> = {
  input_ids: ({ ids }) => ids,
  attention_mask: ({ attentionMask }) => attentionMask,
  token_type_ids: ({ typeIds }) => typeIds,
  special_tokens_mask: ({ specialTokensMask }) => specialTokensMask,
}

/** Several texts as a model takes them, a row for each, or for each of their windows. */
export class BatchEncoding {
  readonly encodings: readonly Encoding[]
  /** Of each row, the text that it is of. */
  readonly samples: readonly number[]
  /** What the model takes. */
  readonly names: readonly TokenizerInput[]

  constructor(encodings: readonly Encoding[], samples: readonly number[], names: readonly TokenizerInput[]) {
    this.encodings = encodings
    this.samples = samples
    this.names = names
  }

  /** Rows and tokens in each: `[batch, length]`. @throws ArgumentError where rows are of several lengths. */
  get shape(): readonly [number, number] {
    const lengths = new Set(this.encodings.map(({ length }) => length))
    if (lengths.size > 1) {
      throw new ArgumentError({
        where: 'Tokenizer.encodeBatch',
        expected: 'texts of one length for an array or a tensor',
        received: `lengths from ${Math.min(...lengths)} to ${Math.max(...lengths)}`,
        fix: 'Fill them up: encodeBatch(texts, { padding: true }).',
      })
    }
    return [this.encodings.length, this.encodings[0]?.length ?? 0]
  }

  /** The numbers of all rows, one row after the other: `[batch · length]`. */
  array(name: TokenizerInput): Int32Array {
    const [rows, length] = this.shape
    const out = new Int32Array(rows * length)
    for (const [row, encoding] of this.encodings.entries()) out.set(listOf[name](encoding), row * length)
    return out
  }

  /**
   * The inputs of a model by its names, each int32 `[batch, length]`.
   *
   * @param names those that the model takes; others than a tokenizer makes are left out. Default: the tokenizer's own.
   */
  tensors(names: readonly string[] = this.names): Readonly<Record<string, Tensor>> {
    const made = inputNames.filter((name) => names.includes(name))
    return Object.fromEntries(
      made.map((name) => [name, tensor(this.array(name), { dtype: 'int32', shape: this.shape })]),
    )
  }
}
