import { optimizers } from 'typegrad'
import {
  type CompiledFunction,
  compile,
  hostRandom,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
} from 'typegrad/core'

/** Rows that go into a step. */
export interface Batches {
  readonly rows: number
  readonly batch: number
  /** The tensors that a step takes, of the rows at `order[start]` to `order[start + batch − 1]`. */
  readonly inputs: (rows: Uint32Array) => readonly Tensor[]
}

export interface LoopOptions {
  readonly weights: readonly Variable[]
  readonly batches: Batches
  readonly loss: (inputs: readonly Tensor[]) => Tensor
  readonly learningRate: number
  /** Passes over the rows at most; without {@link LoopOptions.watch} that many. */
  readonly epochs: number
  /** What watched rows say after a pass: the less the better. */
  readonly watch?: () => Promise<number>
  /** Passes without a better value after which it ends. */
  readonly patience: number
  readonly seed: number
  readonly deadline: number
  readonly signal: AbortSignal | undefined
  /** Ends it with the best so far, as the deadline does. */
  readonly stop: AbortSignal | undefined
}

/** A step of training: Adam on the gradient of the mean loss. Gives the loss. */
export function trainingStep(
  weights: readonly Variable[],
  loss: (inputs: readonly Tensor[]) => Tensor,
  learningRate: number,
): CompiledFunction<readonly [readonly Tensor[]], Tensor> {
  const optimizer = optimizers.adam({ learningRate })
  return compile((inputs: readonly Tensor[]) => {
    const { value, grads } = valueAndGrad(() => loss(inputs), weights)
    optimizer.apply(grads, weights)
    return value
  })
}

/**
 * Passes over the rows in an order that is drawn anew for each, until watched rows say that it gets no better. The weights are then what
 * they were after the best pass.
 *
 * @returns the best pass, from 1 on; 0 where the time was over before there was one, or, with nothing that is watched, before all passes
 * were made.
 */
export async function trainingLoop(options: LoopOptions): Promise<number> {
  const { weights, batches, loss, learningRate, epochs, watch, patience, seed, deadline, signal, stop } =
    options
  const isOver = (): boolean => stop?.aborted === true || performance.now() > deadline
  const step = trainingStep(weights, loss, learningRate)
  const stream = shuffledRows(batches.rows, seed)
  const steps = Math.max(1, Math.round(batches.rows / batches.batch))
  let best = { value: Number.POSITIVE_INFINITY, epoch: 0, weights: [] as readonly Tensor[] }
  let epoch = 0
  passes: while (epoch < epochs) {
    for (let i = 0; i < steps; i++) {
      signal?.throwIfAborted()
      if (isOver()) break passes
      await step(batches.inputs(stream(batches.batch)))
    }
    epoch += 1
    if (watch === undefined) continue
    const value = await watch()
    if (value < best.value) best = { value, epoch, weights: weights.map((weight) => weight.value as Tensor) }
    else if (epoch - best.epoch >= patience) break
  }
  if (watch === undefined) return epoch < epochs ? 0 : epoch
  if (best.epoch === 0) return 0
  for (const [i, weight] of weights.entries()) weight.assign(best.weights[i] as Tensor)
  return best.epoch
}

/** Gives rows, as many as are asked for: each of them once before any comes again. */
export function shuffledRows(rows: number, seed: number): (count: number) => Uint32Array {
  const below = hostRandom(seed, 0x0bd3)
  const order = Uint32Array.from({ length: rows }, (_, row) => row)
  let left = 0
  return (count) =>
    Uint32Array.from({ length: count }, () => {
      if (left === 0) left = rows
      const drawn = below(left)
      left -= 1
      const row = order[drawn] as number
      order[drawn] = order[left] as number
      order[left] = row
      return row
    })
}

/** Places as a tensor: int32 (rows). */
export const placesOf = (places: Int32Array): Tensor => tensor(places, { dtype: 'int32' }) as Tensor

/** Places of rows as a tensor: int32 (rows). */
export const placesAt = (places: Int32Array, rows: Uint32Array): Tensor =>
  placesOf(Int32Array.from(rows, (row) => places[row] as number))

/** Numbers of rows as a tensor: float32 (rows). */
export const numbersAt = (values: Float64Array, rows: Uint32Array): Tensor =>
  tensor(Float32Array.from(rows, (row) => values[row] as number)) as Tensor
