import { ConfigReader } from '../base/config.ts'
import { labelsOf } from '../models/encoder-networks.ts'
import { pretrainedOf, type TextParts } from './parts.ts'

/** A class with its score. */
export interface LabelScore {
  readonly label: string
  readonly score: number
}

export const modelLabels = ({ model }: TextParts): readonly string[] =>
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
