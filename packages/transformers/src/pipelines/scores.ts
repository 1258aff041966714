import { ConfigReader } from '../base/config.ts'
import { labelsOf } from '../layers/labels.ts'
import { type PipelineParts, pretrainedOf } from './parts.ts'

/** A class with its score. */
export interface LabelScore {
  readonly label: string
  readonly score: number
}

/** @throws FormatError where some classes have a name and others not. */
export const modelLabels = ({ model }: Pick<PipelineParts, 'model'>): readonly string[] =>
  labelsOf(new ConfigReader(pretrainedOf(model).config))

/** exp xᵢ / Σ exp x */
export function softmax(x: ArrayLike<number>): number[] {
  const values = Array.from(x)
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const powers = values.map((value) => Math.exp(value - most))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

export const sigmoid = (x: ArrayLike<number>): number[] =>
  Array.from(x, (value) => 1 / (1 + Math.exp(-value)))

/** The first of the largest. */
export const largestAt = (x: ArrayLike<number>): number =>
  Array.from(x).reduce((best, value, i) => (value > (x[best] as number) ? i : best), 0)

/** The places of the largest numbers, those first; equal ones stay in their order. */
export const ranked = (x: ArrayLike<number>): number[] =>
  Array.from(x, (_, i) => i).sort((a, b) => (x[b] as number) - (x[a] as number))

/** The classes with the highest scores, those first. @param topK how many; null for all. */
export const best = (
  scores: readonly number[],
  labels: readonly string[],
  topK: number | null,
): readonly LabelScore[] =>
  ranked(scores)
    .slice(0, topK ?? labels.length)
    .map((i) => ({ label: labels[i] as string, score: scores[i] as number }))

/** What makes scores of a model's numbers. */
export const scored = { none: Array.from<number>, sigmoid, softmax } satisfies Record<
  string,
  (x: ArrayLike<number>) => number[]
>

/** As the model was trained (`problem_type`), or by how many classes there are. */
export function usualFunction({ model }: Pick<PipelineParts, 'model'>, labels: number): keyof typeof scored {
  const config = new ConfigReader(pretrainedOf(model).config)
  const types = ['regression', 'multi_label_classification', 'single_label_classification', ''] as const
  const type = config.oneOf('problem_type', types, '')
  if (type === 'regression') return 'none'
  return type === 'multi_label_classification' || labels === 1 ? 'sigmoid' : 'softmax'
}
