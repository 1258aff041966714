import { readFileSync } from 'node:fs'
import type { DType } from '../base/dtype.ts'
import { type Tensor, tensor } from '../index.ts'

/** A tensor as the golden files keep it; see tools/golden/README.md. */
export interface GoldenTensor {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32' | 'bool'
  readonly data: readonly (number | 'NaN' | 'Infinity' | '-Infinity')[]
}

/** A file of `packages/typegrad/golden/`, whose shape the caller knows. */
export function readGolden<T>(file: string): T {
  return JSON.parse(readFileSync(new URL(`../../golden/${file}`, import.meta.url), 'utf8')) as T
}

export const goldenValues = ({ data }: GoldenTensor): number[] => data.map(Number)

export const fromGolden = (golden: GoldenTensor, dtype: DType = golden.dtype): Tensor =>
  tensor(goldenValues(golden), { shape: golden.shape, dtype })
