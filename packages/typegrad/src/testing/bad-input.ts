import { expect } from 'vitest'
import {
  Callback,
  type CompileOptions,
  type Data,
  layers,
  type Sequential,
  sequential,
  TypegradError,
} from '../index.ts'
import { flatWeights } from './linear-reference.ts'

/** A classifier of rows of 4 numbers into 3 classes. */
export function classifier(loss: CompileOptions['loss'] = 'sparseCategoricalCrossentropy'): Sequential {
  const model = sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [4], name: 'rows' })])
  model.compile({ optimizer: 'adam', loss, metrics: ['accuracy'] })
  return model
}

export const rows = (count: number, width = 4): number[][] =>
  Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_, j) => i - j))
export const labels = (count: number): number[] => Array.from({ length: count }, (_, i) => i % 3)

/** Counts what happens in a training: nothing must. */
class Nothing extends Callback {
  calls = 0
  override onTrainBegin(): void {
    this.calls += 1
  }
}

/** Asserts the error's code and text, that nothing has begun, and that neither weights nor optimizer changed. */
export async function refuses(
  model: Sequential,
  x: Data,
  y: Data,
  code: string,
  text: string,
  options: Parameters<Sequential['fit']>[2] = {},
): Promise<void> {
  const before = await flatWeights(model)
  const watch = new Nothing()
  const error = await model
    .fit(x, y, { verbose: 0, ...options, callbacks: [watch] })
    .then(() => undefined)
    .catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(TypegradError)
  expect((error as TypegradError).message).toBe(text)
  expect((error as TypegradError).code).toBe(code)
  expect(watch.calls, 'callbacks called').toBe(0)
  expect(await flatWeights(model), 'weights').toEqual(before)
  expect(await model.optimizer.iterations.value.item(), 'steps').toBe(0)
}
