import { adapt, type adapters, type Tensor } from 'typegrad'
import type { PretrainedModel } from '../checkpoint/pretrained-model.ts'

/** A matrix in few bits a number, as `adapters.quantized` keeps it. */
export interface QuantizedParts {
  /** uint8 (rows, blocks, bytes of a block) */
  readonly packed: Tensor
  /** (rows, blocks) */
  readonly scales: Tensor
  /** uint8 (rows, bytes of the zero points); undefined where numbers are symmetric. */
  readonly zeros?: Tensor | undefined
}

/** Puts numbers that are rounded already in the place of a weight; what the adapter would make of it is never computed. */
export function keepQuantized(
  model: PretrainedModel,
  path: string,
  adapter: adapters.Quantized,
  { packed, scales, zeros }: QuantizedParts,
): void {
  adapt(model, path, adapter)
  const at = model.weightPaths
  at.get(path)?.assign(packed)
  at.get(`${path}/${adapter.name}/scales`)?.assign(scales)
  if (zeros !== undefined) at.get(`${path}/${adapter.name}/zeros`)?.assign(zeros)
}
