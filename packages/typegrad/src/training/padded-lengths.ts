import { type TypedArray, typedArray } from '../base/dtype.ts'
import { sizeOf } from '../base/shape.ts'
import type { HostArray } from '../data/host-array.ts'
import type { AnyModel } from '../models/model.ts'
import { fromData, type Tensor } from '../tensor/tensor.ts'
import { bucketOf } from './batch-buckets.ts'
import { type LengthPlan, type LengthUse, lengthPlan } from './length-plan.ts'
import type { Samples } from './samples.ts'

/**
 * Makes sequences as long as the next of few lengths (8, 16, 24, …, 64, 80, …), so that a model is compiled for these
 * alone. Only where masks make the results the same; others stay as they are.
 */
export class PaddedLengths {
  readonly #model: AnyModel
  readonly #use: LengthUse
  readonly #isWanted: boolean
  #plan: LengthPlan | undefined | null = null

  /** @param isWanted the option `padLengths`. */
  constructor(model: AnyModel, use: LengthUse, isWanted = true) {
    this.#model = model
    this.#use = use
    this.#isWanted = isWanted
  }

  /** Inputs of a model that is built, without labels; with the `lengths` of its outputs where they are longer now. */
  inputs(given: Samples<HostArray>): Samples<HostArray> {
    const { x } = given
    const length = (input: number): number => x[input]?.shape[1] ?? 0
    const isBetween = (input: number): boolean => {
      const steps = length(input)
      return steps > 0 && bucketOf(steps) !== steps
    }
    // A plan is a walk through the model: calls whose lengths are right already do without.
    if (!this.#isWanted || !x.some((_, input) => isBetween(input))) return given
    // Known once there are data: a model may be built by them.
    if (this.#plan === null) this.#plan = lengthPlan(this.#model, this.#use)
    const plan = this.#plan
    if (plan === undefined) return given
    const fills = [...plan.fills].filter(([input]) => isBetween(input))
    if (fills.length === 0) return given
    // An input that stays as long as it is has to fulfil the conditions too: attention joins them.
    if (![...plan.fills].every(([input, fill]) => isFitting(x[input], fill, plan.counted))) return given
    const padded = [...x]
    for (const [input, fill] of fills) padded[input] = longer(x[input] as HostArray, fill)
    const isLonger = new Set(fills.map(([input]) => input))
    return {
      ...given,
      x: padded,
      lengths: plan.outputs.map((input) =>
        input === undefined || !isLonger.has(input) ? undefined : length(input),
      ),
    }
  }

  /** Samples with labels and weights: those of outputs that have steps get as many. */
  samples(given: Samples<HostArray>): Samples<HostArray> {
    const { x, lengths } = this.inputs(given)
    if (lengths === undefined) return given
    const { y, weights } = given
    // Labels of other lengths are for the loss to refuse, as they are.
    if (!y.every(({ shape }, i) => lengths[i] === undefined || shape[1] === lengths[i])) return given
    const isStepwise = ({ shape }: HostArray, i: number) => shape.length > 1 && shape[1] === lengths[i]
    return {
      ...given,
      x,
      // The last label again: whatever a loss makes of it, it makes of real ones.
      y: y.map((array, i) => (lengths[i] === undefined ? array : longer(array, 'last'))),
      weights: weights.map((array, i) => (isStepwise(array, i) ? longer(array, 0) : array)),
    }
  }
}

/** The first steps of each sequence. */
export async function shortened(output: Tensor, length: number): Promise<Tensor> {
  const { shape, dtype } = output
  const [samples = 0, steps = 0, ...features] = shape
  const width = sizeOf(features)
  const [from, to] = [await output.data(), typedArray(dtype, samples * length * width)]
  for (let i = 0; i < samples; i++) {
    const start = i * steps * width
    set(to, from.subarray(start, start + length * width) as TypedArray, i * length * width)
  }
  return fromData(to, [samples, length, ...features], dtype)
}

/** An array (batch, time, …) with more steps, of which each element is `fill`, or those of the last step again. */
function longer({ data, shape, dtype }: HostArray, fill: number | 'last'): HostArray {
  const [samples = 0, steps = 0, ...features] = shape
  const width = sizeOf(features)
  const length = bucketOf(steps)
  const [row, long] = [steps * width, length * width]
  const to = typedArray(dtype, samples * long)
  if (fill !== 'last' && fill !== 0) fillWith(to, fill)
  for (let i = 0; i < samples; i++) {
    set(to, data.subarray(i * row, (i + 1) * row) as TypedArray, i * long)
    if (fill !== 'last') continue
    const last = data.subarray((i + 1) * row - width, (i + 1) * row) as TypedArray
    for (let step = steps; step < length; step++) set(to, last, i * long + step * width)
  }
  return { data: to, shape: [samples, length, ...features], dtype }
}

/** Whether an input can have the value, and the steps count that have to: those with another value in a feature. */
function isFitting(array: HostArray | undefined, fill: number, counted: LengthPlan['counted']): boolean {
  if (array === undefined || !canHold(array, fill)) return false
  if (counted === 'any') return true
  const { data, shape } = array
  const [samples = 0, steps = 0, ...features] = shape
  const width = sizeOf(features)
  const masked = Math.fround(fill)
  const counts = (step: number): boolean => {
    for (let i = step * width; i < (step + 1) * width; i++)
      if (Math.fround(Number(data[i])) !== masked) return true
    return false
  }
  for (let step = 0; step < samples * steps; step += counted === 'first' ? steps : 1)
    if (!counts(step)) return false
  return true
}

function canHold({ dtype }: HostArray, fill: number): boolean {
  const one = typedArray(dtype, 1)
  fillWith(one, fill)
  return Math.fround(Number(one[0])) === Math.fround(fill)
}

function fillWith(array: TypedArray, value: number): void {
  if (!(array instanceof BigInt64Array)) array.fill(value)
  else if (Number.isInteger(value)) array.fill(BigInt(value))
}

/** Both are of one dtype. */
const set = (to: TypedArray, from: TypedArray, at: number): void =>
  (to as Float32Array).set(from as Float32Array, at)
