import type { AnyModel, Tensor } from 'typegrad'
import { ArgumentError, byteSize } from 'typegrad/core'
import { textTable } from '../base/text-table.ts'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { accuracy } from './accuracy.ts'
import { perplexity } from './perplexity.ts'
import { type QuantizeModelOptions, quantizeModel } from './quantize-model.ts'

export interface CompareOptions extends QuantizeModelOptions {
  /** What the model is timed with, by the names of its inputs, such as `{ input_ids }`. Default: the first of the texts. */
  readonly inputs?: Readonly<Record<string, Tensor>>
  /** What it is scored on: a language model by its perplexity, a classifier by its accuracy, which needs labels. */
  readonly samples?: ScoredSamples
  /** How good the model is, in another way than by samples. Default: nothing is asked. */
  readonly score?: (model: PretrainedModel) => Promise<number>
  /** What the score is called in the table. Default `'score'`. */
  readonly scoreName?: string
  /** Predictions that are timed, behind those until weights are packed. Default 10. */
  readonly runs?: number
}

/** Texts that a model is scored on. */
export interface ScoredSamples {
  readonly tokenizer: Tokenizer
  readonly texts: readonly string[]
  /** Of each text, by name or by number; for classifiers. */
  readonly labels?: readonly (string | number)[]
}

/** A model's size, speed and worth. */
export interface Measured {
  /** Bytes of all weights. */
  readonly bytes: number
  /** Milliseconds of a prediction, the median of several. */
  readonly milliseconds: number
  /** What `score` says; undefined where nothing was asked. */
  readonly score: number | undefined
}

export interface QuantizedComparison {
  readonly before: Measured
  readonly after: Measured
  readonly scoreName: string
  /** The largest difference of the main output, as a share of its largest value. */
  readonly difference: number
}

/** Calls until a prediction has its weights packed. */
const warming = 20

/**
 * Quantizes a model in place and tells what it was before and is afterwards.
 *
 * @throws as `quantizeModel` does.
 * @example
 * const told = await compareQuantized(model, { bits: 4, samples: { tokenizer, texts } })
 * console.log(formatComparison(told)) // with the perplexity before and after
 */
export async function compareQuantized(
  model: PretrainedModel,
  { samples, runs = 10, ...given }: CompareOptions,
): Promise<QuantizedComparison> {
  const usual = samples === undefined ? {} : scoring(model, samples)
  const { inputs, score, scoreName = 'score', ...options } = { ...usual, ...given }
  if (inputs === undefined) {
    throw new ArgumentError({
      where: 'compareQuantized',
      expected: 'inputs that the model is timed with, or samples',
      received: 'neither',
    })
  }
  const measured = async (): Promise<readonly [Measured, Float32Array]> => {
    const times: number[] = []
    let output: Tensor | undefined
    for (let i = 0; i < warming + runs; i++) {
      const start = performance.now()
      output = Object.values(await model.predict(inputs))[0]
      await output?.data()
      if (i >= warming) times.push(performance.now() - start)
    }
    const milliseconds = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN
    const data = (await output?.data()) as Float32Array
    return [{ bytes: weightBytes(model), milliseconds, score: await score?.(model) }, data]
  }
  const [before, exact] = await measured()
  await quantizeModel(model, options)
  const [after, rounded] = await measured()
  const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const off = exact.reduce((most, value, i) => Math.max(most, Math.abs(value - (rounded[i] as number))), 0)
  return { before, after, scoreName, difference: largest === 0 ? 0 : off / largest }
}

/** What is timed and asked where there are samples. */
function scoring(
  model: PretrainedModel,
  { tokenizer, texts, labels }: ScoredSamples,
): Partial<CompareOptions> {
  const takes = model.network.takes.map(({ name }) => name)
  const inputs = tokenizer.encodeBatch(texts.slice(0, 1), { truncation: true }).tensors(takes)
  return labels === undefined
    ? { inputs, score: (one) => perplexity(one, tokenizer, texts), scoreName: 'perplexity' }
    : { inputs, score: (one) => accuracy(one, tokenizer, texts, labels), scoreName: 'accuracy' }
}

/** Bytes of a model's weights as they are kept. */
export const weightBytes = ({ weights }: Pick<AnyModel, 'weights'>): number =>
  weights.reduce((sum, { shape, dtype }) => sum + byteSize[dtype] * shape.reduce((a, b) => a * b, 1), 0)

/** The table of a comparison, for a terminal. */
export function formatComparison({ before, after, scoreName, difference }: QuantizedComparison): string {
  const megabytes = ({ bytes }: Measured) => `${(bytes / 1e6).toFixed(1)} MB`
  const time = ({ milliseconds }: Measured) => `${milliseconds.toFixed(2)} ms`
  const score = (one: Measured) => one.score?.toPrecision(5) ?? ''
  const share = (a: number, b: number) => `${(a / b).toFixed(2)} ×`
  const rows = [
    ['', 'before', 'after', ''],
    ['weights', megabytes(before), megabytes(after), share(after.bytes, before.bytes)],
    ['prediction', time(before), time(after), share(after.milliseconds, before.milliseconds)],
    ...(before.score === undefined ? [] : [[scoreName, score(before), score(after), '']]),
    ['largest difference', '', `${(100 * difference).toFixed(2)} %`, 'of the largest output'],
  ]
  return textTable(rows, (column) => column === 0 || column === 3)
}
