// First weights of layers, by Keras's names and layouts.
import type { TensorSpec } from './workload.ts'

export type Weights = readonly TensorSpec[]

/** A kernel with the limits of Glorot's uniform initializer. */
export const kernel = (
  name: string,
  shape: readonly number[],
  fanIn: number,
  fanOut: number,
): TensorSpec => ({
  name,
  shape,
  fill: { kind: 'uniform', limit: Math.sqrt(6 / (fanIn + fanOut)) },
})
export const constant = (name: string, shape: readonly number[], value: number): TensorSpec => ({
  name,
  shape,
  fill: { kind: 'constant', value },
})
export const small = (name: string, shape: readonly number[]): TensorSpec => ({
  name,
  shape,
  fill: { kind: 'uniform', limit: 0.02 * Math.sqrt(3) },
})

export const dense = (name: string, inputs: number, units: number): Weights => [
  kernel(`${name}/kernel`, [inputs, units], inputs, units),
  constant(`${name}/bias`, [units], 0),
]
export const conv = (name: string, size: number, inputs: number, filters: number, bias = true): Weights => [
  kernel(`${name}/kernel`, [size, size, inputs, filters], size * size * inputs, size * size * filters),
  ...(bias ? [constant(`${name}/bias`, [filters], 0)] : []),
]
export const norm = (name: string, features: number, center = true): Weights => [
  constant(`${name}/gamma`, [features], 1),
  ...(center ? [constant(`${name}/beta`, [features], 0)] : []),
]
export const attention = (name: string, width: number, heads: number, bias: boolean): Weights => [
  ...['query', 'key', 'value'].flatMap((part) => [
    small(`${name}/${part}/kernel`, [width, heads, width / heads]),
    ...(bias ? [constant(`${name}/${part}/bias`, [heads, width / heads], 0)] : []),
  ]),
  small(`${name}/attention_output/kernel`, [heads, width / heads, width]),
  ...(bias ? [constant(`${name}/attention_output/bias`, [width], 0)] : []),
]
