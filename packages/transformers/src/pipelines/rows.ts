import { type Tensor, tensor } from 'typegrad'
import type { Encoding } from '../tokenizers/encoding.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { pretrainedOf, type TextParts } from './parts.ts'

/** How inputs are run. */
export interface RunOptions {
  /** How many rows run at once: texts, or windows of long ones. Default 8. */
  readonly batchSize?: number | undefined
  /** Ends the work after the batch that runs: its reason is thrown. Default none. */
  readonly signal?: AbortSignal | undefined
}

interface Output {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** One text, or a window of one, with what the model gave for it. */
export class Row {
  readonly encoding: Encoding
  readonly #outputs: ReadonlyMap<string, Output>
  readonly #row: number

  /** @param row which of the batch's. */
  constructor(encoding: Encoding, outputs: ReadonlyMap<string, Output>, row: number) {
    this.encoding = encoding
    this.#outputs = outputs
    this.#row = row
  }

  /** What an output says of the whole text: (features). */
  whole(name: string): Float32Array {
    const { shape, data } = this.#outputs.get(name) as Output
    const size = data.length / (shape[0] as number)
    return data.subarray(this.#row * size, (this.#row + 1) * size)
  }

  /** What an output says of each token: (features) each, padding left out. */
  tokens(name: string): readonly Float32Array[] {
    const { shape } = this.#outputs.get(name) as Output
    const whole = this.whole(name)
    const size = whole.length / (shape[1] as number)
    return this.encoding.ids.map((_, i) => whole.subarray(i * size, (i + 1) * size))
  }
}

/** The least length that texts are filled up to. */
const leastLength = 8

/** One of few lengths, each a program of the model's, at most a quarter longer: 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, … */
export function roundedLength(length: number, most = Number.POSITIVE_INFINITY): number {
  const octave = 2 ** Math.floor(Math.log2(Math.max(length, leastLength)))
  const rounded = Math.max(leastLength, Math.ceil((4 * length) / octave) * (octave / 4))
  return Math.max(length, Math.min(rounded, most))
}

/**
 * Runs a model over encodings of any lengths: those of similar lengths together, filled up behind to one of few lengths and
 * numbers of rows.
 *
 * @param longest what no text is filled up beyond.
 * @returns a row for each, in their order.
 */
export async function predictRows(
  { model, tokenizer }: TextParts,
  encodings: readonly Encoding[],
  { batchSize = 8, signal }: RunOptions,
  longest: number | undefined,
): Promise<readonly Row[]> {
  const lengthAt = (i: number): number => (encodings[i] as Encoding).length
  const order = [...encodings.keys()].sort((a, b) => lengthAt(a) - lengthAt(b))
  const rows = new Array<Row>(encodings.length)
  for (let first = 0; first < order.length; first += batchSize) {
    signal?.throwIfAborted()
    const chosen = order.slice(first, first + batchSize)
    const batch = chosen.map((i) => encodings[i] as Encoding)
    // The last batch has as many rows as the next power of two: the rows that are added repeat its last one.
    const count = Math.min(batchSize, 2 ** Math.ceil(Math.log2(batch.length)))
    while (batch.length < count) batch.push(batch.at(-1) as Encoding)
    const length = roundedLength(lengthAt(chosen.at(-1) as number), longest)
    const outputs = await model.predict(inputsFor({ model, tokenizer }, batch, length), {
      batchSize: count,
      ...(signal !== undefined && { signal }),
    })
    const read = new Map<string, Output>()
    for (const [name, output] of Object.entries<Tensor>(outputs)) {
      read.set(name, { shape: output.shape, data: (await output.data()) as Float32Array })
    }
    for (const [row, i] of chosen.entries()) rows[i] = new Row(encodings[i] as Encoding, read, row)
  }
  return rows
}

/**
 * What a model takes of texts, by Hugging Face's names: int32 (rows, length) each. Rows are filled up with the padding that
 * the model itself counts by, which decoders that classify do: their tokenizers often have none.
 */
export function inputsFor(
  { model, tokenizer }: TextParts,
  batch: readonly Encoding[],
  length: number,
): Readonly<Record<string, Tensor>> {
  const { pad_token_id: id } = pretrainedOf(model).config
  const padding = typeof id === 'number' && id >= 0 ? id : undefined
  const made: Readonly<Record<string, Tensor>> = inputsOf(batch, length, tokenizer, padding)
  const taken = model.network.takes.flatMap(({ name }) =>
    made[name] === undefined ? [] : [[name, made[name]] as const],
  )
  return Object.fromEntries(taken)
}

/**
 * Inputs by Hugging Face's names: int32 (rows, length) each.
 *
 * @param padding the id that rows are filled up with. Default: the tokenizer's.
 */
export function inputsOf(
  batch: readonly Encoding[],
  length: number,
  { padId = 0, modelInputNames }: Tokenizer,
  padding = padId,
) {
  const filled = (list: (encoding: Encoding) => readonly number[], fill: number): Tensor => {
    const data = new Int32Array(batch.length * length).fill(fill)
    for (const [row, encoding] of batch.entries()) data.set(list(encoding), row * length)
    return tensor(data, { dtype: 'int32', shape: [batch.length, length] })
  }
  return {
    input_ids: filled(({ ids }) => ids, padding),
    attention_mask: filled(({ attentionMask }) => attentionMask, 0),
    // All 0 for models that were trained without them.
    token_type_ids: filled(({ typeIds }) => (modelInputNames.includes('token_type_ids') ? typeIds : []), 0),
  }
}
