import { ArgumentError } from '../base/errors.ts'
import type { Configurable } from '../base/serialization.ts'
import { toFloating } from '../ops/apply.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * A learning rate that follows from the number of steps made so far.
 *
 * @example
 * class Halving extends LearningRateSchedule {
 *   readonly className = 'Halving'
 *   call(step: Tensor) { return full([], 0.5).pow(step.mul(1 / 1000)) }
 *   getConfig() { return {} }
 * }
 */
export abstract class LearningRateSchedule implements Configurable {
  /** The class's name in saved configurations; Keras's where Keras has the schedule. */
  abstract readonly className: string

  /** The learning rate of a step (a float scalar, counted from 0). Traced. */
  abstract call(step: Tensor): Tensor

  /** What makes the schedule again with these options; JSON. */
  abstract getConfig(): Record<string, unknown>

  /** The learning rate of a step: of any number tensor. */
  at(step: Tensor): Tensor {
    return this.call(toFloating(step))
  }
}

/** @throws ArgumentError unless the number of steps is positive. */
export function checkSteps(where: string, option: string, steps: number): void {
  if (steps > 0) return
  throw new ArgumentError({ where, expected: `${option} above 0`, received: String(steps) })
}
