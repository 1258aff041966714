import { type Tensor, tensor } from 'typegrad'
import { ArgumentError, optionsOf } from 'typegrad/core'
import { checks } from 'typegrad/layers'
import { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import { ignoredLabel } from '../layers/labels.ts'
import { longestText } from '../pipelines/parts.ts'
import { inputsFor, roundedLength } from '../pipelines/rows.ts'
import type { Encoding } from '../tokenizers/encoding.ts'
import { checkVocabulary, Tokenizer } from '../tokenizers/tokenizer.ts'
import { RowFault } from './task.ts'

/** A text, or a window of one, with what the model is to say of it. */
export interface TextExample<Label> {
  readonly encoding: Encoding
  readonly label: Label
}

/** What tasks of texts are told. */
export interface TextTaskOptions {
  readonly tokenizer: Tokenizer
  /** How many tokens of a text are read, special ones included. Default: as many as the model can. */
  readonly maxLength?: number | undefined
  /** Whether texts that are longer are cut off, rather than refused. Default false. */
  readonly truncation?: boolean | undefined
}

export const textTaskChecks = optionsOf<TextTaskOptions>()({
  tokenizer: checks.needed(checks.named),
  maxLength: checks.count,
  truncation: checks.boolean,
})

/**
 * The most tokens of a text.
 *
 * @param outputs what the model's head gives.
 * @throws ArgumentError for what is no model or no tokenizer, a model with another head, a tokenizer of another model, and a
 * length that the model does not read.
 */
export function checkedLength(
  where: string,
  model: unknown,
  { tokenizer, maxLength }: TextTaskOptions,
  outputs: readonly string[],
): number | undefined {
  if (!(model instanceof PretrainedModel)) {
    throw new ArgumentError({ where, expected: 'a PretrainedModel', received: `${model}` })
  }
  if (!(tokenizer instanceof Tokenizer)) {
    throw new ArgumentError({
      where: `${where}: tokenizer`,
      expected: 'the tokenizer of the model',
      received: typeof tokenizer,
      fix: 'loadTokenizer(folder) reads it.',
    })
  }
  const own = model.modelOutputs.map(({ name }) => name)
  const missing = outputs.filter((name) => !own.includes(name))
  if (missing.length > 0) {
    throw new ArgumentError({
      where,
      expected: `a model that gives ${outputs.join(' and ')}`,
      received: `${model.network.className}, which gives ${own.join(', ')}`,
      fix: `Choose another head: fromPretrained(folder, { className, strict: false }) with one of ${Object.keys(model.architecture.networks).join(', ')}.`,
    })
  }
  const rows = Number(model.config.vocab_size)
  if (Number.isFinite(rows)) checkVocabulary(tokenizer, rows)
  const longest = longestText({ model, tokenizer })
  if (maxLength !== undefined && maxLength > (longest ?? maxLength)) {
    throw new ArgumentError({
      where: `${where}: maxLength`,
      expected: `at most ${longest}, which the model reads`,
      received: String(maxLength),
    })
  }
  return maxLength ?? longest
}

/** @throws RowFault for an entry that is no text, or has none. */
export function textOf(row: Readonly<Record<string, unknown>>, name: string): string {
  const text = row[name]
  if (typeof text === 'string' && text.trim() !== '') return text
  throw new RowFault(`text in '${name}'`, described(text))
}

/** @throws RowFault for what is no object. */
export function recordOf(row: unknown): Readonly<Record<string, unknown>> {
  if (typeof row === 'object' && row !== null && !Array.isArray(row))
    return row as Readonly<Record<string, unknown>>
  throw new RowFault('an object', described(row))
}

/** A value in an error, shortened. */
export function described(value: unknown): string {
  if (value === undefined) return 'none'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

/** A model's inputs by its names, filled up to one of few lengths: int32 (batch, length) each. */
export function textInputs(
  model: PretrainedModel,
  tokenizer: Tokenizer,
  encodings: readonly Encoding[],
  longest: number | undefined,
): { readonly inputs: Readonly<Record<string, Tensor>>; readonly length: number } {
  const length = roundedLength(Math.max(...encodings.map((encoding) => encoding.length)), longest)
  return { inputs: inputsFor({ model, tokenizer }, encodings, length), length }
}

/** Labels of each position, −100 where there is none: int32 (batch, length). */
export function positionLabels(rows: readonly (readonly number[])[], length: number): Tensor {
  const data = new Int32Array(rows.length * length).fill(ignoredLabel)
  for (const [i, row] of rows.entries()) data.set(row, i * length)
  return tensor(data).reshape([rows.length, length])
}
