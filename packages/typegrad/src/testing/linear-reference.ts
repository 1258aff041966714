import { layers, optimizers, type Sequential, sequential, tensor } from '../index.ts'

/** Samples of a linear model: rows of features, and a label each. */
export interface LinearData {
  readonly x: readonly (readonly number[])[]
  readonly y: readonly number[]
}

/** Numbers without any pattern that a test could rely on by accident, from −1 to 1. */
export function linearData(samples: number, features: number, seed = 1): LinearData {
  const wave = (i: number) => Math.sin(12.9898 * (i + 1) * (seed + 0.5) + 78.233) * 43758.5453
  const number = (i: number) => 2 * (wave(i) - Math.floor(wave(i))) - 1
  const x = Array.from({ length: samples }, (_, i) =>
    Array.from({ length: features }, (_, j) => Math.fround(number(i * features + j))),
  )
  const y = x.map((row, i) => Math.fround(row.reduce((a, b) => a + b, 0.5) + 0.1 * number(7919 + i)))
  return { x, y }
}

/** Gradient descent on the mean squared error of x·w + b, in float64 and by hand. */
export class LinearReference {
  readonly w: number[]
  b: number
  readonly #rate: number

  constructor(w: readonly number[], b: number, rate: number) {
    this.w = [...w]
    this.b = b
    this.#rate = rate
  }

  predict(row: readonly number[]): number {
    return row.reduce((sum, value, j) => sum + value * (this.w[j] as number), this.b)
  }

  /** Σ weight·error² / samples, as Keras reduces it. */
  loss({ x, y }: LinearData, weights: readonly number[] = y.map(() => 1)): number {
    const values = x.map((row, i) => (weights[i] as number) * (this.predict(row) - (y[i] as number)) ** 2)
    return values.reduce((a, b) => a + b, 0) / x.length
  }

  /** One step. @returns the loss before it. */
  step(batch: LinearData, weights: readonly number[] = batch.y.map(() => 1)): number {
    const { x, y } = batch
    const before = this.loss(batch, weights)
    const slopes = x.map(
      (row, i) => (2 * (weights[i] as number) * (this.predict(row) - (y[i] as number))) / x.length,
    )
    this.w.forEach((_, j) => {
      const slope = slopes.reduce((sum, s, i) => sum + s * ((x[i] as readonly number[])[j] as number), 0)
      this.w[j] = (this.w[j] as number) - this.#rate * slope
    })
    this.b -= this.#rate * slopes.reduce((a, b) => a + b, 0)
    return before
  }

  /** One pass in the order of the data. @returns the mean of the losses over the samples. */
  epoch(data: LinearData, batchSize: number, weights: readonly number[] = data.y.map(() => 1)): number {
    let sum = 0
    for (let start = 0; start < data.y.length; start += batchSize) {
      const part = batchOf(data, start, start + batchSize)
      sum += this.step(part, weights.slice(start, start + batchSize)) * part.y.length
    }
    return sum / data.y.length
  }

  get weights(): number[] {
    return [...this.w, this.b]
  }
}

export const batchOf = ({ x, y }: LinearData, start: number, stop: number): LinearData => ({
  x: x.slice(start, stop),
  y: y.slice(start, stop),
})

/** A model of one dense layer and the same by hand, both from the same weights. */
export function linearPair(features: number, rate = 0.1): { model: Sequential; reference: LinearReference } {
  const w = Array.from({ length: features }, (_, j) => 0.25 * (j + 1))
  const model = sequential([layers.dense({ units: 1, inputShape: [features] })])
  model.setWeights([tensor(w, { shape: [features, 1] }), tensor([0.1])])
  model.compile({ optimizer: optimizers.sgd({ learningRate: rate }), loss: 'meanSquaredError' })
  return { model, reference: new LinearReference(w, Math.fround(0.1), rate) }
}

/** All weights of a model in a row. */
export async function flatWeights(model: {
  getWeights(): { data(): Promise<ArrayLike<number | bigint>> }[]
}) {
  const all = await Promise.all(model.getWeights().map((weight) => weight.data()))
  return all.flatMap((values) => Array.from(values, Number))
}
