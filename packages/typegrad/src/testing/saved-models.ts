import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { Model, Prediction } from '../models/index.ts'
import { tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A tensor in a `cases.json` of models that other libraries have saved. */
export interface Saved {
  readonly shape: number[]
  readonly dtype: 'float32' | 'int32' | 'int64' | 'bool'
  readonly data: number[]
}

/** What a saved model predicts, and what it does after one step of training more. */
export interface SavedCase {
  readonly inputs: Saved[]
  readonly labels?: Saved[]
  readonly outputs: Saved[]
  readonly after?: Saved[]
}

/** A folder of golden models: its files, and what `cases.json` says of them. */
export function savedModels<T extends { readonly cases: Record<string, SavedCase> }>(folder: string) {
  const url = new URL(`../../golden/${folder}/`, import.meta.url)
  const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, url)))
  return { url, bytesOf, content: JSON.parse(new TextDecoder().decode(bytesOf('cases.json'))) as T }
}

export const toTensor = ({ data, shape, dtype }: Saved): Tensor =>
  tensor(data, { dtype: dtype === 'int64' ? 'int32' : dtype }).reshape(shape)

export const one = (list: readonly Tensor[]): Tensor | readonly Tensor[] =>
  list.length === 1 ? (list[0] as Tensor) : list

/** Single precision over a few layers, in another order of additions. */
const tolerance = 1e-5

export async function expectOutputs(
  model: Model<Prediction>,
  { inputs }: SavedCase,
  wanted: readonly Saved[],
  within = tolerance,
): Promise<void> {
  const given = await model.predict(one(inputs.map(toTensor)))
  const outputs = Array.isArray(given) ? given : [given]
  expect(outputs).toHaveLength(wanted.length)
  for (const [i, { data, shape }] of wanted.entries()) {
    const output = outputs[i]
    expect(output.shape).toEqual(shape)
    const values = await output.data()
    const error = Math.max(...data.map((value, k) => Math.abs(value - Number(values[k]))))
    expect(error).toBeLessThan(within)
  }
}
