import { readFileSync } from 'node:fs'
import { type Tensor, tensor, type Variable } from 'typegrad/core'

interface PlainTensor {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

type Part = readonly number[] | readonly (readonly number[])[]

/** Steps of a training: what a batch holds, and the weights before and after. */
export interface GoldenSteps {
  readonly rate: number
  readonly batches: readonly (readonly Part[])[]
  readonly weights: readonly PlainTensor[]
  readonly losses: readonly number[]
  readonly after: readonly PlainTensor[]
}

/** tools/golden/make_recommend.py: RecBole's measures, Surprise's baselines and PyTorch's steps. */
export const golden: {
  readonly measures: {
    readonly items: number
    readonly lists: readonly (readonly number[])[]
    readonly taken: readonly (readonly number[])[]
    readonly found: Readonly<Record<'recall' | 'ndcg' | 'reciprocalRank' | 'coverage', number>>
  }
  readonly baselines: {
    readonly rows: readonly (readonly [user: number, item: number, rating: number])[]
    readonly users: number
    readonly items: number
    readonly biases: readonly (readonly number[])[]
    readonly neighbours: readonly (readonly number[])[]
  }
  readonly ratingFactors: GoldenSteps
  readonly bpr: GoldenSteps
  readonly softmax: GoldenSteps
  readonly ratingTowers: GoldenSteps & { readonly features: PlainTensor }
  readonly rankingTowers: GoldenSteps & { readonly features: PlainTensor }
  readonly sasrec: GoldenSteps & {
    readonly sequences: readonly (readonly number[])[]
    readonly states: PlainTensor
  }
} = JSON.parse(readFileSync(new URL('../../golden/recommend.json', import.meta.url), 'utf8'))

/** Sets weights. */
export function assignAll(weights: readonly Variable[], values: readonly PlainTensor[]): void {
  for (const [i, weight] of weights.entries()) {
    const { shape, data } = values[i] as PlainTensor
    weight.assign(tensor(Float32Array.from(data), { shape: [...shape] }) as Tensor)
  }
}

/** A part of a batch as a tensor of its shape: places are whole, all else is float32. */
export function partOf(part: Part, isPlaces: boolean): Tensor {
  const rows = part as readonly (readonly number[])[]
  const flat = part.flat() as number[]
  const shape = Array.isArray(part[0]) ? [rows.length, rows[0]?.length ?? 0] : [part.length]
  return isPlaces
    ? (tensor(Int32Array.from(flat), { dtype: 'int32', shape }) as Tensor)
    : (tensor(Float32Array.from(flat), { shape }) as Tensor)
}
