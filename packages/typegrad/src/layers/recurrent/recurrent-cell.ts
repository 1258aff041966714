import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { bernoulli } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer } from '../layer.ts'

/** What a step of a recurrent network gives. */
export interface CellStep {
  /** (batch, outputSize) */
  readonly output: Tensor
  /** As many and of the sizes as the cell's stateSizes. */
  readonly states: readonly Tensor[]
}

/**
 * A cell in use on one batch of sequences. What it has drawn at random (dropout's masks) is the same in all
 * steps, as Gal and Ghahramani 2016 ask, https://arxiv.org/abs/1512.05287.
 */
export interface RunningCell {
  /** What does not depend on the states: (…, features) → (…, projected), for all steps at once. */
  readonly project: (x: Tensor) => Tensor
  /** One step, from its projected input and the states that the step before has left. */
  readonly step: (projected: Tensor, states: readonly Tensor[]) => CellStep
}

/** Size and dtype of the batch that a cell runs on. */
export interface CellBatch {
  readonly size: number
  /** Size of the last dimension of a step's input. */
  readonly features: number
  readonly dtype: DType
}

/**
 * One step of a recurrent network, to be repeated by {@link rnn}. Called as a layer it takes the list of a
 * step's input (batch, features) and its states, and gives the list of the output and the new states.
 *
 * @example
 * class MinimalCell extends RecurrentCell {
 *   readonly className = 'MinimalCell'
 *   readonly stateSizes = [8]
 *   kernel!: Variable
 *   buildCell(features: number) {
 *     this.kernel = this.addWeight({ name: 'kernel', shape: [features, 8] })
 *   }
 *   start(): RunningCell {
 *     return {
 *       project: (x) => x.matmul(this.kernel.value as Tensor),
 *       step: (z, [h]) => ({ output: z.add(h!), states: [z.add(h!)] }),
 *     }
 *   }
 * }
 */
export abstract class RecurrentCell extends Layer<readonly Tensor[]> {
  /** Size of the last dimension of each state. */
  abstract readonly stateSizes: readonly number[]

  /** Size of the last dimension of the output. */
  get outputSize(): number {
    return this.stateSizes[0] as number
  }

  /** Which state the output was in the step before: what a masked step shows, also before the first step. */
  get outputState(): number {
    return 0
  }

  /** Creates the weights for steps of so many features. */
  abstract buildCell(features: number): void

  /** Begins a batch: draws the masks and reads the weights. */
  abstract start(batch: CellBatch, context: CallContext): RunningCell

  /** Takes the shape of a step's input, by itself or in front of those of the states. */
  override build(inputShapes: readonly (readonly (number | null)[])[]): void {
    const first = (Array.isArray(inputShapes[0]) ? inputShapes[0] : inputShapes) as readonly (number | null)[]
    const features = first.at(-1)
    if (typeof features !== 'number') {
      throw new ArgumentError({
        where: this.className,
        expected: 'a known number of features',
        received: `shape [${first.map((d) => d ?? '?').join(', ')}]`,
        fix: 'Give the model an inputShape.',
      })
    }
    this.buildCell(features)
  }

  call([x, ...states]: readonly Tensor[], context: CallContext): readonly Tensor[] {
    const input = x as Tensor
    const [size, features] = input.shape as readonly [number, number]
    const running = this.start({ size, features, dtype: input.dtype }, context)
    const { output, states: next } = running.step(running.project(input), states)
    return [output, ...next]
  }
}

/** Options of dropout inside of a recurrent layer. */
export interface RecurrentDropoutOptions {
  /** Share of the input's features to drop in training, the same ones in all steps. Default 0. */
  readonly dropout?: number
  /** Share of the state's units to drop in training, the same ones in all steps. Default 0. */
  readonly recurrentDropout?: number
  /** Makes the masks independent of the draws of other layers. Default: each layer draws its own. */
  readonly seed?: number
}

/** @throws ArgumentError for a rate that is none. */
export function checkRate(where: string, rate: number): void {
  if (rate >= 0 && rate < 1) return
  throw new ArgumentError({ where, expected: 'a rate from 0 up to and without 1', received: String(rate) })
}

/** Multiplies with one mask of shape (batch, size), drawn here; nothing to do outside of training. */
export function sequenceDropout(
  { size, dtype }: CellBatch,
  width: number,
  rate: number,
  { training }: CallContext,
  seed?: number,
): (x: Tensor) => Tensor {
  if (!training || rate === 0) return (x) => x
  const kept = bernoulli([size, width], { probability: 1 - rate, seed, dtype }) as Tensor
  const mask = kept.mul(1 / (1 - rate))
  return (x) => x.mul(mask)
}
