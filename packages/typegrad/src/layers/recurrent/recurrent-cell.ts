import type { DType } from '../../base/dtype.ts'
import { ArgumentError } from '../../base/errors.ts'
import { number, optionsOf } from '../../base/options.ts'
import type { Shape } from '../../base/shape.ts'
import { bernoulli } from '../../random/index.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CallContext, Layer } from '../base/layer.ts'
import { formatSymbolicShape, type SymbolicShape } from '../base/symbolic.ts'

/** What a step of a recurrent network gives. */
export interface CellStep<States extends readonly Tensor[] = readonly Tensor[]> {
  /** (batch, outputSize); where a step is an image, (batch, …outputShape). */
  readonly output: Tensor
  /** As many and of the sizes as the cell's stateSizes. */
  readonly states: States
}

/**
 * A cell in use on one batch of sequences. What it has drawn at random (dropout's masks) is the same in all
 * steps, as Gal and Ghahramani 2016 ask, https://arxiv.org/abs/1512.05287.
 */
export interface RunningCell<States extends readonly Tensor[] = readonly Tensor[]> {
  /** What does not depend on the states: (…, features) → (…, projected), for all steps at once. */
  readonly project: (x: Tensor) => Tensor
  /** One step, from its projected input and the states that the step before has left. */
  step(projected: Tensor, states: States): CellStep<States>
}

/** Size and dtype of the batch that a cell runs on. */
export interface CellBatch {
  readonly size: number
  /** Size of the last dimension of a step's input. */
  readonly features: number
  /** Shape of a step's input, without the batch: [features], unless a step is an image or the like. */
  readonly shape: Shape
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
 *   start(): RunningCell<[Tensor]> {
 *     return {
 *       project: (x) => x.matmul(this.kernel.value),
 *       step: (z, [h]) => ({ output: z.add(h), states: [z.add(h)] }),
 *     }
 *   }
 * }
 */
export abstract class RecurrentCell extends Layer<readonly Tensor[], readonly [Tensor, ...Tensor[]]> {
  /** Number of features of each state. */
  abstract readonly stateSizes: readonly number[]

  /** Number of features of the output. */
  get outputSize(): number {
    return this.stateSizes[0] as number
  }

  /** Number of dimensions of a step's input, without the batch: 1, features. */
  get stepRank(): number {
    return 1
  }

  /** Shapes of the states, for a step's input of a shape; all without the batch. */
  stateShapes(_step: Shape): readonly Shape[] {
    return this.stateSizes.map((size) => [size])
  }

  /** Shape of the output, for a step's input of a shape; both without the batch. */
  outputShape(_step: Shape): Shape {
    return [this.outputSize]
  }

  /** Which state the output was in the step before: what a masked step shows, also before the first step. */
  get outputState(): number {
    return 0
  }

  /** Creates the weights for steps of so many features, or of such a shape (without the batch). */
  abstract buildCell(features: number, step: Shape): void

  /** Begins a batch: draws the masks and reads the weights. */
  abstract start(batch: CellBatch, context: CallContext): RunningCell

  /** Takes the shape of a step's input, by itself or in front of those of the states. */
  override build(inputShapes: readonly SymbolicShape[]): void {
    const first = (Array.isArray(inputShapes[0]) ? inputShapes[0] : inputShapes) as SymbolicShape
    const step = first.slice(1)
    const features = step.at(-1)
    if (typeof features !== 'number' || step.includes(null)) {
      throw new ArgumentError({
        where: this.className,
        expected: `a known ${step.length > 1 ? 'shape of a step' : 'number of features'}`,
        received: `shape ${formatSymbolicShape(first)}`,
        fix: 'Give the model an inputShape.',
      })
    }
    this.buildCell(features, step as Shape)
  }

  call([x, ...states]: readonly Tensor[], context: CallContext): readonly [Tensor, ...Tensor[]] {
    const input = x as Tensor
    const [size, ...shape] = input.shape as readonly [number, ...number[]]
    const features = shape.at(-1) as number
    const running = this.start({ size, features, shape, dtype: input.dtype }, context)
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

export const recurrentDropoutChecks = optionsOf<RecurrentDropoutOptions>()({
  dropout: number,
  recurrentDropout: number,
  seed: number,
})

/** @throws ArgumentError for a rate that is none. */
export function checkRate(where: string, rate: number): void {
  if (rate >= 0 && rate < 1) return
  throw new ArgumentError({ where, expected: 'a rate from 0 up to and without 1', received: String(rate) })
}

/** Multiplies with one mask of shape (batch, …shape), drawn here; nothing to do outside of training. */
export function sequenceDropout(
  { size, dtype }: CellBatch,
  shape: Shape,
  rate: number,
  { training }: CallContext,
  seed?: number,
): (x: Tensor) => Tensor {
  if (!training || rate === 0) return (x) => x
  const kept = bernoulli([size, ...shape], { probability: 1 - rate, seed, dtype }) as Tensor
  const mask = kept.mul(1 / (1 - rate))
  return (x) => x.mul(mask)
}
